//! Threads of Bluetooth's own, on which its driver runs.
//!
//! The driver may panic where it does no harm: `bluez-async` 0.9 forgets a subscription twice when a signal
//! arrives at the wrong moment. A panic here is the failure of one request, never of the program.

use std::panic;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::LinkError;

/// What the threads are called.
const NAME: &str = "bluetooth";

/// Lives as long as the program: connections are given up on it after everything else ended.
static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

/// The threads.
pub(super) fn threads() -> Result<Handle, LinkError> {
    let started = RUNTIME.get_or_init(|| {
        let mut threads = Builder::new_multi_thread();
        let threads = threads.worker_threads(1).thread_name(NAME).enable_all();
        let started = threads.build().ok();
        if started.is_some() {
            be_silent();
        }
        started
    });
    let runtime = started.as_ref().ok_or_else(|| LinkError::Io {
        place: "Bluetooth".into(),
        source: std::io::Error::other("the system gives no thread for it"),
    })?;
    Ok(runtime.handle().clone())
}

/// A panic of these threads is an error of whoever asked, who reports it; nothing is printed.
fn be_silent() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        if std::thread::current().name() != Some(NAME) {
            before(what);
        }
    }));
}

/// Does something there within a time. What takes longer, or is not waited for any more, is broken off.
pub(super) async fn within<T: Send + 'static>(
    deadline: Duration,
    place: &str,
    work: impl Future<Output = Result<T, LinkError>> + Send + 'static,
) -> Result<T, LinkError> {
    let task = AbortOnDrop(threads()?.spawn(work));
    let place = || place.to_owned();
    match tokio::time::timeout(deadline, task.ended()).await {
        Ok(Ok(result)) => result,
        Ok(Err(stopped)) => Err(LinkError::Io {
            place: place(),
            source: std::io::Error::other(format!("the Bluetooth driver stopped: {stopped}")),
        }),
        Err(_) => Err(LinkError::Timeout { place: place() }),
    }
}

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> AbortOnDrop<T> {
    async fn ended(mut self) -> Result<T, tokio::task::JoinError> {
        (&mut self.0).await
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_driver_that_panics_fails_one_request_and_no_other() {
        let second = Duration::from_secs(1);
        #[expect(clippy::panic, reason = "what the driver does")]
        let work = async { panic!("No match with that id found") };
        let failed: Result<(), _> = within(second, "ble:x", work).await;
        assert!(matches!(failed, Err(LinkError::Io { .. })), "{failed:?}");
        let fine = within(second, "ble:x", async { Ok(7) }).await;
        assert_eq!(fine.ok(), Some(7));
    }

    #[tokio::test]
    async fn what_takes_too_long_is_a_timeout() {
        let never = std::future::pending::<Result<(), LinkError>>();
        let ended = within(Duration::from_millis(1), "ble:x", never).await;
        assert!(matches!(ended, Err(LinkError::Timeout { .. })), "{ended:?}");
    }
}
