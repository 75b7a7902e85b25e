//! What a request can do to the connection it came on.

use std::convert::Infallible;

use tokio_util::sync::CancellationToken;

/// The cord of one connection: whoever pulls it resets the connection.
#[derive(Debug, Clone)]
pub(super) struct Line(CancellationToken);

impl Line {
    pub(super) const fn new(cord: CancellationToken) -> Self {
        Self(cord)
    }

    /// Resets the connection. Never returns: the request goes with its connection.
    pub(super) async fn cut(&self) -> Infallible {
        self.0.cancel();
        std::future::pending().await
    }
}
