//! Pieces that stay as they are whatever the reader takes.

/// Pieces that are not fitted to the reader, which a bench compares with.
#[derive(Debug, Clone, Copy)]
pub struct FixedPieces {
    /// Longest packet, bytes.
    pub packet_bytes: usize,
    /// Requests on their way at once.
    pub width: usize,
}
