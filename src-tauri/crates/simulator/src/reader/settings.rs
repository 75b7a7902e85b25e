//! What kind of reader it is: buffers, flash, bootloader, line.
//!
//! How it misbehaves is said in `fault`.

use std::time::Duration;

use super::Recovery;

/// A reader's make. The default is an nRF52 class device with Zephyr's default buffers and no
/// noticeable flash time, so that tests are quick.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What a person calls it; the demo's list shows it.
    pub name: String,
    /// Size of one request it can take, bytes. Zephyr, `CONFIG_MCUMGR_TRANSPORT_NETBUF_SIZE`: 384.
    pub buffer_bytes: usize,
    /// Requests it can hold. Zephyr, `CONFIG_MCUMGR_TRANSPORT_NETBUF_COUNT`: 4.
    pub buffers: usize,
    /// Time to write one byte of flash. nRF52832: 41 µs for a word of four bytes.
    pub flash_per_byte: Duration,
    /// Time to erase the second slot before the first byte is written.
    pub erase: Duration,
    /// Time from the restart until it answers again.
    pub restart: Duration,
    /// Largest image a slot takes, bytes.
    pub slot_bytes: usize,
    /// It waits in `MCUboot`'s serial recovery until it is started anew, which writes the first slot.
    pub recovery: Option<Recovery>,
    /// Its application lists only the flags that are set and knows nothing of its bootloader: Zephyr,
    /// `CONFIG_MCUMGR_GRP_IMG_FRUGAL_LIST`.
    pub frugal: bool,
    /// Images it holds, each in two slots: one for each core, for example.
    pub images: usize,
    /// The line it hangs on; `None` carries bytes at once.
    pub line: Option<Line>,
}

/// A serial line and its adapter.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Bits per second; a byte takes ten.
    pub baud: u32,
    /// How long the adapter holds received bytes back. FTDI: 16 ms unless set, CDC: about 1 ms.
    pub latency: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "Demo reader".into(),
            buffer_bytes: 384,
            buffers: 4,
            flash_per_byte: Duration::ZERO,
            erase: Duration::ZERO,
            restart: Duration::from_millis(20),
            slot_bytes: 8 << 20,
            recovery: None,
            frugal: false,
            images: 1,
            line: None,
        }
    }
}
