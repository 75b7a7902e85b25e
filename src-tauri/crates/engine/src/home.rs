//! The folder where journal, locks, accounts and settings lie.

use std::path::{Path, PathBuf};

use firmdrop_core::{Code, Diagnosis, Remedy};

/// Firmdrop's own folder. Several processes may share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    folder: PathBuf,
}

impl Home {
    /// Opens the folder, making it when it is not there; nobody but its owner can read it from then on.
    ///
    /// Fails with [`Code::HomeNotWritable`] when it cannot be made. One that is there and may not be
    /// written can be read.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Diagnosis> {
        let home = Self {
            folder: folder.into(),
        };
        let is_there = home.folder.is_dir();
        for folder in [
            home.folder.clone(),
            home.locks(),
            home.keys(),
            home.downloads(),
        ] {
            match make_private_folder(&folder) {
                // One that may not be written can be read: evidence, or a full disk.
                Err(error) if is_there && is_refusal_to_write(&error) => {}
                made => made.map_err(|error| home.not_writable(&error))?,
            }
        }
        if !tighten(&home.folder) && is_there && home.is_writable() {
            return Err(home.open_to_others());
        }
        for folder in [&home.folder, &home.keys(), &home.manifest_keys()] {
            tighten_files(folder);
        }
        Ok(home)
    }

    /// Where a home lies unless somebody names another folder: the system's place for an
    /// application's data. `None` when the environment does not tell.
    pub fn usual_folder() -> Option<PathBuf> {
        let variable = |name| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        if cfg!(windows) {
            return variable("LOCALAPPDATA").map(|data| data.join("Firmdrop"));
        }
        if cfg!(target_os = "macos") {
            return variable("HOME").map(|home| home.join("Library/Application Support/Firmdrop"));
        }
        variable("XDG_DATA_HOME")
            .or_else(|| variable("HOME").map(|home| home.join(".local/share")))
            .map(|data| data.join("firmdrop"))
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Journal and ledger.
    pub fn journal(&self) -> PathBuf {
        self.folder.join("journal.sqlite")
    }

    /// Locks of jobs and destinations.
    pub fn locks(&self) -> PathBuf {
        self.folder.join("locks")
    }

    /// Accounts, without their keys.
    pub fn accounts(&self) -> PathBuf {
        self.folder.join("accounts.json")
    }

    /// Access keys, where the system has no key store.
    pub fn keys(&self) -> PathBuf {
        self.folder.join("keys")
    }

    /// Keys that sign manifests.
    pub fn manifest_keys(&self) -> PathBuf {
        self.folder.join("manifest-keys")
    }

    /// What was fetched from a URL.
    pub fn downloads(&self) -> PathBuf {
        self.folder.join("downloads")
    }

    /// What the simulated world holds between runs.
    pub fn demo(&self) -> PathBuf {
        self.folder.join("demo")
    }

    /// Where the simulated world is that a process of this home has open.
    pub(crate) fn demo_address(&self) -> PathBuf {
        self.folder.join("demo-world")
    }

    /// Settings of the window.
    pub fn settings(&self) -> PathBuf {
        self.folder.join("settings.json")
    }

    /// Writes the window's settings, whole or not at all.
    pub fn write_settings(&self, content: &[u8]) -> Result<(), Diagnosis> {
        write_durably(&self.settings(), content).map_err(|error| self.not_writable(&error))
    }

    fn is_writable(&self) -> bool {
        let probe = self.locks().join("home");
        private_file(&probe).is_ok()
    }

    fn open_to_others(&self) -> Diagnosis {
        let folder = self.folder.display();
        Diagnosis::new(
            Code::HomeNotWritable,
            format!("{folder} can be read by other users, and its rights could not be changed."),
            "Access keys and what was delivered would be open to them.",
        )
        .titled("Firmdrop's own folder is open to others")
        .state("Nothing was written there.")
        .remedy(Remedy::Advice {
            text: format!(
                "Take their rights away (chmod 700 {folder}), or name another folder with --home."
            ),
        })
    }

    /// The bench: its lanes and its recipe.
    pub fn bench(&self) -> PathBuf {
        self.folder.join("bench.json")
    }

    /// Writes the bench, whole or not at all.
    pub fn write_bench(&self, content: &[u8]) -> Result<(), Diagnosis> {
        write_durably(&self.bench(), content).map_err(|error| self.not_writable(&error))
    }

    /// The lots of the bench, a file each. Made when it is not there.
    pub fn lots(&self) -> Result<PathBuf, Diagnosis> {
        let folder = self.folder.join("lots");
        make_private_folder(&folder).map_err(|error| self.not_writable(&error))?;
        Ok(folder)
    }

    /// What readers held before they were written, a file for each job that saved it. Made when it is not there.
    pub fn saved(&self) -> Result<PathBuf, Diagnosis> {
        let folder = self.folder.join("saved");
        make_private_folder(&folder).map_err(|error| self.not_writable(&error))?;
        Ok(folder)
    }

    /// The readers that were added by their address.
    pub fn added_readers(&self) -> PathBuf {
        self.folder.join("readers.json")
    }

    /// What the user calls readers that are seen.
    pub fn reader_names(&self) -> PathBuf {
        self.folder.join("reader-names.json")
    }

    /// Writes those names, whole or not at all.
    pub fn write_reader_names(&self, content: &[u8]) -> Result<(), Diagnosis> {
        write_durably(&self.reader_names(), content).map_err(|error| self.not_writable(&error))
    }

    /// Writes the readers that were added, whole or not at all.
    pub fn write_added_readers(&self, content: &[u8]) -> Result<(), Diagnosis> {
        write_durably(&self.added_readers(), content).map_err(|error| self.not_writable(&error))
    }

    /// The failure to write here, in words for the user.
    pub fn not_writable(&self, error: &std::io::Error) -> Diagnosis {
        let folder = self.folder.display();
        let diagnosis = if error.kind() == std::io::ErrorKind::StorageFull {
            Diagnosis::new(
                Code::DiskFull,
                format!("{folder} could not be written."),
                error.to_string(),
            )
            .remedy(Remedy::FreeSpace)
        } else {
            Diagnosis::new(
                Code::HomeNotWritable,
                format!("{folder} could not be written."),
                error.to_string(),
            )
            .remedy(Remedy::Advice {
                text: format!("Make {folder} writable, or name another folder with --home."),
            })
        };
        diagnosis.state("Nothing was sent and nothing was written.")
    }
}

