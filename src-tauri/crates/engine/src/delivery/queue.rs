//! One job at a time at each place, in this process and across processes.

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

/// The queues of this process.
#[derive(Debug, Default)]
pub(super) struct Queues {
    places: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// The turn of one job at its place. Dropping it lets the next one go.
#[derive(Debug)]
pub(super) struct Turn {
    _here: OwnedMutexGuard<()>,
    _everywhere: lock::Held,
}

impl Queues {
    /// Waits for the turn at a place, first come first served within this process. A real place is
    /// one for all homes of this computer; a simulated one belongs to its home.
    ///
    /// `None` when `stop` was set meanwhile.
    pub(super) async fn turn(
        &self,
        home: &Home,
        place: &str,
        simulated: bool,
        stop: &CancellationToken,
    ) -> Result<Option<Turn>, Diagnosis> {
        let queue = Arc::clone(
            self.places
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(place.to_owned())
                .or_default(),
        );
        let here = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(None),
            here = queue.lock_owned() => here,
        };
        loop {
            if stop.is_cancelled() {
                return Ok(None);
            }
            match lock::try_place(home, place, simulated) {
                Ok(Some(everywhere)) => {
                    return Ok(Some(Turn {
                        _here: here,
                        _everywhere: everywhere,
                    }));
                }
                Ok(None) => {}
                Err(error) => return Err(home.not_writable(&error)),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = "pelion:demo";

    #[tokio::test]
    async fn the_second_job_at_a_place_waits_for_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let (queues, stop) = (Queues::default(), CancellationToken::new());
        let first = queues
            .turn(&home, DEMO, true, &stop)
            .await
            .unwrap()
            .unwrap();
        let mut second = std::pin::pin!(queues.turn(&home, DEMO, true, &stop));
        assert!(futures_poll(second.as_mut()).await.is_none(), "two at once");
        drop(first);
        assert!(second.await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_waiting_job_can_be_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let other_process = lock::try_place(&home, DEMO, true).unwrap();
        let (queues, stop) = (Queues::default(), CancellationToken::new());
        stop.cancel();
        let turn = queues.turn(&home, DEMO, true, &stop).await;
        assert!(turn.unwrap().is_none());
        drop(other_process);
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
