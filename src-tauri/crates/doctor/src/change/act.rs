//! Making a change that a user agreed to, and undoing it.

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::files::{FileState, recorded, restore, state_of, write};
use super::lists::lock_of_lists;
use super::record::{self, ChangeState, Record, SystemChange};
use super::whole::{failed, is_full};
use crate::{DoctorFault, Fix, Root, System};

/// Who runs the commands behind a change. Under another root than the running system's nobody does.
pub trait Commands {
    /// Runs one; its words when it fails.
    fn run(&self, command: &[String]) -> Result<(), String>;
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SystemChanged {
    /// The change, as it is recorded now.
    pub change: SystemChange,
    /// Commands that were not run or failed, each with the reason. The files are as the change says all the same.
    pub not_run: Vec<String>,
}

/// The changes that were made on a system, the newest first.
///
/// # Errors
/// [`DoctorFault::RecordUnreadable`].
pub fn history(root: &Root) -> Result<Vec<SystemChange>, DoctorFault> {
    let mut changes = record::read(root)?;
    changes.reverse();
    Ok(changes)
}

/// Makes a change: the record is written before the first file, every file is written whole. Refuses when a file is
/// not as the fix shows it. A failure in the middle restores what was written.
///
/// # Errors
/// [`DoctorFault`]; nothing is changed unless it says so.
pub fn apply(
    system: &System,
    fix: &Fix,
    now: Moment,
    commands: Option<&dyn Commands>,
) -> Result<SystemChanged, DoctorFault> {
    let root = &system.root;
    let mut record = Record::open(root, &fix.as_root)?;
    let _lists = lock_of_lists(root, fix.files.iter().map(|file| &file.path), &fix.as_root)?;
    let files: Result<Vec<_>, _> = fix.files.iter().map(|file| recorded(root, file)).collect();
    let id = record.changes.iter().map(|change| change.id).max();
    record.changes.push(SystemChange {
        id: id.unwrap_or_default().saturating_add(1),
        fix: fix.id.clone(),
        title: fix.title.clone(),
        at: now,
        state: ChangeState::Begun,
        undone_at: None,
        files: files?,
        commands: fix.commands.clone(),
    });
    record.write()?;
    let last = record.changes.len() - 1;
    let change = record.changes[last].clone();
    for (at, file) in change.files.iter().enumerate() {
        if let Err(error) = write(root, file) {
            let mut fault = failed(&file.path, &error, &fix.as_root);
            let written = change.files[..at].iter();
            let left: Vec<_> = written
                .filter(|file| restore(root, file).is_err())
                .map(|file| file.path.clone())
                .collect();
            if left.is_empty() {
                // Nothing of it is left, so nothing is recorded.
                record.changes.pop();
                record.write()?;
            } else {
                fault = DoctorFault::Failed {
                    path: file.path.clone(),
                    why: error.to_string(),
                    is_full: is_full(&error),
                    written: left,
                };
            }
            return Err(fault);
        }
    }
    finished(record, last, ChangeState::Made, None, commands)
}

/// Restores every file of a change to the byte, with its rights and owner. Refuses, and restores none, when one of
/// them was written by somebody else since. `id`: its number, or `last` for the newest that was not undone.
///
/// # Errors
/// [`DoctorFault`]; nothing is restored unless it says so.
pub fn undo(
    system: &System,
    id: &str,
    now: Moment,
    commands: Option<&dyn Commands>,
) -> Result<SystemChanged, DoctorFault> {
    let root = &system.root;
    let as_root = system.as_root(&format!("--undo {id}"));
    let known = record::read(root)?;
    find(&known, id)?;
    let record = Record::open(root, &as_root)?;
    let at = find(&record.changes, id)?;
    let change = &record.changes[at];
    let _lists = lock_of_lists(root, change.files.iter().map(|file| &file.path), &as_root)?;
    let standing: Result<Vec<_>, _> = change
        .files
        .iter()
        .map(|file| state_of(root, file))
        .collect();
    let mut restored = Vec::new();
    for (file, state) in change.files.iter().zip(standing?).rev() {
        if state == FileState::Before {
            continue;
        }
        if let Err(error) = restore(root, file) {
            if restored.is_empty() {
                return Err(failed(&file.path, &error, &as_root));
            }
            return Err(DoctorFault::HalfRestored {
                path: file.path.clone(),
                why: error.to_string(),
                restored,
            });
        }
        restored.push(file.path.clone());
    }
    finished(record, at, ChangeState::Undone, Some(now), commands)
}

/// A change that can be undone: its number, or `last` for the newest. Changes nothing.
///
/// # Errors
/// [`DoctorFault`] where there is none, or where it was undone.
pub fn change_to_undo(system: &System, id: &str) -> Result<SystemChange, DoctorFault> {
    let mut known = record::read(&system.root)?;
    let at = find(&known, id)?;
    Ok(known.swap_remove(at))
}

/// Where a change is in the record.
fn find(changes: &[SystemChange], id: &str) -> Result<usize, DoctorFault> {
    let none = || DoctorFault::NoSuchChange { id: id.to_owned() };
    let is_open = |change: &SystemChange| change.state != ChangeState::Undone;
    if id == "last" {
        return changes.iter().rposition(is_open).ok_or_else(none);
    }
    let number: u32 = id.parse().map_err(|_| none())?;
    let at = changes.iter().position(|change| change.id == number);
    match at {
        Some(at) if is_open(&changes[at]) => Ok(at),
        Some(_) => Err(DoctorFault::AlreadyUndone { id: number }),
        None => Err(none()),
    }
}

/// Writes down how far a change got, and runs its commands.
fn finished(
    mut record: Record,
    at: usize,
    state: ChangeState,
    undone_at: Option<Moment>,
    commands: Option<&dyn Commands>,
) -> Result<SystemChanged, DoctorFault> {
    let change = &mut record.changes[at];
    (change.state, change.undone_at) = (state, undone_at);
    let change = change.clone();
    record.write()?;
    let run = |command: &Vec<String>| {
        let words = command.join(" ");
        match commands {
            None => Some(format!("{words}: not the running system")),
            Some(commands) => commands
                .run(command)
                .err()
                .map(|why| format!("{words}: {why}")),
        }
    };
    let not_run = change.commands.iter().filter_map(run).collect();
    Ok(SystemChanged { change, not_run })
}
