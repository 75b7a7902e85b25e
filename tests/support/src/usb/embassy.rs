//! A device whose USB stack others wrote: embassy-usb, with its classes for DFU, as firmware for microcontrollers runs it.
//!
//! Here is only what a board brings: a flash, a way to restart, and the bus (`driver`).

mod board;
mod driver;
mod firmware;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use embassy_usb::class::dfu::consts::Status;
use firmdrop_simulator::dfu::Reply;

use super::device::Device;
pub use board::EmbassySettings;
use board::Shared;
use driver::Wire;
use firmware::Restart;

/// How long a request may take the device: longer is a stack that hangs.
const ANSWERS: Duration = Duration::from_secs(5);

/// A device on embassy-usb. Clones are the same device.
#[derive(Clone)]
pub struct EmbassyDevice(Shared);

impl EmbassyDevice {
    /// A device that runs an application.
    pub fn new(settings: EmbassySettings) -> Self {
        let board = Shared::new(settings);
        power_on(board.clone());
        Self(board)
    }

    /// Refuses a block from now on, or none.
    pub fn refuse(&self, block: Option<(usize, Status)>) {
        self.0.board().settings.refuses = block;
    }

    /// The image in its flash.
    pub fn memory(&self) -> Vec<u8> {
        self.0.board().image.clone()
    }

    /// Whether its application runs.
    pub fn runs_its_application(&self) -> bool {
        self.0.board().runs_application
    }

    fn wire(&self, appearance: u32) -> Option<Wire> {
        let board = self.0.board();
        board
            .wire
            .clone()
            .filter(|_| board.appearance == appearance)
    }
}

impl Device for EmbassyDevice {
    fn poll(&self) -> bool {
        self.is_here()
    }

    fn is_here(&self) -> bool {
        self.0.board().wire.is_some()
    }

    fn appearance(&self) -> u32 {
        self.0.board().appearance
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

/// Runs its firmware until the process ends: each restart begins it anew.
fn power_on(board: Shared) {
    let (wire, mut end) = driver::wire();
    board.board().start(wire);
    let run = move || {
        loop {
            // A restart never returns to who asked for it, as on a microcontroller.
            let ended = catch_unwind(AssertUnwindSafe(|| firmware::run(&board, end)));
            let restarts = ended.is_err_and(|cause| cause.is::<Restart>());
            assert!(restarts, "the firmware ended by itself");
            let (wire, next) = driver::wire();
            end = next;
            board.board().start(wire);
        }
    };
    thread::Builder::new()
        .name("embassy".into())
        .spawn(run)
        .unwrap();
}
