//! The board: what a restart does not change, and what runs after it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use embassy_usb::class::dfu::consts::{DfuAttributes, Status};

use super::driver::Wire;

/// How the device is built.
#[derive(Clone)]
pub struct EmbassySettings {
    /// `bmAttributes` of its functional descriptor, in both modes.
    pub attributes: u8,
    /// Largest block, bytes.
    pub transfer_bytes: usize,
    /// Refuses the block with this number, with this status.
    pub refuses: Option<(usize, Status)>,
}

impl Default for EmbassySettings {
    fn default() -> Self {
        Self {
            attributes: (DfuAttributes::CAN_DOWNLOAD | DfuAttributes::WILL_DETACH).bits(),
            transfer_bytes: 1024,
            refuses: None,
        }
    }
}

/// What a restart does not change, and the way to the stack that runs now.
pub(super) struct Board {
    pub(super) settings: EmbassySettings,
    /// Its flash; an application is started when `is_whole`.
    pub(super) image: Vec<u8>,
    pub(super) is_whole: bool,
    /// The application asked for the bootloader.
    pub(super) wants_bootloader: bool,
    pub(super) runs_application: bool,
    pub(super) appearance: u32,
    /// Where its bus is; nothing while it restarts.
    pub(super) wire: Option<Wire>,
}

impl Board {
    /// What the first instructions after a restart do: they choose what runs.
    pub(super) fn start(&mut self, wire: Wire) {
        self.runs_application = self.is_whole && !self.wants_bootloader;
        self.wants_bootloader = false;
        self.appearance += 1;
        self.wire = Some(wire);
    }
}

/// The board as its firmware and its bus have it. Clones are the same board.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Board>>);

impl Shared {
    /// A board that holds an application and was not switched on.
    pub(super) fn new(settings: EmbassySettings) -> Self {
        Self(Arc::new(Mutex::new(Board {
            settings,
            image: b"application".to_vec(),
            is_whole: true,
            wants_bootloader: false,
            runs_application: false,
            appearance: 0,
            wire: None,
        })))
    }

    pub(super) fn board(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
