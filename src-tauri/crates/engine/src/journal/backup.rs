//! Copies of the journal, made while it is whole, and the return to one when it is damaged.
//!
//! A copy is named after the number of the last line in it. Some few are held; the oldest goes first.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags};

use super::JournalError;
use super::private_file::with_companions;
use super::schema::BUSY;

/// Copies that are held.
const COPIES: usize = 3;
/// Shortest time between two copies.
const APART: Duration = Duration::from_mins(10);

/// Copies the journal when it changed since the last copy, after it was checked. A damaged one is
/// reported and not copied.
pub(super) fn check_and_copy(journal: &Path, connection: &Connection) -> Result<(), JournalError> {
    let last_line = last_line(connection)?;
    let newest = copies(journal).into_iter().next_back();
    let unchanged = newest.as_ref().is_some_and(|copy| copy.line >= last_line);
    if last_line == 0 || unchanged {
        return Ok(());
    }
    check(connection)?;
    if newest.is_some_and(|copy| copy.age() < APART) {
        return Ok(());
    }
    // No room for a copy, or no right to make one: the journal itself can be used.
    let _ = copy(journal, connection, last_line);
    Ok(())
}

/// Whether the structure of the file is whole.
pub(super) fn check(connection: &Connection) -> Result<(), JournalError> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    Err(JournalError::Damaged { why: found })
}

/// The number of the last line that was ever written.
fn last_line(connection: &Connection) -> Result<u64, JournalError> {
    let number: Option<i64> =
        connection.query_row("SELECT MAX(number) FROM event", [], |row| row.get(0))?;
    Ok(number
        .and_then(|number| u64::try_from(number).ok())
        .unwrap_or(0))
}

fn copy(journal: &Path, connection: &Connection, last_line: u64) -> Result<(), JournalError> {
    let folder = folder(journal);
    let failed = |error: io::Error| JournalError::Damaged {
        why: error.to_string(),
    };
    crate::home::make_private_folder(&folder).map_err(failed)?;
    let (path, beside) = (
        folder.join(format!("{last_line:020}.sqlite")),
        folder.join(format!("{last_line:020}.{}.new", std::process::id())),
    );
    // What a process that was killed left there.
    let _ = std::fs::remove_file(&beside);
    super::private_file::tighten(&beside).map_err(failed)?;
    let name = beside.to_string_lossy().into_owned();
    // It is put onto the disk once, when it is whole; one that is not yet whole has another name.
    connection.pragma_update(None, "synchronous", "OFF")?;
    let copied = connection.execute("VACUUM INTO ?1", [name]);
    connection.pragma_update(None, "synchronous", "FULL")?;
    copied?;
    std::fs::File::options()
        .write(true)
        .open(&beside)
        .and_then(|file| file.sync_data())
        .map_err(failed)?;
    crate::home::rename_durably(&beside, &path).map_err(failed)?;
    let all = copies(journal);
    for old in all.iter().take(all.len().saturating_sub(COPIES)) {
        // One that stays is only a leftover.
        let _ = std::fs::remove_file(&old.path);
    }
    Ok(())
}

/// A copy.
struct Copy {
    line: u64,
    path: PathBuf,
}

impl Copy {
    fn age(&self) -> Duration {
        let modified = std::fs::metadata(&self.path).and_then(|metadata| metadata.modified());
        modified
            .ok()
            .and_then(|modified| modified.elapsed().ok())
            .unwrap_or_default()
    }

    /// Opens it, when it is whole.
    fn whole(&self) -> Option<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).ok()?;
        connection.busy_timeout(BUSY).ok()?;
        check(&connection).ok().map(|()| connection)
    }
}

/// The copies there are, the oldest first.
fn copies(journal: &Path) -> Vec<Copy> {
    let Ok(entries) = std::fs::read_dir(folder(journal)) else {
        return Vec::new();
    };
    let mut copies: Vec<Copy> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let line = path.file_name()?.to_str()?.strip_suffix(".sqlite")?;
            let line = line.parse().ok()?;
            Some(Copy { line, path })
        })
        .collect();
    copies.sort_by_key(|copy| copy.line);
    copies
}

/// Whether there are copies of a journal.
pub(super) fn has_copies(journal: &Path) -> bool {
    !copies(journal).is_empty()
}

fn folder(journal: &Path) -> PathBuf {
    journal.with_extension("copies")
}

/// Sets a damaged journal aside and puts the newest whole copy in its place. Answers where the
/// damaged one is and how old the copy is; `None`, with nothing changed, when there is no whole copy.
///
/// Nobody else may have the journal open.
pub(super) fn restore(journal: &Path) -> io::Result<Option<(PathBuf, Duration)>> {
    let Some(copy) = copies(journal)
        .into_iter()
        .rev()
        .find(|copy| copy.whole().is_some())
    else {
        return Ok(None);
    };
    let beside = journal.with_extension("restored");
    let mut restored = crate::home::private_file(&beside)?;
    io::copy(&mut std::fs::File::open(&copy.path)?, &mut restored)?;
    restored.sync_all()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default().as_millis();
    let aside = journal.with_extension(format!("damaged-{now}.sqlite"));
    for (from, to) in with_companions(journal).iter().zip(with_companions(&aside)) {
        match std::fs::rename(from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    crate::home::rename_durably(&beside, journal)?;
    Ok(Some((aside, copy.age())))
}
