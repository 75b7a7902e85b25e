//! A link that carries whole datagrams.

use std::time::Duration;

use async_trait::async_trait;

use crate::LinkError;

/// A way that carries whole datagrams, any of which may be lost.
#[async_trait]
pub trait Datagram: Send + Sync + std::fmt::Debug {
    /// Sends one datagram.
    async fn send(&self, datagram: &[u8]) -> Result<(), LinkError>;
    /// Waits for the next datagram. Cancelling loses nothing that has not arrived.
    async fn receive(&self, buffer: &mut [u8]) -> Result<usize, LinkError>;
    /// Sends a datagram that the peer did not answer once more, and returns the address of whoever answers within this
    /// time, if that is another one. What it says is not read.
    async fn answers_elsewhere(&self, _datagram: &[u8], _within: Duration) -> Option<String> {
        None
    }
    /// Largest datagram that is surely carried, bytes.
    fn largest_bytes(&self) -> usize;
}
