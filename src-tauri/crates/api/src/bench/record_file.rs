//! The record of a lot in a file of the user's: CSV (RFC 4180) or JSON Lines, one row for each try of a unit.
//!
//! Rows are only appended, and on the disk before the lane says how its unit ended.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use firmdrop_core::{Diagnosis, Moment};
use serde_json::Value;

use super::line;
use super::refusal::not_written;
use super::{UnitRecord, refused};

/// Largest record that is continued.
const LARGEST_BYTES: u64 = 256 << 20;
/// The columns, in the order of CSV. They are the fields of JSON Lines too.
const COLUMNS: [&str; 24] = [
    "lot",
    "unit",
    "attempt",
    "result",
    "label",
    "lane",
    "place",
    "destination",
    "reader",
    "serial",
    "from_version",
    "to_version",
    "image",
    "sha256",
    "began",
    "ended",
    "seconds",
    "code",
    "cause",
    "state_now",
    "proof",
    "job",
    "simulated",
    "warning",
];
/// How each line of JSON Lines begins.
const FIRST_FIELD: &[u8] = br#"{"lot":"#;
/// What a spreadsheet takes for a formula at the beginning of a cell (OWASP, CSV injection).
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What names one row: lot, unit, attempt, and when it began. Two homes may have a lot of one name.
type Row = (String, u32, u32, Moment);

/// An open record.
#[derive(Debug)]
pub(crate) struct RecordFile {
    path: PathBuf,
    file: File,
    is_csv: bool,
    rows: HashSet<Row>,
    /// Ended while the file could not be written.
    missing: Vec<UnitRecord>,
}

impl RecordFile {
    /// Opens a record, or begins it. A file that is none is refused and left as it is, as is one that another
    /// process writes; half a row at the end of a record is dropped.
    pub(crate) fn open(path: &Path) -> Result<Self, Diagnosis> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_csv = !matches!(extension, Some("jsonl" | "ndjson" | "json"));
        // A pipe would wait for a writer, and a device may have no end.
        if std::fs::metadata(path).is_ok_and(|is| !is.is_file()) {
            return Err(no_file(path));
        }
        let opened = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        let file = opened.map_err(|error| not_written(path, &error))?;
        lock(&file, path)?;
        let mut record = Self {
            path: path.to_owned(),
            file,
            is_csv,
            rows: HashSet::new(),
            missing: Vec::new(),
        };
        let text = record
            .read()
            .map_err(|error| not_written(path, &error))?
            .ok_or_else(|| record.is_none())?;
        record.rows = text
            .lines()
            .filter_map(|line| row_of(line, is_csv))
            .collect();
        if is_csv && text.is_empty() {
            let header = format!("{}\n", COLUMNS.join(","));
            record.write(&header)?;
        }
        Ok(record)
    }

    /// Appends a row unless it is there, behind those that could not be written before. On the disk when this
    /// returns.
    pub(crate) fn append_new(&mut self, unit: &UnitRecord) -> Result<(), Diagnosis> {
        if self.rows.insert(row_of_unit(unit)) {
            self.missing.push(unit.clone());
        }
        while let Some(first) = self.missing.first() {
            let mut line = if self.is_csv {
                csv(first)
            } else {
                serde_json::to_string(first).unwrap_or_default()
            };
            line.push('\n');
            self.write(&line)?;
            self.missing.remove(0);
        }
        Ok(())
    }

    /// Lets another process write it.
    pub(crate) fn release(&self) {
        // What cannot be unlocked is so at the end of the process.
        let _ = self.file.unlock();
    }

    /// Whole rows; `None` when the file is no record.
    fn read(&mut self) -> std::io::Result<Option<String>> {
        let mut bytes = Vec::new();
        let length = (&self.file)
            .take(LARGEST_BYTES + 1)
            .read_to_end(&mut bytes)?;
        let is_small = u64::try_from(length).is_ok_and(|length| length <= LARGEST_BYTES);
        let last = bytes.iter().rposition(|byte| *byte == b'\n');
        let whole = last.map_or(0, |last| last + 1);
        let text = std::str::from_utf8(bytes.get(..whole).unwrap_or_default());
        let Ok(text) = text else { return Ok(None) };
        let rest = bytes.get(whole..).unwrap_or_default();
        let is_record = match text.lines().next() {
            Some(first) if self.is_csv => first == COLUMNS.join(","),
            Some(first) => row_of(first, false).is_some(),
            // Killed within its first row, or within the line of names.
            None if self.is_csv => COLUMNS.join(",").as_bytes().starts_with(rest),
            None => FIRST_FIELD.starts_with(rest) || rest.starts_with(FIRST_FIELD),
        };
        if !is_record || !is_small {
            return Ok(None);
        }
        if whole < length {
            self.file.set_len(u64::try_from(whole).unwrap_or(0))?;
        }
        Ok(Some(text.to_owned()))
    }

    fn write(&mut self, line: &str) -> Result<(), Diagnosis> {
        let written = line::append(&mut self.file, line);
        written.map_err(|error| not_written(&self.path, &error))
    }

    fn is_none(&self) -> Diagnosis {
        refused(
            format!("{} is no record of a bench.", self.path.display()),
            "It has something else in it, and was left as it is.",
            "Name another file.",
        )
    }
}

