//! Everything a pretend device is at a moment.

use std::time::Duration;

use tokio::time::Instant;

use super::descriptors::Mode;
use super::fault::DfuFaults;
use super::flash::{Flash, areas};
use super::load_time::Stopwatch;
use super::settings::{DfuSettings, Dialect};

/// States of DFU 1.1, 6.1.2.
pub(super) mod dfu {
    pub(crate) const APP_IDLE: u8 = 0;
    pub(crate) const APP_DETACH: u8 = 1;
    pub(crate) const IDLE: u8 = 2;
    pub(crate) const DOWNLOAD_SYNC: u8 = 3;
    pub(crate) const BUSY: u8 = 4;
    pub(crate) const DOWNLOAD_IDLE: u8 = 5;
    pub(crate) const MANIFEST_SYNC: u8 = 6;
    pub(crate) const MANIFEST: u8 = 7;
    pub(crate) const WAIT_RESET: u8 = 8;
    pub(crate) const UPLOAD_IDLE: u8 = 9;
    pub(crate) const ERROR: u8 = 10;
}

/// Status codes of DFU 1.1, 6.1.2.
pub(super) mod status {
    pub(crate) const OK: u8 = 0;
    pub(crate) const ERASE: u8 = 4;
    pub(crate) const PROGRAM: u8 = 6;
    pub(crate) const ADDRESS: u8 = 8;
    pub(crate) const NOT_DONE: u8 = 9;
    pub(crate) const UNKNOWN: u8 = 14;
    pub(crate) const STALLED: u8 = 15;
}

/// What a status request starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Work {
    /// Bytes behind those that are there.
    Append(Vec<u8>),
    /// Bytes at an address.
    Write(u64, Vec<u8>),
    /// The sector at an address.
    Erase(u64),
    /// All sectors.
    EraseAll,
    /// The pointer.
    Point(u64),
}

#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what a device is does not exclude each other"
)]
pub(super) struct State {
    pub(super) settings: DfuSettings,
    pub(super) faults: DfuFaults,
    pub(super) mode: Mode,
    pub(super) is_plugged: bool,
    pub(super) tries_away: u32,
    /// Counts how often it came onto the bus.
    pub(super) appearance: u32,
    /// Its bootloader would start what it holds.
    pub(super) starts: bool,
    /// It answers nothing any more.
    pub(super) silent: bool,
    /// Of its machine: [`dfu`].
    pub(super) machine: u8,
    pub(super) status: u8,
    pub(super) work: Option<Work>,
    pub(super) busy_until: Option<Instant>,
    /// Busy for ever, until the status was cleared.
    pub(super) is_wedged: bool,
    /// Number the next block must have.
    pub(super) next_block: u16,
    pub(super) image: Vec<u8>,
    pub(super) shown_bytes: usize,
    pub(super) flash: Flash,
    pub(super) pointer: u64,
    pub(super) has_pointer: bool,
    pub(super) alternate: u8,
    /// It was asked for this one.
    pub(super) was_chosen: bool,
    pub(super) last_was_upload: bool,
    pub(super) requests: u64,
    pub(super) early_polls: u64,
    pub(super) received_bytes: u64,
    pub(super) stored_bytes: u64,
    pub(super) is_touched: bool,
    /// The program that has its interface.
    pub(super) claimed_by: Option<u64>,
    /// Programs that opened it so far.
    pub(super) opened: u64,
    pub(super) started_at: Option<u64>,
    pub(super) stopwatch: Stopwatch,
}

impl State {
    pub(super) fn new(settings: DfuSettings) -> Self {
        let flash = Flash::new(
            settings
                .alternates
                .iter()
                .flat_map(|text| areas(text))
                .collect(),
        );
        let mut state = Self {
            flash,
            settings,
            faults: DfuFaults::default(),
            mode: Mode::Bootloader,
            is_plugged: true,
            tries_away: 0,
            appearance: 0,
            starts: true,
            silent: false,
            machine: dfu::IDLE,
            status: status::OK,
            work: None,
            busy_until: None,
            is_wedged: false,
            next_block: 0,
            image: vec![0x55; 4000],
            shown_bytes: 0,
            pointer: 0,
            has_pointer: false,
            alternate: 0,
            was_chosen: false,
            last_was_upload: false,
            requests: 0,
            early_polls: 0,
            received_bytes: 0,
            stored_bytes: 0,
            is_touched: false,
            claimed_by: None,
            opened: 0,
            started_at: None,
            stopwatch: Stopwatch::default(),
        };
        if state.settings.dialect == Dialect::St {
            // An old image where a new one goes.
            let begin = state.first_address();
            let old = vec![0x55; 4000];
            // A first area that is the bootloader's own takes none.
            let _ = state.flash.write(begin, &old);
        }
        state.power_up();
        state
    }

    /// Where the first area begins.
    pub(super) fn first_address(&self) -> u64 {
        let text = self.settings.alternates.first();
        let areas = text.map_or_else(Vec::new, |text| areas(text));
        areas.first().map_or(0, |area| area.begin)
    }

    pub(super) fn is_here(&self) -> bool {
        self.is_plugged && self.tries_away == 0
    }

    /// The request is refused, and the state says why.
    pub(super) fn refuse(&mut self, status: u8) {
        self.machine = dfu::ERROR;
        self.status = status;
        self.work = None;
    }

    /// How long this takes.
    pub(super) fn duration(&self, work: &Work) -> Duration {
        match work {
            Work::Append(_) | Work::Write(..) => self.settings.pace.block,
            Work::Erase(_) => self.settings.pace.sector,
            Work::EraseAll => self.settings.pace.sector * 8,
            Work::Point(_) => Duration::ZERO,
        }
    }
}
