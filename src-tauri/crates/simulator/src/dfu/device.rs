//! The pretend device itself: one control transfer after the other, and what a test may see of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::descriptors::{self, Mode};
use super::fault::DfuFaults;
use super::load_time::LoadTime;
use super::request::{Reply, Setup};
use super::settings::{DfuSettings, Dialect};
use super::state::State;

/// A pretend device. Clones are the same device.
#[derive(Debug, Clone)]
pub struct SimulatedDfu(Arc<Mutex<State>>);

impl SimulatedDfu {
    /// A device that holds an old image and runs its application, if it has one.
    pub fn new(settings: DfuSettings) -> Self {
        Self(Arc::new(Mutex::new(State::new(settings))))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the faults.
    pub fn set_faults(&self, faults: DfuFaults) {
        self.state().faults = faults;
    }

    /// Another one of its kind is plugged in at its place, with this serial number in both of its forms.
    pub fn exchange(&self, serial: &str) {
        let mut state = self.state();
        let mut settings = state.settings.clone();
        serial.clone_into(&mut settings.bootloader.serial);
        if let Some(application) = &mut settings.application {
            serial.clone_into(&mut application.serial);
        }
        let appearance = state.appearance + 1;
        *state = State::new(settings);
        state.appearance = appearance;
    }

    /// Pulls it out.
    pub fn unplug(&self) {
        let mut state = self.state();
        state.lose_power();
        state.is_plugged = false;
    }

    /// Plugs it in.
    pub fn plug_in(&self) {
        let mut state = self.state();
        state.is_plugged = true;
        state.tries_away = 0;
    }

    /// Whether it is on the bus.
    pub fn is_here(&self) -> bool {
        self.state().is_here()
    }

    /// Somebody looks for it, and it is one look nearer to its return; whether it is on the bus.
    pub fn poll(&self) -> bool {
        self.state().poll()
    }

    /// Counts how often it came onto the bus.
    pub fn appearance(&self) -> u32 {
        self.state().appearance
    }

    /// The bytes it starts from: of a device with addresses, so many from the beginning of its first area.
    pub fn memory(&self, count: usize) -> Vec<u8> {
        let state = self.state();
        match state.settings.dialect {
            Dialect::Plain => state.image.clone(),
            Dialect::St => state.flash.read(state.first_address(), count),
        }
    }

    /// Bytes at an address.
    pub fn memory_at(&self, address: u64, count: usize) -> Vec<u8> {
        self.state().flash.read(address, count)
    }

    /// Whether its bootloader would start what it holds.
    pub fn starts(&self) -> bool {
        self.state().starts
    }

    /// Whether its application runs.
    pub fn runs_its_application(&self) -> bool {
        self.state().mode == Mode::Application
    }

    /// Image bytes that arrived, repeated ones included.
    pub fn received_bytes(&self) -> u64 {
        self.state().received_bytes
    }

    /// Image bytes that were stored, repeated ones included.
    pub fn stored_bytes(&self) -> u64 {
        self.state().stored_bytes
    }

    /// Control transfers so far.
    pub fn requests(&self) -> u64 {
        self.state().requests
    }

    /// Requests for its status that came before the time it had said.
    pub fn early_polls(&self) -> u64 {
        self.state().early_polls
    }

    /// How long its load took; `None` before the first block or command.
    pub fn load_time(&self) -> Option<LoadTime> {
        self.state().stopwatch.read()
    }

    /// Whether nothing was erased or written.
    pub fn is_untouched(&self) -> bool {
        !self.state().is_touched
    }

    /// The address from which it was last asked to start an image.
    pub fn started_at(&self) -> Option<u64> {
        self.state().started_at
    }

    /// A reset of the bus; whether the device is still the one that came onto the bus at `appearance`.
    pub fn reset(&self, appearance: u32) -> bool {
        let mut state = self.state();
        state.is_here() && state.appearance == appearance && state.reset_bus()
    }

    /// One control transfer to the device as it came onto the bus at `appearance`.
    pub fn control(&self, appearance: u32, setup: [u8; 8], data: &[u8]) -> Reply {
        let mut state = self.state();
        if !state.is_here() || state.appearance != appearance {
            return Reply::Gone;
        }
        if state.silent {
            return Reply::Silent;
        }
        let number = state.requests;
        state.requests += 1;
        let cut = state.faults.cut.filter(|cut| cut.at == number);
        if let Some(cut) = cut {
            state.faults.cut = None;
            if cut.acts {
                answer(&mut state, setup, data);
            }
            state.lose_power();
            return Reply::Gone;
        }
        let reply = answer(&mut state, setup, data);
        if state.faults.breaks_off_when_leaving && state.appearance != appearance {
            return Reply::Broken;
        }
        reply
    }
}

fn answer(state: &mut State, setup: [u8; 8], data: &[u8]) -> Reply {
    let [
        kind,
        request,
        value_low,
        value_high,
        _,
        _,
        length_low,
        length_high,
    ] = setup;
    let length = u16::from_le_bytes([length_low, length_high]);
    let mut reply = match (kind, request) {
        (0x80, 6) => descriptor(state, value_high, value_low),
        // GET_STATUS, GET_CONFIGURATION, SET_CONFIGURATION.
        (0x80, 0) => Reply::Data(vec![0, 0]),
        (0x80, 8) => Reply::Data(vec![1]),
        (0x00, 9) => Reply::Data(Vec::new()),
        // SET_INTERFACE, GET_INTERFACE.
        (0x01, 11) => alternate(state, value_low),
        (0x81, 10) => Reply::Data(vec![state.alternate]),
        (0x21 | 0xA1, _) => {
            let asked = Setup {
                request,
                value: u16::from_le_bytes([value_low, value_high]),
                length,
            };
            state.class(asked, data)
        }
        _ => Reply::Stall,
    };
    if let Reply::Data(bytes) = &mut reply {
        bytes.truncate(length.into());
    }
    reply
}

fn descriptor(state: &mut State, kind: u8, index: u8) -> Reply {
    if kind == 3 && state.faults.silent_texts > 0 {
        state.faults.silent_texts -= 1;
        return Reply::Silent;
    }
    let found = match kind {
        1 => Some(descriptors::device(&state.settings, state.mode)),
        2 => Some(descriptors::configuration(&state.settings, state.mode)),
        3 if !state.faults.stalls_strings => descriptors::text(&state.settings, state.mode, index),
        _ => None,
    };
    found.map_or(Reply::Stall, Reply::Data)
}

fn alternate(state: &mut State, number: u8) -> Reply {
    let count = match state.mode {
        Mode::Application => 1,
        Mode::Bootloader => {
            usize::from(state.settings.other_alternates) + state.settings.alternates.len()
        }
    };
    if usize::from(number) >= count || (count == 1 && state.faults.stalls_single_alternate) {
        return Reply::Stall;
    }
    state.alternate = number;
    state.was_chosen = true;
    Reply::Data(Vec::new())
}
