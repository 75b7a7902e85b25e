//! Locks of the operating system on jobs, places and the simulated world. They end with the process,
//! however it ends, so a free lock means that nobody is at work.
//!
//! A job belongs to its home. A place belongs to the computer: two homes must not write one reader.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use firmdrop_core::Sha256;

use crate::home::{make_private_folder, private_file};
use crate::{Home, JobId};

/// A held lock. Dropping it releases it.
#[derive(Debug)]
pub(crate) struct Held {
    _file: File,
}

/// Takes the lock on a job, or `None` when another process carries it out.
pub(crate) fn try_job(home: &Home, job: &JobId) -> io::Result<Option<Held>> {
    try_lock(&home.locks().join(format!("job-{job}")))
}

/// Takes the lock on a place, or `None` while another process delivers there. The same text names
/// the same place, in every home of this user on this computer; a simulated place belongs to its home.
pub(crate) fn try_place(home: &Home, place: &str, simulated: bool) -> io::Result<Option<Held>> {
    let folder = if simulated {
        home.locks()
    } else {
        machine_folder(home)
    };
    let name = Sha256::of(place.as_bytes()).to_string();
    try_lock(&folder.join(format!("place-{}", &name[..16])))
}

/// Takes the lock on the simulated world, or `None` while another process holds it open.
pub(crate) fn try_demo_world(home: &Home) -> io::Result<Option<Held>> {
    try_lock(&home.locks().join("demo-world"))
}

/// Removes the lock file of a job that has ended, while its lock is held. Whoever still gets a lock
/// on the removed file reads the job again and finds it ended.
pub(crate) fn forget_job(home: &Home, job: &JobId) {
    // A file that stays is only a leftover.
    let _ = std::fs::remove_file(home.locks().join(format!("job-{job}")));
}

/// Waits for the turn of this process at something that several processes change, by this name.
pub(crate) fn wait_turn(home: &Home, name: &str) -> io::Result<Held> {
    let file = private_file(&home.locks().join(name))?;
    file.lock()?;
    Ok(Held { _file: file })
}

fn try_lock(path: &Path) -> io::Result<Option<Held>> {
    let file = private_file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Held { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The folder for locks that all homes of this user share: in the system's folder for what lives as
/// long as the session, or in the one for temporary files. The home's own when neither is safe.
fn machine_folder(home: &Home) -> PathBuf {
    let session = std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty());
    let candidates = [
        session.map(|folder| PathBuf::from(folder).join("firmdrop-locks")),
        temporary_folder(home),
    ];
    let safe = candidates
        .into_iter()
        .flatten()
        .find(|folder| make_private_folder(folder).is_ok() && is_ours_alone(folder, home));
    safe.unwrap_or_else(|| home.locks())
}

/// Named after the user on systems where users share the folder for temporary files.
#[cfg(unix)]
fn temporary_folder(home: &Home) -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt as _;
    let user = std::fs::metadata(home.locks()).ok()?.uid();
    // Fixed, not `TMPDIR`: another process may have another one.
    Some(Path::new("/tmp").join(format!("firmdrop-locks-{user}")))
}

#[cfg(not(unix))]
fn temporary_folder(_: &Home) -> Option<PathBuf> {
    Some(std::env::temp_dir().join("firmdrop-locks"))
}

/// Whether the folder is one that nobody else can put files into: no link, ours, without rights of
/// others.
#[cfg(unix)]
fn is_ours_alone(folder: &Path, home: &Home) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(folder), Ok(ours)) = (
        std::fs::symlink_metadata(folder),
        std::fs::metadata(home.locks()),
    ) else {
        return false;
    };
    let others = folder.mode() & 0o077;
    folder.is_dir() && folder.uid() == ours.uid() && others == 0
}

#[cfg(not(unix))]
fn is_ours_alone(folder: &Path, _: &Home) -> bool {
    folder.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path().join("home")).unwrap();
        (folder, home)
    }

    #[test]
    fn a_job_is_carried_out_by_one_holder_at_a_time() {
        let (_folder, home) = home();
        let job = JobId::new();
        let held = try_job(&home, &job).unwrap();
        assert!(held.is_some());
        assert!(try_job(&home, &job).unwrap().is_none(), "a second holder");
        drop(held);
        assert!(
            try_job(&home, &job).unwrap().is_some(),
            "a dropped lock is free"
        );
    }

    #[test]
    fn a_place_is_one_for_all_homes_and_a_simulated_one_belongs_to_its_home() {
        let ((_one, one), (_two, two)) = (home(), home());
        let place = format!("reader:{}", JobId::new());
        let held = try_place(&one, &place, false).unwrap();
        assert!(held.is_some());
        assert!(try_place(&two, &place, false).unwrap().is_none());
        drop(held);
        assert!(try_place(&two, &place, false).unwrap().is_some());
        let _here = try_place(&one, &place, true).unwrap().unwrap();
        assert!(try_place(&two, &place, true).unwrap().is_some());
        assert!(try_place(&one, &place, true).unwrap().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_can_write_or_that_is_a_link_is_not_used() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, home) = home();
        let open = folder.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(!is_ours_alone(&open, &home));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(home.locks(), &link).unwrap();
        assert!(!is_ours_alone(&link, &home));
        assert!(is_ours_alone(&home.locks(), &home));
    }
}
