//! How a journal is opened: made, checked, migrated, restored, or only read.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::schema::{self, BUSY, UpgradePlan};
use super::{JournalError, backup, private_file as private};
use crate::home::private_file;

/// A journal that was opened.
pub(super) enum Opened {
    /// It can be written.
    Writable {
        connection: Connection,
        restored: Option<Restored>,
        /// Says to other processes that it is in use.
        using: Option<File>,
    },
    /// It may not be written; this is a copy of it.
    ReadOnly(ReadCopy),
}

/// A journal that was damaged, and restored from a copy when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the damaged file was put.
    pub set_aside: PathBuf,
    /// How old the copy is that took its place.
    pub copy_age: Duration,
    /// What was found.
    pub why: String,
}

impl Diagnose for Restored {
    fn diagnose(&self) -> Diagnosis {
        let minutes = self.copy_age.as_secs().div_ceil(60);
        let aside = if self.set_aside.exists() {
            format!(" The damaged file is {}.", self.set_aside.display())
        } else {
            String::new()
        };
        Diagnosis::new(
            Code::JournalDamaged,
            format!(
                "The journal could not be read and was restored from a copy that is {minutes} min old."
            ),
            self.why.clone(),
        )
        .state(format!(
            "What was written since that copy is missing from the list of jobs and from the ledger.{aside}"
        ))
        .remedy(Remedy::Advice {
            text: "Compare the destinations of the last jobs before sending anything again.".into(),
        })
    }
}

/// Opens the journal for writing, or a copy of it when it may only be read.
pub(super) fn open(path: &Path, upgrade: UpgradePlan<'_>) -> Result<Opened, JournalError> {
    let using = use_journal(path);
    let opened = match missing(path) {
        Some(missing) => Err(missing),
        None => open_to_write(path, upgrade),
    };
    match opened {
        Ok(connection) => Ok(Opened::Writable {
            connection,
            restored: None,
            using,
        }),
        Err(error) if error.is_refusal_to_write() && path.is_file() => {
            ReadCopy::of_journal(path, upgrade).map(Opened::ReadOnly)
        }
        Err(error) if error.is_damage() || matches!(error, JournalError::Damaged { .. }) => {
            drop(using);
            let restored = restore(path, error)?;
            let using = use_journal(path);
            let connection = open_to_write(path, upgrade)?;
            Ok(Opened::Writable {
                connection,
                restored: Some(restored),
                using,
            })
        }
        Err(error) => Err(error),
    }
}

/// A journal that is not there, or empty, although copies of it are.
fn missing(path: &Path) -> Option<JournalError> {
    let is_blank = std::fs::metadata(path).map_or_else(
        |error| error.kind() == io::ErrorKind::NotFound,
        |file| file.len() == 0,
    );
    (is_blank && backup::has_copies(path)).then(|| JournalError::Damaged {
        why: "it is missing or empty, and copies of it are there".into(),
    })
}

fn open_to_write(path: &Path, upgrade: UpgradePlan<'_>) -> Result<Connection, JournalError> {
    // A file that cannot be made or tightened is refused, with its reason, right below.
    let _ = private::tighten(path);
    let mut connection = Connection::open(path)?;
    schema::prepare(&connection)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What was committed is on the disk already. Moving it into the main file when the last process
    // ends, or within a commit, would make whoever waits for it wait for the disk three more times.
    // `checkpoint` does it, and sees by the length of the file beside the journal when.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", 0)?;
    if schema::version(&connection)? > 0 {
        backup::check_and_copy(path, &connection)?;
    }
    if connection.is_readonly(MAIN_DB)? {
        return Err(read_only());
    }
    schema::migrate(&mut connection, upgrade)?;
    Ok(connection)
}

/// What `SQLite` would say at the first write.
fn read_only() -> JournalError {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
    rusqlite::Error::SqliteFailure(code, None).into()
}

/// Puts a copy in the place of a damaged journal, when nobody else has it open.
fn restore(path: &Path, damage: JournalError) -> Result<Restored, JournalError> {
    let why = damage.to_string();
    let refused = |reason: String| JournalError::Damaged {
        why: format!("{why}; {reason}"),
    };
    let alone = private_file(&users(path)).map_err(|error| refused(error.to_string()))?;
    match alone.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(refused("another Firmdrop has it open".into()));
        }
        Err(TryLockError::Error(error)) => return Err(refused(error.to_string())),
    }
    match backup::restore(path) {
        Ok(Some((set_aside, copy_age))) => Ok(Restored {
            set_aside,
            copy_age,
            why,
        }),
        Ok(None) => Err(damage),
        Err(error) => Err(refused(error.to_string())),
    }
}

/// The file whose lock every process shares that has the journal open.
fn users(path: &Path) -> PathBuf {
    path.with_extension("users")
}

/// Says that this process has the journal open, for as long as the answer lives.
fn use_journal(path: &Path) -> Option<File> {
    let file = private_file(&users(path)).ok()?;
    // Whoever restores holds it for moments.
    file.lock_shared().ok()?;
    Some(file)
}

/// A copy of a journal that may not be written, for as long as it is read.
#[derive(Debug)]
pub(super) struct ReadCopy {
    folder: PathBuf,
    path: PathBuf,
    of: PathBuf,
}

