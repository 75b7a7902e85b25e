//! A link that carries whole datagrams.

use async_trait::async_trait;

use crate::LinkError;

/// A way that carries whole datagrams, any of which may be lost.
#[async_trait]
pub trait Datagram: Send + Sync + std::fmt::Debug {
    /// Sends one datagram.
    async fn send(&self, datagram: &[u8]) -> Result<(), LinkError>;
    /// Waits for the next datagram. Cancelling loses nothing that has not arrived.
    async fn receive(&self, buffer: &mut [u8]) -> Result<usize, LinkError>;
    /// Largest datagram that is surely carried, bytes.
    fn largest_bytes(&self) -> usize;
}
