//! A device whose USB stack others wrote: embassy-usb, with its classes for DFU, as firmware for microcontrollers runs it.
//!
//! Here is only what a board brings: a flash, a way to restart, and the bus (`driver`).

mod driver;
mod firmware;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use embassy_usb::class::dfu::consts::{DfuAttributes, Status};
use firmdrop_simulator::dfu::Reply;

use super::device::Device;
use driver::Wire;
use firmware::Restart;

/// How long a request may take the device: longer is a stack that hangs.
const ANSWERS: Duration = Duration::from_secs(5);

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

/// A device on embassy-usb. Clones are the same device.
#[derive(Clone)]
pub struct EmbassyDevice(Arc<Mutex<Board>>);

/// What a restart does not change, and the way to the stack that runs now.
struct Board {
    settings: EmbassySettings,
    /// Its flash; an application is started when `is_whole`.
    image: Vec<u8>,
    is_whole: bool,
    /// The application asked for the bootloader.
    wants_bootloader: bool,
    runs_application: bool,
    appearance: u32,
    /// Where its bus is; nothing while it restarts.
    wire: Option<Wire>,
}

impl EmbassyDevice {
    /// A device that runs an application.
    pub fn new(settings: EmbassySettings) -> Self {
        let this = Self(Arc::new(Mutex::new(Board {
            settings,
            image: b"application".to_vec(),
            is_whole: true,
            wants_bootloader: false,
            runs_application: false,
            appearance: 0,
            wire: None,
        })));
        this.power_on();
        this
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses a block from now on, or none.
    pub fn refuse(&self, block: Option<(usize, Status)>) {
        self.board().settings.refuses = block;
    }

    /// The image in its flash.
    pub fn memory(&self) -> Vec<u8> {
        self.board().image.clone()
    }

    /// Whether its application runs.
    pub fn runs_its_application(&self) -> bool {
        self.board().runs_application
    }

    /// Runs its firmware until the process ends: each restart begins it anew.
    fn power_on(&self) {
        let this = self.clone();
        let (wire, mut end) = driver::wire();
        this.board().start(wire);
        let run = move || {
            loop {
                // A restart never returns to who asked for it, as on a microcontroller.
                let ended = catch_unwind(AssertUnwindSafe(|| firmware::run(&this, end)));
                let restarts = ended.is_err_and(|cause| cause.is::<Restart>());
                assert!(restarts, "the firmware ended by itself");
                let (wire, next) = driver::wire();
                end = next;
                this.board().start(wire);
            }
        };
        thread::Builder::new()
            .name("embassy".into())
            .spawn(run)
            .unwrap();
    }

    fn wire(&self, appearance: u32) -> Option<Wire> {
        let board = self.board();
        board
            .wire
            .clone()
            .filter(|_| board.appearance == appearance)
    }
}

impl Board {
    /// What the first instructions after a restart do: they choose what runs.
    fn start(&mut self, wire: Wire) {
        self.runs_application = self.is_whole && !self.wants_bootloader;
        self.wants_bootloader = false;
        self.appearance += 1;
        self.wire = Some(wire);
    }
}

impl Device for EmbassyDevice {
    fn look(&self) -> bool {
        self.is_here()
    }

    fn is_here(&self) -> bool {
        self.board().wire.is_some()
    }

    fn appearance(&self) -> u32 {
        self.board().appearance
    }

    fn reset(&self, appearance: u32) -> bool {
        let reset = self.wire(appearance).is_some_and(|wire| wire.reset());
        reset && self.appearance() == appearance
    }

    fn control(&self, appearance: u32, setup: [u8; 8], data: &[u8]) -> Reply {
        match self.wire(appearance) {
            Some(wire) => wire.control(setup, data, ANSWERS),
            None => Reply::Gone,
        }
    }
}
