//! How a pretend device comes and goes: power, resets, detaching.

use super::descriptors::Mode;
use super::settings::WILL_DETACH;
use super::state::{State, dfu, status};

/// How often somebody tries to open it in vain before it is back.
const TRIES_AWAY: u32 = 3;

impl State {
    /// It gets its power, or comes onto the bus anew: what it holds decides what starts.
    pub(super) fn power_up(&mut self) {
        let starts = self.starts && self.settings.application.is_some();
        self.enter(if starts {
            Mode::Application
        } else {
            Mode::Bootloader
        });
    }

    fn enter(&mut self, mode: Mode) {
        self.mode = mode;
        self.machine = match mode {
            Mode::Application => dfu::APP_IDLE,
            Mode::Bootloader => dfu::IDLE,
        };
        self.status = status::OK;
        self.work = None;
        self.busy_until = None;
        self.is_wedged = false;
        self.silent = false;
        self.next_block = 0;
        self.shown_bytes = 0;
        self.has_pointer = false;
        self.alternate = 0;
        self.was_chosen = false;
        self.last_was_upload = false;
    }

    /// It leaves the bus and comes back some tries later, in this mode.
    fn leave(&mut self, mode: Mode) {
        self.enter(mode);
        self.appearance += 1;
        self.claimed_by = None;
        self.tries_away = TRIES_AWAY + self.faults.tries_away;
        if self.faults.stays_away {
            self.is_plugged = false;
        }
    }

    /// It leaves the bus to start what it holds.
    pub(super) fn restart(&mut self) {
        self.power_up();
        let mode = self.mode;
        self.leave(mode);
    }

    /// It loses its power for a moment.
    pub(super) fn lose_power(&mut self) {
        self.restart();
        self.is_plugged = true;
    }

    /// Somebody looks for it; whether it is there.
    pub(super) fn poll(&mut self) -> bool {
        if self.tries_away > 0 {
            self.tries_away -= 1;
            return false;
        }
        self.is_plugged
    }

    /// A reset of the bus; whether it is still the same device.
    pub(super) fn reset_bus(&mut self) -> bool {
        match (self.mode, self.machine) {
            (Mode::Application, dfu::APP_DETACH) => {
                self.leave(Mode::Bootloader);
                false
            }
            (Mode::Application, _) => true,
            (Mode::Bootloader, _) => {
                let before = self.mode;
                self.power_up();
                let is_same = self.mode == before;
                if !is_same {
                    self.restart();
                }
                is_same
            }
        }
    }

    /// The application is asked to make room for its bootloader. Whether it takes the request.
    pub(super) fn detach(&mut self) -> bool {
        if self.mode != Mode::Application || self.faults.stalls_detach {
            return false;
        }
        if self.faults.ignores_detach {
            return true;
        }
        if self.settings.has(WILL_DETACH) {
            self.leave(Mode::Bootloader);
        } else {
            self.machine = dfu::APP_DETACH;
        }
        true
    }
}
