//! The pretend reader itself: what it holds, whether it is there, what it was asked.
//!
//! How requests are answered is said in `commands`, how they reach it in `serve`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use firmdrop_core::Sha256;
use tokio::{sync::watch, time::Instant};

use super::{
    Faults, Recovery, Request, Return, Settings, Starts,
    fault::Random,
    flash::{Accepted, Flash},
};

/// A pretend reader. Clones are the same reader.
#[derive(Debug, Clone)]
pub struct SimulatedReader(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: Settings,
    state: Mutex<State>,
    presence: watch::Sender<Presence>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) flash: Flash,
    pub(super) faults: Faults,
    pub(super) dice: Random,
    pub(super) counters: Counters,
    /// It hangs, or its application does not speak the protocol: no answer until it is started anew.
    pub(super) dead: bool,
    /// It waits in this recovery; `None` while it runs its application.
    pub(super) recovery: Option<Recovery>,
    pub(super) began: Option<Began>,
    /// Image and slot of the last upload.
    pub(super) writing: (usize, usize),
    /// How long the next request waits before it is answered.
    pub(super) busy_for: Duration,
    /// Bytes it has stored since it was made; what the fault dial counts by.
    pub(super) stored_bytes: u64,
    /// When it started last.
    pub(super) started: Instant,
}

/// What a reader was asked and did. Tests prove with it what was *not* done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// How often each request arrived.
    pub requests: HashMap<Request, u32>,
    /// Image bytes that arrived in uploads, repeated ones included.
    pub upload_bytes: u64,
    /// Bytes that came over the line, whatever they were.
    pub line_bytes: u64,
    /// The last upload that was completed.
    pub last_upload: Option<Upload>,
    /// Requests that arrived while every buffer was full, and were dropped.
    pub dropped: u32,
    /// Requests over a radio that waited for their answers at once, at most.
    pub most_unanswered: u32,
    /// How often it started anew.
    pub restarts: u32,
}

/// How long an upload took on the reader's side: from its first piece to its last. The first piece
/// is not counted, since the reader does not know when its first byte was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upload {
    /// Image bytes after the first piece.
    pub image_bytes: u64,
    /// Bytes that came over the line for them.
    pub line_bytes: u64,
    /// From the first piece to the last.
    pub took: Duration,
}

/// Where the counters stood when an upload began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Began {
    pub(super) at: Instant,
    pub(super) upload_bytes: u64,
    pub(super) line_bytes: u64,
}

impl Counters {
    /// How often this request arrived.
    pub fn of(&self, request: Request) -> u32 {
        self.requests.get(&request).copied().unwrap_or(0)
    }

    /// Whether anything arrived that changes a reader.
    pub fn changed_nothing(&self) -> bool {
        [
            Request::Upload,
            Request::WriteState,
            Request::Erase,
            Request::Reset,
        ]
        .iter()
        .all(|request| self.of(*request) == 0)
    }
}

/// Whether the reader's link is there. The number grows each time the link breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Presence {
    pub(super) here: bool,
    pub(super) breaks: u64,
}

impl State {
    /// What its bootloader does after a reset. `accepts` is whether it takes the image it finds.
    fn start(&mut self, accepts: bool) {
        self.flash.restart(accepts);
        let Some(recovery) = self.recovery else {
            return;
        };
        if self.flash.is_startable() && recovery.starts != Starts::Recovery {
            self.recovery = None;
            self.dead = recovery.starts == Starts::SilentApplication;
        }
    }

    /// Starts anew in its bootloader's serial recovery, which knows of no upload.
    pub(super) fn fall_into(&mut self, recovery: Recovery) {
        self.counters.restarts += 1;
        self.started = Instant::now();
        self.flash.forget_upload();
        self.recovery = Some(recovery);
    }

    /// Whether this request meets it busy.
    pub(super) fn is_busy(&self) -> bool {
        let so_far: u32 = self.counters.requests.values().sum();
        so_far.checked_rem(self.faults.busy_every) == Some(0)
    }

    /// Takes a piece of an upload, with what the fault dial makes of it.
    pub(super) fn write(&mut self, offset: usize, data: &[u8], block: usize) -> Accepted {
        let accepted = self.flash.write(offset, data, block);
        self.time_upload(offset, accepted.matches.is_some());
        self.stored_bytes += accepted.written_bytes as u64;
        if accepted.matches.is_some() {
            let (image, slot) = self.writing;
            if self.faults.damages_flash {
                self.flash.damage(image, slot);
            }
            if self.faults.rejects_uploads || self.faults.rejects_uploads_of == Some(image) {
                self.flash.reject(image, slot);
            }
            if self.faults.uploads_mark_themselves {
                self.flash.set_pending(image, true);
            }
            self.busy_for = self.faults.busy_after_upload;
        }
        accepted
    }

