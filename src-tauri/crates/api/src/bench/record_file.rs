//! The record of a lot in a file of the user's: CSV (RFC 4180) or JSON Lines, one row for each try of a unit.
//!
//! Rows are only appended, and on the disk before the lane says how its unit ended.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use firmdrop_core::Diagnosis;
use serde_json::Value;

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

/// What names one row: lot, unit, attempt.
type Row = (String, u32, u32);

/// An open record.
#[derive(Debug)]
pub(crate) struct RecordFile {
    path: PathBuf,
    file: File,
    is_csv: bool,
    rows: HashSet<Row>,
}

impl RecordFile {
    /// Opens a record, or begins it. A file that is none is refused and left as it is; half a row at the end
    /// of a record is dropped.
    pub(crate) fn open(path: &Path) -> Result<Self, Diagnosis> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_csv = !matches!(extension, Some("jsonl" | "ndjson" | "json"));
        let opened = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        let file = opened.map_err(|error| not_written(path, &error))?;
        let mut record = Self {
            path: path.to_owned(),
            file,
            is_csv,
            rows: HashSet::new(),
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

    /// Appends a row unless it is there. On the disk when this returns.
    pub(crate) fn append_new(&mut self, unit: &UnitRecord) -> Result<(), Diagnosis> {
        let row = (unit.lot.clone(), unit.unit, unit.attempt);
        if self.rows.contains(&row) {
            return Ok(());
        }
        let mut line = if self.is_csv {
            csv(unit)
        } else {
            serde_json::to_string(unit).unwrap_or_default()
        };
        line.push('\n');
        self.write(&line)?;
        self.rows.insert(row);
        Ok(())
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
        self.file.seek(SeekFrom::End(0))?;
        Ok(Some(text.to_owned()))
    }

    fn write(&mut self, line: &str) -> Result<(), Diagnosis> {
        let written = self.file.write_all(line.as_bytes());
        let written = written.and_then(|()| self.file.sync_data());
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

/// What a row is named by; `None` for a line that is no row.
fn row_of(line: &str, is_csv: bool) -> Option<Row> {
    if !is_csv {
        let row: UnitRecord = serde_json::from_str(line).ok()?;
        return Some((row.lot, row.unit, row.attempt));
    }
    // The name of a lot has neither commas nor quotes.
    let mut cells = line.splitn(4, ',');
    let lot = cells.next()?.to_owned();
    Some((
        lot,
        cells.next()?.parse().ok()?,
        cells.next()?.parse().ok()?,
    ))
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
