//! A link that carries a stream of bytes.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::LineControl;

/// A way that carries a stream of bytes: a serial port, a USB CDC port, a pipe.
/// A read of zero bytes means that the other end is gone. Dropping it waits for nothing: bytes that are not on a line by
/// then are dropped, unless [`LineControl::sent`] was awaited since they were written.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug {
    /// The line's settings and control signals; `None` for a stream that has no line, such as a pipe.
    fn line(&mut self) -> Option<&mut dyn LineControl> {
        None
    }
}

impl Stream for tokio::io::DuplexStream {}
