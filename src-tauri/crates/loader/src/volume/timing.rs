//! Every time the loader for drives waits for something, and every size.

use std::time::Duration;

/// How long is waited for what. A test sets shorter ones; the default is for real bootloaders.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// How long a UF2 drive that took the last block may stay. UF2 bootloaders write each block as it
    /// arrives and restart within a second; a large erase block of external flash adds some.
    pub uf2_leaves: Duration,
    /// How long a UF2 drive that left may take to come back. Most start the application and stay away; a USB
    /// device that does come back is listed and mounted within 5 s.
    pub uf2_returns: Duration,
    /// How long a `DAPLink` drive may stay: 20 s until it gives up a transfer
    /// (`DISCONNECT_DELAY_TRANSFER_TIMEOUT_MS` in its `vfs_manager.c`) and the writing of the last bytes.
    pub daplink_leaves: Duration,
    /// How long it may be away: 2.5 s (`RECONNECT_DELAY_MS`, the same file), and until the system, or its
    /// user, mounted it.
    pub daplink_returns: Duration,
    /// Pause between two looks. A drive that comes back is away for more than a second.
    pub poll_every: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            uf2_leaves: Duration::from_secs(10),
            uf2_returns: Duration::from_secs(10),
            daplink_leaves: Duration::from_secs(30),
            daplink_returns: Duration::from_secs(30),
            poll_every: Duration::from_millis(250),
        }
    }
}

/// Bytes that are written at once. Each piece is on the drive before the next is written.
pub(super) const PIECE_BYTES: u64 = 16 * 1024;
/// The last piece. A drive that leaves while it takes it has everything before it: a UF2 block, *UF2 File
/// Format*, and a sector of the file systems that `DAPLink` shows.
pub(super) const LAST_BYTES: u64 = 512;
/// Bytes of a file that are searched for blocks at once: whole blocks.
pub(super) const SCANNED_BYTES: u64 = 64 * 1024;
/// Bytes of `CURRENT.UF2` that are compared at once: whole blocks.
pub(super) const COMPARED_BLOCKS: usize = 64;
/// Bytes of a text file that are read.
pub(super) const TEXT_BYTES: usize = 64 * 1024;
/// Characters of a text that are shown.
pub(super) const SHOWN_CHARACTERS: usize = 300;