    /// Notes when an upload begins and when it is complete.
    fn time_upload(&mut self, offset: usize, completed: bool) {
        let (upload_bytes, line_bytes) = (self.counters.upload_bytes, self.counters.line_bytes);
        if offset == 0 {
            self.began = Some(Began {
                at: Instant::now(),
                upload_bytes,
                line_bytes,
            });
        }
        if completed && let Some(began) = self.began.take() {
            self.counters.last_upload = Some(Upload {
                image_bytes: upload_bytes - began.upload_bytes,
                line_bytes: line_bytes - began.line_bytes,
                took: began.at.elapsed(),
            });
        }
    }
}

impl SimulatedReader {
    /// A reader of this make that runs `image` and is there.
    pub fn new(settings: Settings, image: Vec<u8>) -> Self {
        let state = State {
            flash: Flash::with(image, &settings),
            recovery: settings.recovery,
            faults: Faults::default(),
            dice: Random::new(),
            counters: Counters::default(),
            dead: false,
            began: None,
            writing: (0, 1),
            busy_for: Duration::ZERO,
            stored_bytes: 0,
            started: Instant::now(),
        };
        Self(Arc::new(Shared {
            settings,
            state: Mutex::new(state),
            presence: watch::Sender::new(Presence {
                here: true,
                breaks: 0,
            }),
        }))
    }

    /// Its make.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Turns the fault dial; from now on.
    pub fn set_faults(&self, faults: Faults) {
        let mut state = self.state();
        state.dead = false;
        state.faults = faults;
    }

    /// The bytes in slot 0, which runs, or 1, of the first image.
    pub fn memory(&self, slot: u32) -> Vec<u8> {
        self.memory_of(0, slot)
    }

    /// The bytes of the first image that run.
    pub fn running(&self) -> Vec<u8> {
        self.state().flash.running().to_vec()
    }

    /// The bytes in a slot of one of its images.
    pub fn memory_of(&self, image: usize, slot: u32) -> Vec<u8> {
        self.state().flash.slot(image, slot).to_vec()
    }

    /// Puts bytes into a slot, as they came from the factory.
    pub fn store(&self, image: usize, slot: u32, bytes: Vec<u8>) {
        self.state().flash.store(image, slot, bytes);
    }

    /// Marks what lies in the second slot of the first image for the next start.
    pub fn mark(&self) {
        self.state().flash.set_pending(0, false);
    }

    /// SHA-256 of the bytes in a slot of the first image.
    pub fn slot_sha256(&self, slot: u32) -> Sha256 {
        Sha256::of(self.state().flash.slot(0, slot))
    }

    /// Whether the image that runs stays after the next restart.
    pub fn is_confirmed(&self) -> bool {
        let rows = self.state().flash.rows();
        let first = rows
            .iter()
            .find(|row| row.image_number == 0 && row.flags.active);
        first.is_some_and(|row| row.flags.confirmed)
    }

    /// Whether it runs its application, which may answer nothing.
    pub fn runs_its_application(&self) -> bool {
        self.state().recovery.is_none()
    }

    /// What it was asked so far.
    pub fn counters(&self) -> Counters {
        self.state().counters.clone()
    }

    /// Breaks the link; the reader keeps its power and what it stored. It stays away until
    /// [`Self::plug_in`].
    pub fn pull_the_plug(&self) {
        self.leave(false);
    }

    /// Brings the link back.
    pub fn plug_in(&self) {
        self.0.presence.send_modify(|presence| presence.here = true);
    }

    /// Whether its link is there.
    pub fn is_reachable(&self) -> bool {
        self.is_here()
    }

    /// Breaks the link for a moment: it can be opened again at once.
    pub fn cut(&self) {
        self.leave(true);
    }

    /// Starts the reader anew, as a power cycle would: its bootloader acts, unless the fault dial
    /// says otherwise. The link breaks and comes back when the reader is up again.
    pub fn restart(&self) {
        let returns = {
            let mut state = self.state();
            state.dead = false;
            state.counters.restarts += 1;
            state.started = Instant::now();
            let returns = state.faults.returns;
            match returns {
                Return::InRecovery => {
                    state.recovery = Some(self.settings().recovery.unwrap_or_default());
                }
                Return::StillMarked => {}
                Return::AsAsked | Return::WithOldImage | Return::Never => {
                    state.start(returns != Return::WithOldImage);
                }
            }
            returns
        };
        self.leave(false);
        if returns != Return::Never {
            self.come_back_after(self.settings().restart);
        }
    }

    /// Breaks the link for so long.
    pub(super) fn leave_for(&self, time: Duration) {
        self.leave(false);
        self.come_back_after(time);
    }

    fn come_back_after(&self, time: Duration) {
        let reader = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            reader.plug_in();
        });
    }

    fn leave(&self, here: bool) {
        self.0.presence.send_modify(|presence| {
            presence.here = here;
            presence.breaks += 1;
        });
    }

    pub(super) fn presence(&self) -> watch::Receiver<Presence> {
        self.0.presence.subscribe()
    }

    /// Whether its link broke before.
    pub(super) fn has_left(&self) -> bool {
        self.0.presence.borrow().breaks > 0
    }

    pub(super) fn is_here(&self) -> bool {
        self.0.presence.borrow().here
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
