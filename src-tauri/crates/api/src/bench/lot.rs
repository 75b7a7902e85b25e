//! The log of a lot: what began and how it ended, a line each, on the disk before anything is written to a reader.
//!
//! A process that is killed leaves a log from which the next one continues; half a line at its end is dropped.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use firmdrop_core::{Diagnosis, Moment, Sha256};
use firmdrop_engine::JobId;
use serde::{Deserialize, Serialize};

use super::counts::Counter;
use super::label::LabelFacts;
use super::line;
use super::refusal::not_written;
use super::unit::RecordDetails;
use super::{Label, LotCounts, RecordFile, UnitRecord, UnitResult, refused};

/// Largest log that is read: 100,000 units of a lot, with room.
const LARGEST_BYTES: u64 = 256 << 20;

/// The image of a lot; a lot has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LotImage {
    pub(crate) name: String,
    pub(crate) sha256: Sha256,
    pub(crate) version: Option<String>,
}

/// A unit that began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Begun {
    pub(crate) unit: u32,
    pub(crate) attempt: u32,
    /// Name of the lane.
    pub(crate) lane: String,
    /// Key of its place.
    pub(crate) place: String,
    pub(crate) place_name: String,
    pub(crate) destination: String,
    pub(crate) reader: String,
    pub(crate) serial: Option<String>,
    /// What the reader is known by wherever it is plugged in; absent when nothing makes it unique.
    pub(crate) chip: Option<String>,
    /// Names of the lanes whose reader reported the same serial number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) same_serial_as: Vec<String>,
    pub(crate) from_version: Option<String>,
    pub(crate) simulated: bool,
    pub(crate) at: Moment,
    /// Its job; absent when it failed before there was one.
    pub(crate) job: Option<JobId>,
    /// Which insertion of this process it was; 0 for one of an earlier process.
    #[serde(skip)]
    pub(crate) insertion: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    Lot {
        lot: String,
        image: LotImage,
    },
    Begun(Begun),
    Ended {
        unit: u32,
        attempt: u32,
        result: UnitResult,
        record: Box<UnitRecord>,
    },
    /// The job of a unit was never begun.
    Void {
        unit: u32,
        attempt: u32,
    },
}

/// An open lot. One process has it.
#[derive(Debug)]
pub(crate) struct Lot {
    name: String,
    image: LotImage,
    path: PathBuf,
    /// Locked while it is open.
    file: File,
    label: Option<Label>,
    record: Option<RecordFile>,
    counter: Counter,
    /// Began and have not ended.
    open: BTreeMap<(u32, u32), Begun>,
    /// The unit that passed with each chip.
    passed: HashMap<String, u32>,
    /// Serial numbers that several readers of the lot reported: they identify none of them.
    shared_serials: HashSet<String>,
    next_unit: u32,
    /// Ended units that the record may not have yet.
    ended: Vec<UnitRecord>,
}

impl Lot {
    /// Opens a lot, or begins it. Fails when another process has it, or when it is of another image.
    pub(crate) fn open(
        folder: &Path,
        name: &str,
        image: LotImage,
        label: Option<Label>,
    ) -> Result<Self, Diagnosis> {
        let path = folder.join(format!("{name}.jsonl"));
        let file = open_locked(&path, name)?;
        let mut lot = Self {
            name: name.to_owned(),
            image,
            file,
            label,
            record: None,
            counter: Counter::default(),
            open: BTreeMap::new(),
            passed: HashMap::new(),
            shared_serials: HashSet::new(),
            next_unit: 1,
            ended: Vec::new(),
            path,
        };
        lot.replay()?;
        Ok(lot)
    }

    /// Writes a record for each unit to this file from now on, beginning with those it does not have yet.
    pub(crate) fn write_record(&mut self, path: &Path) -> Result<(), Diagnosis> {
        let mut record = RecordFile::open(path)?;
        for unit in &self.ended {
            record.append_new(unit)?;
        }
        self.record = Some(record);
        Ok(())
    }

