//! Every time this loader waits for something, and every size.

use std::time::Duration;

/// How long is waited for what. A test sets shorter ones; the default is for real devices.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// One control transfer. Some devices write flash before they answer; dfu-util waits as long
    /// (`DFU_TIMEOUT`, 5 s).
    pub transfer: Duration,
    /// One operation, as long as the device says that it is busy. Erasing the 2 MB of an STM32F42 at once
    /// takes up to 32 s at low voltage (data sheet DS9405, table 48); a poll time that goes further is not
    /// waited for.
    pub busy: Duration,
    /// How long a device that waits for a reset afterwards may say `dfuMANIFEST`. It means that it stores the image:
    /// a reset at once would interrupt that (fwupd #2347). By DFU 1.1, A.1, it should not answer at all, and
    /// devices of embassy-usb up to 0.6.0 say it until they are reset (embassy PR 6257).
    pub stores: Duration,
    /// How long a device may stay busy past the time it said before it is taken for stuck. STM32H7 ROMs
    /// do that after an erase.
    pub stuck: Duration,
    /// How long a device may be away before it is back in its bootloader or its application. A hub gives a
    /// device 100 ms (USB 2.0, 7.1.7.3), a first enumeration with drivers takes seconds.
    pub returns: Duration,
    /// How long a device that was asked to leave may stay.
    pub leaves: Duration,
    /// Pause between two looks for a device that is away.
    pub poll_every: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            transfer: Duration::from_secs(5),
            busy: Duration::from_mins(5),
            stores: Duration::from_mins(2),
            stuck: Duration::from_secs(10),
            returns: Duration::from_secs(15),
            leaves: Duration::from_secs(3),
            poll_every: Duration::from_millis(50),
        }
    }
}

/// The longest single pause that a device is believed. After it the device is asked again.
pub(super) const LONGEST_POLL: Duration = Duration::from_mins(1);
/// A poll time beyond this is a value that nobody set: the field has 24 bits, which is 4 h 39 min.
pub(super) const ABSURD_POLL: Duration = Duration::from_mins(5);
/// What is waited instead of an absurd one.
pub(super) const POLL_INSTEAD_OF_ABSURD: Duration = Duration::from_millis(100);
/// Questions that are asked without a pause when a busy device says that it needs none.
pub(super) const EAGER_POLLS: u32 = 8;
/// The pause after those doubles from 1 ms to this.
pub(super) const LONGEST_EAGER_PAUSE: Duration = Duration::from_millis(64);
/// A device that was asked what it is after a failure answers within this time or is silent.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(1);

/// Largest transfer: a control transfer of Linux has at most 4096 bytes (`MAX_CTRL_BUFFER_LENGTH` of
/// libusb, a page of usbfs), and dfu-util has the same limit.
pub(super) const MOST_TRANSFER_BYTES: u16 = 4096;
/// Transfer of a device that says 0: one packet of the smallest full-speed endpoint 0 that bootloaders
/// have. USB 2.0, 5.5.3.
pub(super) const LEAST_TRANSFER_BYTES: u16 = 64;
/// Bytes of a text descriptor: its length is one byte.
pub(super) const TEXT_BYTES: u16 = 255;
/// How often a text is asked for again that did not come, of all texts of a device together.
pub(super) const MOST_TEXT_RETRIES: u32 = 3;
/// Characters of a text that are shown.
pub(super) const SHOWN_CHARACTERS: usize = 120;
/// Alternate settings that are read.
pub(super) const MOST_ALTERNATES: usize = 16;
