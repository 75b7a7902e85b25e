//! The interfaces that this program has itself.
//!
//! The system says only that some program has one. Its own open files tell nothing: each look opens the device.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Bus, address and interface.
type Key = (u8, u8, u8);

/// The interfaces of this program. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub(super) struct Claims(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    list: Mutex<BTreeMap<Key, usize>>,
    /// Notified when a claim ends.
    ended: Notify,
}

/// One claimed interface, until it is dropped.
#[derive(Debug)]
pub(super) struct OwnClaim {
    claims: Claims,
    key: Key,
}

impl Claims {
    fn list(&self) -> MutexGuard<'_, BTreeMap<Key, usize>> {
        self.0.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down that this program has an interface.
    pub(super) fn claim(&self, (bus, address): (u8, u8), interface: u8) -> OwnClaim {
        let key = (bus, address, interface);
        *self.list().entry(key).or_default() += 1;
        OwnClaim {
            claims: self.clone(),
            key,
        }
    }

    /// Whether this program has it.
    pub(super) fn has(&self, (bus, address): (u8, u8), interface: u8) -> bool {
        self.list().contains_key(&(bus, address, interface))
    }

    /// Waits until this program does not have it any more. A link that was dropped gives it back from its own thread.
    pub(super) async fn ended(&self, node: (u8, u8), interface: u8) {
        loop {
            let mut ended = std::pin::pin!(self.0.ended.notified());
            ended.as_mut().enable();
            if !self.has(node, interface) {
                return;
            }
            ended.await;
        }
    }
}

impl OwnClaim {
    /// Number of the interface.
    pub(super) fn interface(&self) -> u8 {
        self.key.2
    }
}

impl Drop for OwnClaim {
    fn drop(&mut self) {
        let mut list = self.claims.list();
        if let Some(count) = list.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                list.remove(&self.key);
            }
        }
        drop(list);
        self.claims.0.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_is_this_programs_until_the_last_claim_of_it_ends() {
        let claims = Claims::default();
        let (one, other) = (claims.claim((1, 7), 0), claims.claim((1, 7), 0));
        assert!(!claims.has((1, 7), 1) && !claims.has((1, 8), 0));
        drop(one);
        assert!(claims.has((1, 7), 0));
        drop(other);
        assert!(!claims.has((1, 7), 0));
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_a_claim_on_another_thread_is_noticed() {
        let claims = Claims::default();
        let (one, other) = (claims.claim((1, 7), 0), claims.claim((1, 7), 0));
        let second = std::time::Duration::from_secs(1);
        let ended = || tokio::time::timeout(second, claims.ended((1, 7), 0));
        drop(one);
        assert!(ended().await.is_err());
        let waiting = ended();
        let ending = async move { drop(other) };
        let (waited, ()) = tokio::join!(waiting, ending);
        assert!(waited.is_ok());
    }
}
