//! What answered when a load began, and is expected to answer over every later link too.
//!
//! The protocol has no serial number: readers are told apart by the program that answers, by the images that this load
//! does not write, and by the serial number of a USB port.

use firmdrop_core::ImageHash;

use super::{
    mode::Mode,
    state::{Images, in_words},
};
use crate::Slot;

/// The program that is expected, and what it lists.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    mode: Mode,
    /// The serial number that the system listed for its port.
    serial: Option<String>,
    /// Images that stay as they are during the load.
    rows: Vec<Slot>,
    /// It listed something.
    listed: bool,
    /// The image with this hash may have been started meanwhile.
    started: Option<ImageHash>,
}

/// Who answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answers {
    /// The same program of the same reader, as far as it can be told.
    TheSame,
    /// A program that is no other, and does not list yet what is expected; or a bootloader, which may be about to start
    /// the application.
    NotYet(String),
    /// Another reader, or another program: what it is, a sentence.
    Another(String),
}

impl Expected {
    /// This program of a reader that lists these images before the one with the hash `ours` is written to image number
    /// `image`; recovery may write it anywhere where the image's number is `None`.
    pub(super) fn before(
        mode: Mode,
        images: &Images,
        image: Option<u32>,
        ours: &ImageHash,
    ) -> Self {
        let rows = match mode {
            // It never writes over the image that it runs.
            Mode::Application | Mode::Unclear => running(images),
            Mode::Recovery => {
                let written = |slot: &Slot| slot.slot == 0 && Some(slot.image) == image;
                let rows = images.slots.iter().filter(|slot| !written(slot));
                rows.filter(|_| image.is_some()).cloned().collect()
            }
        };
        Self {
            mode,
            serial: None,
            // What becomes of our image, the list says.
            rows: rows
                .into_iter()
                .filter(|slot| slot.hash.as_ref() != Some(ours))
                .collect(),
            listed: !images.slots.is_empty(),
            started: None,
        }
    }

    /// The program that answers after a restart, whatever it runs.
    pub(super) fn program(mode: Mode) -> Self {
        Self {
            mode,
            serial: None,
            rows: Vec::new(),
            listed: true,
            started: None,
        }
    }

    /// At a port with this serial number.
    pub(super) fn with_serial(self, serial: Option<String>) -> Self {
        Self { serial, ..self }
    }

    /// What is at the port whose serial number is this now. A bootloader may have another than its application.
    pub(super) fn at_port(&self, serial: Option<&str>) -> Answers {
        match self.serial.as_deref().zip(serial) {
            Some((before, now)) if before != now => Answers::NotYet(format!(
                "The serial number of the port is {now}, and was {before}."
            )),
            _ => Answers::TheSame,
        }
    }

    /// From now on the image with this hash may run in place of the one that runs.
    pub(super) fn may_start(&mut self, hash: ImageHash) {
        self.started = Some(hash);
    }

    /// Who answers that lists these images, being this program.
    pub(super) fn compared_with(&self, images: &Images, mode: Mode) -> Answers {
        match (self.mode, mode) {
            (Mode::Application, Mode::Application)
            | (Mode::Recovery, Mode::Recovery)
            | (Mode::Unclear, Mode::Unclear | Mode::Application) => {}
            // Recovery whose slot is being written may list nothing, and prove nothing.
            (Mode::Recovery, Mode::Unclear) if images.slots.is_empty() => {}
            // An application lists what it runs; this one listed nothing.
            (Mode::Unclear, Mode::Recovery) if !self.listed => {}
            (Mode::Recovery, Mode::Application) => {
                return Answers::Another(format!(
                    "An application answers there, where a bootloader's serial recovery did. {}",
                    listing(images)
                ));
            }
            (Mode::Application | Mode::Unclear, Mode::Recovery) => {
                return Answers::NotYet(format!(
                    "A bootloader's serial recovery answers there, and no longer the application. {}",
                    listing(images)
                ));
            }
            (Mode::Application | Mode::Recovery, Mode::Unclear) => {
                return Answers::NotYet(format!(
                    "It is not known whether the same program answers there. {}",
                    listing(images)
                ));
            }
        }
        let mut answers = Answers::TheSame;
        for row in &self.rows {
            match found(images, row, self.mode) {
                Some(slot) if slot.hash.is_some() && slot.hash == self.started => {}
                Some(slot) if differ(row, slot) => {
                    return Answers::Another(format!(
                        "It lists {} where the reader of before lists {}.",
                        in_words(slot),
                        in_words(row)
                    ));
                }
                Some(_) => {}
                None => {
                    answers = Answers::NotYet(format!(
                        "It does not list {}, which the reader of before lists.",
                        in_words(row)
                    ));
                }
            }
        }
        answers
    }
}

/// The images that run, one for each number at most.
fn running(images: &Images) -> Vec<Slot> {
    let mut numbers: Vec<u32> = images.slots.iter().map(|slot| slot.image).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let active = numbers.iter().filter_map(|number| images.active(*number));
    active.cloned().collect()
}

/// What is listed now in the place of this row.
fn found<'a>(images: &'a Images, row: &Slot, mode: Mode) -> Option<&'a Slot> {
    match mode {
        Mode::Application | Mode::Unclear => images.active(row.image),
        Mode::Recovery => images.of(row.image).find(|slot| slot.slot == row.slot),
    }
}

/// Whether both say something, and not the same.
fn differ(before: &Slot, now: &Slot) -> bool {
    let differ =
        |one: Option<&str>, other: Option<&str>| one.zip(other).is_some_and(|(a, b)| a != b);
    before.hash.zip(now.hash).is_some_and(|(a, b)| a != b)
        || before.slot != now.slot
        || differ(before.version.as_deref(), now.version.as_deref())
}

fn listing(images: &Images) -> String {
    let rows: Vec<_> = images
        .slots
        .iter()
        .map(|slot| format!("{} in slot {}", in_words(slot), slot.slot))
        .collect();
    if rows.is_empty() {
        "It lists no image.".into()
    } else {
        format!("It lists {}.", rows.join(" and "))
    }
}
