//! Work that may block, on a thread for it and within a time.

use std::time::Duration;

use crate::LinkError;
use crate::timing::OPEN_DEADLINE;

/// Runs what may block on a thread for that, within the time a link may take to open.
pub(crate) async fn blocking<T: Send + 'static>(
    place: impl Fn() -> String,
    work: impl FnOnce() -> Result<T, LinkError> + Send + 'static,
) -> Result<T, LinkError> {
    within(OPEN_DEADLINE, place, work).await
}

/// The same within another time. What a dead device holds up longer is left to itself.
pub(crate) async fn within<T: Send + 'static>(
    deadline: Duration,
    place: impl Fn() -> String,
    work: impl FnOnce() -> Result<T, LinkError> + Send + 'static,
) -> Result<T, LinkError> {
    match tokio::time::timeout(deadline, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(result)) => result,
        Ok(Err(stopped)) => Err(LinkError::Io {
            place: place(),
            source: std::io::Error::other(stopped),
        }),
        Err(_) => Err(LinkError::Timeout { place: place() }),
    }
}