impl ReadCopy {
    /// Copies the file and what `SQLite` holds beside it, and brings the copy up to date.
    fn of_journal(of: &Path, upgrade: UpgradePlan<'_>) -> Result<Self, JournalError> {
        let name = format!("firmdrop-read-{}", uuid::Uuid::new_v4().simple());
        let folder = std::env::temp_dir().join(name);
        let copy = Self {
            path: folder.join("journal.sqlite"),
            folder,
            of: of.to_owned(),
        };
        let copied = || -> io::Result<()> {
            crate::home::make_private_folder(&copy.folder)?;
            let [from, from_wal, _] = private::with_companions(of);
            let [to, to_wal, _] = private::with_companions(&copy.path);
            std::fs::copy(from, &to)?;
            match std::fs::copy(from_wal, to_wal) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            make_writable(&to)
        };
        copied().map_err(|error| JournalError::Damaged {
            why: format!("it could not be copied to be read: {error}"),
        })?;
        let mut connection = Connection::open_with_flags(
            &copy.path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(BUSY)?;
        schema::migrate(&mut connection, upgrade)?;
        Ok(copy)
    }

    /// The copy.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it is a copy of.
    pub(super) fn of(&self) -> &Path {
        &self.of
    }
}

impl Drop for ReadCopy {
    fn drop(&mut self) {
        // One that stays is only a leftover in a temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[cfg(unix)]
fn make_writable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_writable(path: &Path) -> io::Result<()> {
    let mut permissions = std::fs::metadata(path)?.permissions();
    permissions.set_readonly(false);
    std::fs::set_permissions(path, permissions)
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Moment;

    use super::*;
    use crate::delivery::test_plan;
    use crate::{JobId, Journal};

    /// A journal with this many jobs.
    fn journal(path: &Path, jobs: usize) {
        let journal = Journal::open(path).unwrap();
        for _ in 0..jobs {
            let at = Moment::from_millisecond(1);
            let added = journal.add(&JobId::new(), &test_plan(), at, None);
            added.wait().unwrap();
        }
    }

    fn count(path: &Path) -> usize {
        Journal::open(path).unwrap().newest(100).unwrap().len()
    }

    /// Overwrites pages in the middle of the file, once everything is in it.
    fn damage(path: &Path) {
        let connection = Connection::open(path).unwrap();
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        drop(connection);
        let mut bytes = std::fs::read(path).unwrap();
        assert!(bytes.len() > 3 * 4096, "{}", bytes.len());
        bytes[4096..].fill(0xa5);
        std::fs::write(path, bytes).unwrap();
    }

    #[test]
    fn a_damaged_journal_is_set_aside_and_restored_from_the_last_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        journal(&path, 3);
        // Opening it makes the copy.
        journal(&path, 0);
        damage(&path);
        let restored = Journal::open(&path).unwrap();
        assert_eq!(restored.newest(10).unwrap().len(), 3);
        let how = restored.restored().unwrap();
        assert!(how.set_aside.exists(), "{how:?}");
        assert!(how.diagnose().state_now.contains("damaged"));
        drop(restored);
        assert!(Journal::open(&path).unwrap().restored().is_none());
    }

    #[test]
    fn a_damaged_journal_that_another_process_has_open_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        journal(&path, 3);
        let other = Journal::open(&path).unwrap();
        let connection = Connection::open(&path).unwrap();
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        let held = std::fs::read(&path).unwrap();
        damage(&path);
        let error = Journal::open(&path).unwrap_err();
        assert!(error.to_string().contains("another Firmdrop"), "{error}");
        std::fs::write(&path, held).unwrap();
        drop(other);
        assert_eq!(count(&path), 3);
    }

    #[test]
    fn opening_and_reading_wait_for_nobody_who_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        journal(&path, 2);
        let busy = Connection::open(&path).unwrap();
        busy.execute_batch("BEGIN IMMEDIATE").unwrap();
        let began = std::time::Instant::now();
        assert_eq!(count(&path), 2);
        assert!(began.elapsed() < BUSY / 2, "it waited for the writer");
    }

    #[test]
    fn a_journal_that_another_program_has_open_for_long_is_busy_and_not_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        journal(&path, 1);
        let viewer = Connection::open(&path).unwrap();
        viewer.execute_batch("BEGIN IMMEDIATE").unwrap();
        let impatient = Connection::open(&path).unwrap();
        impatient.busy_timeout(Duration::ZERO).unwrap();
        let refused = impatient.execute_batch("BEGIN IMMEDIATE").unwrap_err();
        let busy = JournalError::from(refused);
        assert!(!busy.is_damage());
        let protocol = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_PROTOCOL);
        let protocol = rusqlite::Error::SqliteFailure(protocol, None);
        for error in [busy, JournalError::from(protocol)] {
            let diagnosis = error.diagnose();
            assert_eq!(diagnosis.code, Code::HomeNotWritable, "{diagnosis:?}");
            assert!(diagnosis.title.contains("Another program"));
            let text = format!("{:?}", diagnosis.remedies);
            assert!(!text.contains("move the file"), "{text}");
        }
    }

    #[test]
    fn a_journal_that_may_not_be_written_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        journal(&path, 2);
        // Not yet in the main file: the last writer still has it open.
        let writer = Journal::open(&path).unwrap();
        let at = Moment::from_millisecond(2);
        let added = writer.add(&JobId::new(), &test_plan(), at, None);
        added.wait().unwrap();
        let copy = ReadCopy::of_journal(&path, &|_| None).unwrap();
        let place = copy.folder.clone();
        let read = Journal::read_only(copy);
        assert_eq!(read.newest(10).unwrap().len(), 3);
        assert!(read.is_read_only());
        let refused = read.add(&JobId::new(), &test_plan(), at, None).wait();
        assert!(matches!(refused, Err(JournalError::ReadOnly(of)) if of == path));
        drop(read);
        assert!(!place.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_journal_that_others_could_read_is_tightened() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        std::fs::write(&path, b"").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let _journal = Journal::open(&path).unwrap();
        for file in private::with_companions(&path) {
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}", file.display());
        }
    }
}