fn is_refusal_to_write(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::ReadOnlyFilesystem
            | std::io::ErrorKind::PermissionDenied
            | std::io::ErrorKind::StorageFull
    )
}

/// Takes others' rights to a folder away; `false` when some are left.
#[cfg(unix)]
fn tighten(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let is_open = || std::fs::metadata(folder).is_ok_and(|it| it.permissions().mode() & 0o077 != 0);
    if is_open() {
        // Whether it did is looked at right below: some file systems have no rights to take.
        let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
    }
    !is_open()
}

#[cfg(not(unix))]
fn tighten(_: &Path) -> bool {
    true
}

/// Most files of a folder that are looked at.
#[cfg(unix)]
const MOST_FILES: usize = 10_000;

/// Takes others' rights to the files of a folder away, which an older program may have left.
#[cfg(unix)]
fn tighten_files(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.take(MOST_FILES).flatten() {
        // Not through a link: what it leads to is not ours.
        let open = entry
            .metadata()
            .is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o077 != 0);
        if open {
            // The folder above lets nobody in.
            let _ = std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(0o600));
        }
    }
}

#[cfg(not(unix))]
fn tighten_files(_: &Path) {}

/// Writes a small file so that a crash leaves either the old or the new content.
pub(crate) fn write_durably(path: &Path, content: &[u8]) -> std::io::Result<()> {
    rename_durably(&written_beside(path, content)?, path)
}

/// The same without waiting until the new content has its name for good: after a loss of power it may
/// be the old one, never a part of either.
pub(crate) fn replace_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    std::fs::rename(written_beside(path, content)?, path)
}

fn written_beside(path: &Path, content: &[u8]) -> std::io::Result<PathBuf> {
    use std::io::Write as _;
    let beside = path.with_extension("new");
    let mut file = private_file(&beside)?;
    file.write_all(content)?;
    file.sync_data()?;
    Ok(beside)
}

/// Renames, and makes it survive the loss of power.
pub(crate) fn rename_durably(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::rename(from, to)?;
    sync_folder_of(to)
}

/// Makes a rename survive the loss of power.
#[cfg(unix)]
fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Other systems do so by themselves, or offer no way.
#[cfg(not(unix))]
fn sync_folder_of(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Makes a file that only its owner can read, or empties one.
#[cfg(unix)]
pub(crate) fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
pub(crate) fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    std::fs::File::create(path)
}

#[cfg(unix)]
pub(crate) fn make_private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(not(unix))]
pub(crate) fn make_private_folder(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_that_is_a_file_is_refused_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("taken");
        std::fs::write(&file, b"x").unwrap();
        let diagnosis = Home::open(&file).unwrap_err();
        assert_eq!(diagnosis.code, Code::HomeNotWritable);
        assert!(!diagnosis.remedies.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_home_that_others_could_read_is_tightened() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("home");
        std::fs::create_dir(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Home::open(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_written_can_be_read_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path().join("home")).unwrap();
        write_durably(&home.accounts(), b"{}").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(home.folder()), 0o700);
        assert_eq!(mode(&home.accounts()), 0o600);
    }
}