/// Takes the file for this process. A file system without locks has none, and neither has Windows, where they
/// would keep everybody from reading.
#[cfg(unix)]
fn lock(file: &File, path: &Path) -> Result<(), Diagnosis> {
    match file.try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => Err(refused(
            format!("Another bench writes the record {}.", path.display()),
            "It is locked.",
            "Close that bench, or name another file.",
        )),
        Ok(()) | Err(std::fs::TryLockError::Error(_)) => Ok(()),
    }
}

#[cfg(not(unix))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "other systems may refuse the file"
)]
fn lock(_: &File, _: &Path) -> Result<(), Diagnosis> {
    Ok(())
}

fn no_file(path: &Path) -> Diagnosis {
    refused(
        format!("{} is no file.", path.display()),
        "A record is a regular file, which can be read again.",
        "Name a file.",
    )
}

/// What the row of a unit is named by.
fn row_of_unit(unit: &UnitRecord) -> Row {
    (unit.lot.clone(), unit.unit, unit.attempt, unit.began)
}

/// What a row is named by; `None` for a line that is no row.
fn row_of(line: &str, is_csv: bool) -> Option<Row> {
    if !is_csv {
        return serde_json::from_str(line).ok().as_ref().map(row_of_unit);
    }
    let cells = cells(line);
    let of = |column| {
        let at = COLUMNS.iter().position(|name| *name == column)?;
        cells.get(at)
    };
    Some((
        of("lot")?.clone(),
        of("unit")?.parse().ok()?,
        of("attempt")?.parse().ok()?,
        serde_json::from_value(of("began")?.clone().into()).ok()?,
    ))
}

/// The cells of a row. No cell has an end of line.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            // Two quotes within a quoted cell are one.
            '"' if is_quoted && rest.next_if_eq(&'"').is_some() => {}
            '"' => {
                is_quoted = !is_quoted;
                continue;
            }
            ',' if !is_quoted => {
                cells.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(cell) = cells.last_mut() {
            cell.push(c);
        }
    }
    cells
}

fn csv(unit: &UnitRecord) -> String {
    let value = serde_json::to_value(unit).unwrap_or_default();
    let cells = COLUMNS.iter().map(|column| match value.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => cell(text),
        Some(other) => other.to_string(),
    });
    cells.collect::<Vec<_>>().join(",")
}

/// One line, and no formula: what a reader calls itself is foreign text.
fn cell(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let line = if text.starts_with(FORMULAS) {
        format!("'{line}")
    } else {
        line
    };
    if line.contains([',', '"']) {
        format!("\"{}\"", line.replace('"', "\"\""))
    } else {
        line
    }
}

#[cfg(test)]
#[path = "record_file_tests.rs"]
mod tests;