    /// Lets another process, or this one, open it again.
    pub(crate) fn release(&self) {
        // What cannot be unlocked is so at the end of the process.
        let _ = self.file.unlock();
        if let Some(record) = &self.record {
            record.release();
        }
    }

    /// The counters.
    pub(crate) fn counts(&self, size: Option<u32>, now: Moment) -> LotCounts {
        self.counter.counts(size, now)
    }

    /// Units that began and have not ended.
    pub(crate) fn unfinished(&self) -> Vec<Begun> {
        self.open.values().cloned().collect()
    }

    /// The unit that passed with this chip; none when several readers of the lot reported its number.
    pub(crate) fn passed(&self, chip: &str) -> Option<u32> {
        let is_shared = self.shared_serials.contains(chip);
        self.passed.get(chip).copied().filter(|_| !is_shared)
    }

    /// Number and try for what is plugged in: the next number, or one more try of a unit.
    pub(crate) fn number(&mut self, again: Option<(u32, u32)>) -> (u32, u32) {
        if let Some((unit, attempt)) = again {
            return (unit, attempt + 1);
        }
        let unit = self.next_unit;
        self.next_unit += 1;
        (unit, 1)
    }

    /// Writes down that a unit begins. On the disk when this returns.
    pub(crate) fn begin(&mut self, begun: Begun) -> Result<(), Diagnosis> {
        self.append(&Line::Begun(begun.clone()))?;
        self.took(begun);
        Ok(())
    }

    /// Writes down how a unit ended, there and in the record. On the disk when this returns.
    pub(crate) fn end(
        &mut self,
        begun: &Begun,
        result: UnitResult,
        why: RecordDetails,
        at: Moment,
    ) -> Result<UnitRecord, Diagnosis> {
        let record = self.record_of(begun, result, why, at);
        self.append(&Line::Ended {
            unit: begun.unit,
            attempt: begun.attempt,
            result,
            record: Box::new(record.clone()),
        })?;
        self.settle(&record, result);
        if let Some(file) = &mut self.record {
            file.append_new(&record)?;
        }
        Ok(record)
    }

    /// Writes down that a unit was never begun.
    pub(crate) fn void(&mut self, begun: &Begun) -> Result<(), Diagnosis> {
        let (unit, attempt) = (begun.unit, begun.attempt);
        self.append(&Line::Void { unit, attempt })?;
        self.open.remove(&(unit, attempt));
        Ok(())
    }

    /// The label of a unit; its number in the lot without a template.
    pub(crate) fn label(&self, begun: &Begun, at: Moment) -> String {
        let date = at.to_string();
        let facts = LabelFacts {
            lot: &self.name,
            unit: begun.unit,
            lane: &begun.lane,
            serial: begun.serial.as_deref(),
            version: self.image.version.as_deref(),
            date: date.get(..10).unwrap_or_default(),
        };
        let by_template = self.label.as_ref().map(|label| label.of(&facts));
        by_template.unwrap_or_else(|| format!("{}-{}", self.name, begun.unit))
    }

    fn record_of(
        &self,
        begun: &Begun,
        result: UnitResult,
        why: RecordDetails,
        at: Moment,
    ) -> UnitRecord {
        UnitRecord {
            lot: self.name.clone(),
            unit: begun.unit,
            attempt: begun.attempt,
            result: result.word().to_owned(),
            label: self.label(begun, at),
            lane: begun.lane.clone(),
            place: begun.place_name.clone(),
            destination: begun.destination.clone(),
            reader: begun.reader.clone(),
            serial: begun.serial.clone(),
            from_version: begun.from_version.clone(),
            to_version: self.image.version.clone(),
            image: self.image.name.clone(),
            sha256: self.image.sha256.to_string(),
            began: begun.at,
            ended: at,
            seconds: (at.seconds_since(begun.at) * 10.0).round() / 10.0,
            code: why.code,
            cause: why.cause,
            state_now: why.state_now,
            proof: why.proof,
            job: begun.job.clone(),
            simulated: begun.simulated,
            warning: same_serial(&begun.same_serial_as),
        }
    }

