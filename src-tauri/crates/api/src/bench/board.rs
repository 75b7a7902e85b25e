//! The rules of a bench: what a glance at the readers means for each lane, and what is to be done then.
//!
//! It does nothing itself, reads no clock, and knows a lane by its place alone.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use firmdrop_core::{Diagnosis, Moment};
use tokio::time::Instant;

use super::lot::Begun;
use super::seen::Seen;
use super::slot::{Insertion, Slot, Stage};
use super::{BenchLane, BenchSetup, UnitResult, refused};

/// How long a place is empty before its reader counts as taken out. A USB device that starts anew is away for
/// less than this, mostly; a person needs longer to exchange two.
const REMOVED_AFTER: Duration = Duration::from_secs(2);

/// What is to be done.
#[derive(Debug, Clone)]
pub(crate) enum Order {
    /// Identify, plan and load what is at this lane.
    Start {
        lane: usize,
        reader: Insertion,
        again: Option<(u32, u32)>,
    },
    /// Resume the job that was left at this lane.
    Resume { lane: usize, begun: Box<Begun> },
    /// Another reader is there now: end the job that was left.
    Abandon { lane: usize, begun: Box<Begun> },
}

/// All lanes.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "two rules of the setup and two facts that do not exclude each other"
)]
pub(crate) struct Board {
    slots: Vec<Slot>,
    holds_fails: bool,
    once: bool,
    stop_after: Option<u32>,
    armed: bool,
    /// Failed units since it was armed.
    fails: u32,
    stopped_why: Option<Diagnosis>,
    /// Places that were occupied when teaching began or since: what appears elsewhere is taught.
    teaching: Option<HashSet<String>>,
    /// Something was seen already: what was there before teaching is known.
    has_scanned: bool,
    insertions: u64,
}

