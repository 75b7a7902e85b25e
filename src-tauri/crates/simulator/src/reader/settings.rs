//! What kind of reader it is: buffers, flash, bootloader, line.
//!
//! How it misbehaves is said in `fault`.

use std::time::Duration;

use super::{Recovery, Versions};

/// A reader's make. The default is an nRF52 class device with Zephyr's default buffers and no
/// noticeable flash time, so that tests are quick.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What a person calls it; the demo's list shows it.
    pub name: String,
    /// The serial number that its provider lists; nothing makes it unique.
    pub serial: Option<String>,
    /// Size of one request it can take, bytes. Zephyr, `CONFIG_MCUMGR_TRANSPORT_NETBUF_SIZE`: 384.
    pub buffer_bytes: usize,
    /// What it says about its buffers.
    pub states: BufferInfo,
    /// Bytes of frames that may wait at once, whatever the buffers are: a serial driver with room for two
    /// lines (`CONFIG_UART_MCUMGR_RX_BUF_COUNT`). What is more is lost.
    pub receives_bytes: Option<usize>,
    /// It writes flash in blocks of so many bytes, and asks for the rest of a piece again.
    pub write_block: usize,
    /// Versions of the protocol its application answers.
    pub versions: Versions,
    /// Requests it can hold. Zephyr, `CONFIG_MCUMGR_TRANSPORT_NETBUF_COUNT`: 4.
    pub buffers: usize,
    /// Time to write one byte of flash. nRF52832: 41 µs for a word of four bytes.
    pub flash_per_byte: Duration,
    /// Time to erase the second slot before the first byte is written.
    pub erase: Duration,
    /// Time to erase a sector of 4,096 bytes before its first byte is written.
    pub erase_sector: Duration,
    /// What its bootloader does with two images.
    pub bootloader: Bootloader,
    /// How it knows what it holds.
    pub known_by: KnownBy,
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
    /// Waits are exact to a tenth of a millisecond. Where time is a test's own, whole milliseconds cost less.
    pub exact: bool,
    /// It prints text on its line beside the frames: a banner, a prompt, an answer to each line that is typed.
    pub shell: bool,
}

/// Bytes of a flash sector. nRF52 and W25Q: 4 KiB.
pub(super) const SECTOR_BYTES: usize = 4096;

/// What a reader says about its buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BufferInfo {
    /// How large they are, and how many.
    #[default]
    Truly,
    /// Nothing: it does not know the question.
    Nothing,
    /// Something else: size and number.
    Otherwise(usize, usize),
}

/// What a bootloader does with two images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bootloader {
    /// It swaps both, and swaps them back unless the new one is confirmed.
    #[default]
    Swaps,
    /// It overwrites the old image.
    Overwrites,
    /// It starts the newer of both where it lies: `MCUboot`'s direct XIP.
    StartsInPlace {
        /// A marked image only, which it erases unless it is confirmed (direct XIP with revert).
        reverts: bool,
    },
}

impl Bootloader {
    /// Its number in an answer about the bootloader: Zephyr, OS management group.
    pub(super) fn mode(self) -> u64 {
        match self {
            Self::Swaps => 1,
            Self::Overwrites => 2,
            Self::StartsInPlace { reverts: false } => 4,
            Self::StartsInPlace { reverts: true } => 5,
        }
    }
}

/// How a reader knows what lies in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KnownBy {
    /// By `MCUboot`'s header and the hash in the trailer; it takes nothing else.
    #[default]
    Trailer,
    /// It takes any bytes, and lists them by their SHA-256.
    Bytes,
    /// It takes any bytes, and lists that there are some.
    Nothing,
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
            serial: None,
            buffer_bytes: 384,
            states: BufferInfo::Truly,
            receives_bytes: None,
            write_block: 1,
            versions: Versions::Both,
            buffers: 4,
            flash_per_byte: Duration::ZERO,
            erase: Duration::ZERO,
            erase_sector: Duration::ZERO,
            bootloader: Bootloader::Swaps,
            known_by: KnownBy::Trailer,
            restart: Duration::from_millis(20),
            slot_bytes: 8 << 20,
            recovery: None,
            frugal: false,
            images: 1,
            line: None,
            exact: true,
            shell: false,
        }
    }
}

impl Settings {
    /// How long the writing of so many bytes takes, with the erasing of each sector that they are the first of.
    pub(super) fn writing(&self, offset: usize, bytes: usize) -> Duration {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let sectors = (offset + bytes).div_ceil(SECTOR_BYTES) - offset.div_ceil(SECTOR_BYTES);
        self.flash_per_byte * number(bytes) + self.erase_sector * number(sectors)
    }
}
