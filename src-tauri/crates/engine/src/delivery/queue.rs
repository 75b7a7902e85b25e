//! One job at a time for each place, in this process and across processes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use firmdrop_core::Diagnosis;
use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;

use crate::{Home, lock};

/// How often another process's lock is looked at. Systems offer no way to wait for a file lock and
/// be cancelled meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// How long a look at a lock may take that holds it meanwhile.
pub(super) const GLANCE: Duration = Duration::from_millis(20);

/// The queues of this process.
#[derive(Debug, Default)]
pub(super) struct Queues {
    places: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// The place that a job wants to itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlaceRequest<'a> {
    pub(super) home: &'a Home,
    pub(super) keys: &'a [String],
    pub(super) simulated: bool,
}

/// The turn of one job at its place. Dropping it lets the next one go.
#[derive(Debug)]
pub(crate) struct Turn {
    _keys: Vec<(OwnedMutexGuard<()>, lock::Held)>,
}

impl Queues {
    /// Waits for the turn at a place, first come first served within this process. Takes its keys in
    /// their order, so that two jobs never wait for each other. A real place is one for all homes of
    /// this computer; a simulated one belongs to its home.
    ///
    /// `None` when `stop` was set meanwhile. `waits` is called once when another process is there.
    pub(super) async fn turn(
        &self,
        place: &PlaceRequest<'_>,
        stop: &CancellationToken,
        waits: impl Fn(),
    ) -> Result<Option<Turn>, Diagnosis> {
        let mut keys = Vec::new();
        for key in place.keys {
            match self.key(place, key, stop, &waits).await? {
                Some(held) => keys.push(held),
                None => return Ok(None),
            }
        }
        Ok(Some(Turn { _keys: keys }))
    }

    /// The turn at a place that nobody has and nobody waits for; `None` otherwise.
    pub(super) fn try_turn(&self, place: &PlaceRequest<'_>) -> Result<Option<Turn>, Diagnosis> {
        let mut keys = Vec::new();
        for key in place.keys {
            let Ok(here) = self.queue(key).try_lock_owned() else {
                return Ok(None);
            };
            let everywhere = lock::try_place(place.home, key, place.simulated);
            let Some(everywhere) = everywhere.map_err(|error| place.home.not_writable(&error))?
            else {
                return Ok(None);
            };
            keys.push((here, everywhere));
        }
        Ok(Some(Turn { _keys: keys }))
    }

    fn queue(&self, key: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(key.to_owned()).or_default())
    }

    async fn key(
        &self,
        place: &PlaceRequest<'_>,
        key: &str,
        stop: &CancellationToken,
        waits: &impl Fn(),
    ) -> Result<Option<(OwnedMutexGuard<()>, lock::Held)>, Diagnosis> {
        let queue = self.queue(key);
        let here = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(None),
            here = queue.lock_owned() => here,
        };
        let mut looks = 0;
        loop {
            if stop.is_cancelled() {
                return Ok(None);
            }
            match lock::try_place(place.home, key, place.simulated) {
                Ok(Some(everywhere)) => return Ok(Some((here, everywhere))),
                Ok(None) if looks == 1 => waits(),
                Ok(None) => {}
                Err(error) => return Err(place.home.not_writable(&error)),
            }
            // Somebody may just have looked whether the lock is held, which takes it for a moment.
            let pause = if looks == 0 { GLANCE } else { LOOK_AGAIN };
            looks += 1;
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = "cloud demo";

    fn demo() -> Vec<String> {
        vec![DEMO.to_owned()]
    }

    fn wanted<'a>(home: &'a Home, keys: &'a [String]) -> PlaceRequest<'a> {
        PlaceRequest {
            home,
            keys,
            simulated: true,
        }
    }

    #[tokio::test]
    async fn the_second_job_of_a_place_waits_for_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let (queues, stop) = (Queues::default(), CancellationToken::new());
        let first = queues
            .turn(&wanted(&home, &demo()), &stop, || {})
            .await
            .unwrap()
            .unwrap();
        let keys = demo();
        let place = wanted(&home, &keys);
        let mut second = std::pin::pin!(queues.turn(&place, &stop, || {}));
        assert!(futures_poll(second.as_mut()).await.is_none(), "two at once");
        drop(first);
        assert!(second.await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_place_that_a_job_has_is_not_held_for_anything_else() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let (queues, stop) = (Queues::default(), CancellationToken::new());
        let keys = demo();
        let place = wanted(&home, &keys);
        let job = queues.turn(&place, &stop, || {}).await.unwrap();
        assert!(queues.try_turn(&place).unwrap().is_none());
        drop(job);
        let held = queues.try_turn(&place).unwrap();
        assert!(held.is_some());
        let mut job = std::pin::pin!(queues.turn(&place, &stop, || {}));
        assert!(futures_poll(job.as_mut()).await.is_none(), "two at once");
        drop(held);
        assert!(job.await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_waiting_job_can_be_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let other_process = lock::try_place(&home, DEMO, true).unwrap();
        let (queues, stop) = (Queues::default(), CancellationToken::new());
        stop.cancel();
        assert!(
            queues
                .turn(&wanted(&home, &demo()), &stop, || {})
                .await
                .unwrap()
                .is_none()
        );
        drop(other_process);
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_waits_for_another_process_says_so_once() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let other_process = std::cell::Cell::new(lock::try_place(&home, DEMO, true).unwrap());
        let (queues, stop) = (Queues::default(), CancellationToken::new());
        let said = std::cell::Cell::new(0);
        let keys = demo();
        let place = wanted(&home, &keys);
        let turn = queues.turn(&place, &stop, || said.set(said.get() + 1));
        let mut turn = std::pin::pin!(turn);
        for _ in 0..3 {
            assert!(futures_poll(turn.as_mut()).await.is_none());
            tokio::time::advance(LOOK_AGAIN).await;
        }
        drop(other_process.take());
        assert!(turn.await.unwrap().is_some());
        assert_eq!(said.get(), 1);
    }

    /// Polls once and answers what came of it.
    async fn futures_poll<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(match future.as_mut().poll(context) {
                std::task::Poll::Ready(value) => Some(value),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }
}
