//! An open way to a reader.

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::LinkError;

/// A way that carries a stream of bytes: a serial port, a USB CDC port, a pipe.
/// A read of zero bytes means that the other end is gone.
pub trait StreamLink: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug> StreamLink for T {}

/// A way that carries whole datagrams, any of which may be lost.
#[async_trait]
pub trait DatagramLink: Send + Sync + std::fmt::Debug {
    /// Sends one datagram.
    async fn send(&self, datagram: &[u8]) -> Result<(), LinkError>;
    /// Waits for the next datagram. Cancelling loses nothing that has not arrived.
    async fn receive(&self, buffer: &mut [u8]) -> Result<usize, LinkError>;
    /// Largest datagram that is surely carried, bytes.
    fn largest_bytes(&self) -> usize;
}

/// An open way to a reader. Dropping it closes it.
#[derive(Debug)]
pub enum Link {
    /// A stream of bytes.
    Stream(Box<dyn StreamLink>),
    /// Datagrams.
    Datagram(Box<dyn DatagramLink>),
}