impl Board {
    pub(crate) fn new(setup: &BenchSetup) -> Self {
        let slots = setup.lanes.iter().cloned().map(Slot::new);
        Self {
            slots: slots.collect(),
            holds_fails: setup.holds_fails,
            once: setup.once,
            stop_after: setup.stop_after,
            armed: false,
            fails: 0,
            stopped_why: None,
            teaching: None,
            has_scanned: false,
            insertions: 0,
        }
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    pub(crate) fn slot_mut(&mut self, lane: usize) -> Option<&mut Slot> {
        self.slots.get_mut(lane)
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.armed
    }

    /// Why it was disarmed by itself.
    pub(crate) fn stopped_why(&self) -> Option<&Diagnosis> {
        self.stopped_why.as_ref()
    }

    /// Failed units since it was armed.
    pub(crate) fn fails(&self) -> u32 {
        self.fails
    }

    /// The lane that is taught next.
    pub(crate) fn teaches(&self) -> Option<usize> {
        self.teaching.as_ref()?;
        self.slots.iter().position(|slot| slot.lane.place.is_none())
    }

    /// Readers are written from now on as they are plugged in, those that are there included.
    pub(crate) fn arm(&mut self) -> Result<(), Diagnosis> {
        if !self.slots.iter().any(|slot| slot.lane.place.is_some()) {
            return Err(refused(
                "The bench was not armed.",
                "No lane has a place.",
                "Teach a lane its place first.",
            ));
        }
        self.teaching = None;
        self.armed = true;
        self.fails = 0;
        self.stopped_why = None;
        Ok(())
    }

    /// Nothing more starts. What runs is finished.
    pub(crate) fn disarm(&mut self, why: Option<Diagnosis>) {
        self.armed = false;
        self.stopped_why = why;
    }

    /// The next reader that appears at a place of no lane is taught to the first lane without one.
    pub(crate) fn teach(&mut self, now: &[Seen]) -> Result<(), Diagnosis> {
        if self.slots.iter().any(Slot::is_busy) {
            return Err(refused(
                "Teaching was not begun.",
                "A lane is busy.",
                "Wait until its unit has ended.",
            ));
        }
        self.disarm(None);
        self.teaching = Some(now.iter().map(|seen| seen.place.clone()).collect());
        Ok(())
    }

    /// Teaching ends.
    pub(crate) fn teach_no_more(&mut self) {
        self.teaching = None;
    }

    /// Forgets the place of a lane where nothing is happening.
    pub(crate) fn forget(&mut self, lane: usize) -> Result<(), Diagnosis> {
        let slot = self.idle(lane)?;
        let name = std::mem::take(&mut slot.lane.name);
        *slot = Slot::new(BenchLane {
            name,
            ..BenchLane::default()
        });
        Ok(())
    }

    /// What is seen at this moment. Answers whether a lane learned its place.
    pub(crate) fn update(&mut self, seen: &[Seen], now: Instant) -> bool {
        let learned = self.learn(seen);
        self.has_scanned = true;
        let chips = unique_serials(seen);
        for slot in &mut self.slots {
            let place = slot.lane.place.as_deref();
            let found = seen.iter().find(|seen| Some(seen.place.as_str()) == place);
            let Some(found) = found else {
                let since = *slot.absent_since.get_or_insert(now);
                if slot.here.is_some()
                    && !slot.is_busy()
                    && now.duration_since(since) >= REMOVED_AFTER
                {
                    slot.remove();
                }
                continue;
            };
            let was_away = slot
                .absent_since
                .take()
                .is_some_and(|since| now.duration_since(since) >= REMOVED_AFTER);
            let serial = found.serial.clone().filter(|serial| !serial.is_empty());
            let chip = serial.filter(|serial| chips.contains(serial.as_str()));
            if slot.is_busy() {
                continue;
            }
            if let Some(here) = &mut slot.here {
                // A serial number that became ambiguous is still the one it was plugged in with.
                let is_other = found.serial.is_some()
                    && here.seen.serial.is_some()
                    && here.seen.serial != found.serial;
                if !is_other && !was_away {
                    here.seen = found.clone();
                    continue;
                }
                slot.remove();
            }
            self.insertions += 1;
            let insertion = Insertion {
                number: self.insertions,
                seen: found.clone(),
                chip,
            };
            slot.insert(insertion, self.holds_fails);
        }
        self.mark_equal_serials();
        learned
    }

    /// What is to be done now. The lanes are busy from here on.
    pub(crate) fn orders(&mut self, now: Moment) -> Vec<Order> {
        let mut orders = Vec::new();
        if !self.armed {
            return orders;
        }
        for (lane, slot) in self.slots.iter_mut().enumerate() {
            let Some(here) = slot.here.clone().filter(|_| slot.absent_since.is_none()) else {
                continue;
            };
            match &slot.stage {
                Stage::Ready if !(self.once && slot.has_run) => {
                    slot.stage = Stage::Identifying { since: now };
                    slot.has_run = true;
                    orders.push(Order::Start {
                        lane,
                        reader: here,
                        again: slot.again.take(),
                    });
                }
                Stage::Unfinished { begun, .. } => {
                    let begun = begun.clone();
                    let is_other = begun.chip.is_some()
                        && here.seen.serial.is_some()
                        && begun.chip != here.seen.serial;
                    slot.stage = Stage::Running {
                        begun: begun.clone(),
                        job: None,
                    };
                    slot.has_run = true;
                    orders.push(if is_other {
                        Order::Abandon { lane, begun }
                    } else {
                        Order::Resume { lane, begun }
                    });
                }
                _ => {}
            }
        }
        orders
    }

    /// Names of the lanes whose reader reports the serial number of this unit now.
    pub(crate) fn same_serial_as(&self, begun: &Begun) -> Vec<String> {
        let others = self.slots.iter().filter(|slot| {
            let here = slot.here.as_ref();
            let serial = here.and_then(|here| here.seen.serial.as_ref());
            slot.lane.name != begun.lane
                && begun.serial.is_some()
                && serial == begun.serial.as_ref()
        });
        others.map(|slot| slot.lane.name.clone()).collect()
    }

    /// A unit ended. Too many fails stop the line.
    pub(crate) fn count(&mut self, result: UnitResult) {
        if result != UnitResult::Fail {
            return;
        }
        self.fails += 1;
        if self.armed && self.stop_after.is_some_and(|most| self.fails >= most) {
            let why = refused(
                format!("The line stopped after {} fails.", self.fails),
                "The stop rule was met. Lanes that run are finished.",
                "Look into the cause, then arm again.",
            );
            self.disarm(Some(why.titled("The line stopped")));
        }
    }

    /// Tries the unit of a lane again: at once when its reader is there, otherwise with the next one.
    pub(crate) fn retry(&mut self, lane: usize) -> Result<(), Diagnosis> {
        if !self.armed {
            return Err(refused(
                "The lane was not tried again.",
                "The bench is not armed.",
                "Arm it first.",
            ));
        }
        let slot = self.idle(lane)?;
        match &slot.stage {
            Stage::Ended { begun, result, .. } if *result != UnitResult::Pass => {
                slot.again = Some((begun.unit, begun.attempt));
            }
            Stage::Held { .. } => {}
            _ => {
                return Err(refused(
                    "The lane was not tried again.",
                    "Its unit did not fail.",
                    "Choose a lane that says FAIL, SENT, STOPPED or HOLD.",
                ));
            }
        }
        slot.has_run = false;
        slot.stage = match slot.here {
            Some(_) => Stage::Ready,
            None => Stage::Empty,
        };
        Ok(())
    }

    /// Lanes whose unit failed.
    pub(crate) fn failed(&self) -> Vec<usize> {
        let failed = |(lane, slot): (usize, &Slot)| match &slot.stage {
            Stage::Ended {
                result: UnitResult::Fail,
                ..
            } => Some(lane),
            _ => None,
        };
        self.slots.iter().enumerate().filter_map(failed).collect()
    }

    /// A user has seen how the unit of a lane ended. The lane is free as soon as its reader is taken out.
    pub(crate) fn acknowledge(&mut self, lane: usize) -> Result<(), Diagnosis> {
        let slot = self.idle(lane)?;
        let insertion = slot.here.as_ref().map(|here| here.number);
        if let Stage::Ended {
            acknowledged,
            begun,
            ..
        } = &mut slot.stage
        {
            *acknowledged = true;
            // Whatever was plugged in after it is another reader.
            let is_newer = insertion.is_some_and(|number| number > begun.insertion);
            slot.stage = match insertion {
                None => Stage::Empty,
                Some(_) if is_newer => Stage::Ready,
                Some(_) => return Ok(()),
            };
        }
        Ok(())
    }

    /// Every lane with a place has carried its unit out, or waits for a user.
    pub(crate) fn is_done(&self) -> bool {
        let mut taught = self
            .slots
            .iter()
            .filter(|slot| slot.lane.place.is_some())
            .peekable();
        taught.peek().is_some() && taught.all(Slot::is_settled)
    }

    fn idle(&mut self, lane: usize) -> Result<&mut Slot, Diagnosis> {
        let there = self.slots.get_mut(lane).filter(|slot| !slot.is_busy());
        there.ok_or_else(|| {
            refused(
                "The lane was left as it is.",
                "It is busy, or there is no such lane.",
                "Wait until its unit has ended.",
            )
        })
    }

    fn learn(&mut self, seen: &[Seen]) -> bool {
        let Some(known) = &mut self.teaching else {
            return false;
        };
        if !self.has_scanned {
            known.extend(seen.iter().map(|seen| seen.place.clone()));
            return false;
        }
        // A reader that is taken out and plugged in again is new.
        known.retain(|place| seen.iter().any(|seen| seen.place == *place));
        let mut learned = false;
        for new in seen {
            let is_taught = |slot: &Slot| slot.lane.place.as_deref() == Some(new.place.as_str());
            if !known.insert(new.place.clone()) || self.slots.iter().any(is_taught) {
                continue;
            }
            let untaught = self.slots.iter_mut().find(|slot| slot.lane.place.is_none());
            if let Some(slot) = untaught {
                slot.lane.place = Some(new.place.clone());
                slot.lane.place_name.clone_from(&new.place_name);
                learned = true;
            }
        }
        learned
    }

    fn mark_equal_serials(&mut self) {
        let mut lanes: HashMap<String, Vec<usize>> = HashMap::new();
        for (lane, slot) in self.slots.iter().enumerate() {
            let here = slot.here.as_ref();
            if let Some(serial) = here.and_then(|here| here.seen.serial.clone()) {
                lanes.entry(serial).or_default().push(lane);
            }
        }
        let names: Vec<String> = self.slots.iter().map(|s| s.lane.name.clone()).collect();
        for (lane, slot) in self.slots.iter_mut().enumerate() {
            let serial = slot
                .here
                .as_ref()
                .and_then(|here| here.seen.serial.as_ref());
            let same = serial.and_then(|serial| lanes.get(serial));
            let others = same.into_iter().flatten().filter(|other| **other != lane);
            slot.same_serial_as = others
                .filter_map(|other| names.get(*other).cloned())
                .collect();
        }
    }
}

/// The serial numbers that one reader alone reports.
fn unique_serials(seen: &[Seen]) -> HashSet<&str> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for serial in seen.iter().filter_map(|seen| seen.serial.as_deref()) {
        *counts.entry(serial).or_default() += 1;
    }
    let unique = counts.into_iter().filter(|(_, count)| *count == 1);
    unique.map(|(serial, _)| serial).collect()
}

#[cfg(test)]
#[path = "board_tests.rs"]
mod tests;