    fn took(&mut self, begun: Begun) {
        self.next_unit = self.next_unit.max(begun.unit.saturating_add(1));
        if begun.chip.is_none() {
            self.shared_serials.extend(begun.serial.clone());
        }
        self.open.insert((begun.unit, begun.attempt), begun);
    }

    fn settle(&mut self, record: &UnitRecord, result: UnitResult) {
        let begun = self.open.remove(&(record.unit, record.attempt));
        if let Some(chip) = begun.and_then(|begun| begun.chip) {
            if result == UnitResult::Pass {
                self.passed.insert(chip, record.unit);
            } else {
                self.passed.remove(&chip);
            }
        }
        self.counter.ended(record.unit, result, record.ended);
        self.ended.push(record.clone());
    }

    fn replay(&mut self) -> Result<(), Diagnosis> {
        let text = self.read().map_err(|error| self.unreadable(&error))?;
        let mut is_new = true;
        for line in text.lines() {
            // A line of a later version, or a damaged one: the others stand for themselves.
            let Ok(line) = serde_json::from_str::<Line>(line) else {
                continue;
            };
            match line {
                Line::Lot { image, .. } if image.sha256 != self.image.sha256 => {
                    return Err(self.of_another_image(&image));
                }
                Line::Lot { .. } => is_new = false,
                Line::Begun(begun) => self.took(begun),
                Line::Ended { result, record, .. } => self.settle(&record, result),
                Line::Void { unit, attempt } => {
                    self.open.remove(&(unit, attempt));
                }
            }
        }
        if is_new {
            let (lot, image) = (self.name.clone(), self.image.clone());
            self.append(&Line::Lot { lot, image })?;
        }
        Ok(())
    }

    /// Everything up to the last whole line; what follows it is cut off.
    fn read(&mut self) -> std::io::Result<String> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        if self.file.metadata()?.len() > LARGEST_BYTES {
            let most = format!("it has more than {LARGEST_BYTES} bytes");
            return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, most));
        }
        (&self.file).take(LARGEST_BYTES).read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n');
        let length = whole.map_or(0, |last| last + 1);
        if length < bytes.len() {
            self.file.set_len(u64::try_from(length).unwrap_or(0))?;
            bytes.truncate(length);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn append(&mut self, line: &Line) -> Result<(), Diagnosis> {
        let mut text = serde_json::to_string(line).unwrap_or_default();
        text.push('\n');
        let written = line::append(&mut self.file, &text);
        written.map_err(|error| not_written(&self.path, &error))
    }

    fn unreadable(&self, error: &std::io::Error) -> Diagnosis {
        refused(
            format!("The log of lot {} was not read.", self.name),
            error.to_string(),
            "Check the disk, or begin another lot.",
        )
    }

    fn of_another_image(&self, image: &LotImage) -> Diagnosis {
        refused(
            format!("Lot {} was begun with another image.", self.name),
            format!(
                "It was begun with {} (SHA-256 {}), and this is {} (SHA-256 {}).",
                image.name, image.sha256, self.image.name, self.image.sha256
            ),
            "Choose that image, or begin another lot.",
        )
    }
}

/// The warning of a unit whose reader reports a serial number that is not its alone.
fn same_serial(lanes: &[String]) -> Option<String> {
    if lanes.is_empty() {
        return None;
    }
    Some(format!(
        "Same serial number as the reader at lane {}; identified by its place",
        lanes.join(", ")
    ))
}

fn open_locked(path: &Path, name: &str) -> Result<File, Diagnosis> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(path)
        .map_err(|error| not_written(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(refused(
            format!("Lot {name} is open in another Firmdrop."),
            "Its log is locked.",
            "Close the other one, or use another lot.",
        )),
        Err(std::fs::TryLockError::Error(error)) => Err(not_written(path, &error)),
    }
}

#[cfg(test)]
#[path = "lot_tests.rs"]
mod tests;
