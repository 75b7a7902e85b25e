//! Locks of the operating system on jobs, places and the simulated world. They end with the process, however it
//! ends, so a free lock means that nobody is at work.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use firmdrop_core::Sha256;

use crate::{Home, JobId};

/// A held lock. Dropping it lets it go.
#[derive(Debug)]
pub(crate) struct Held {
    _file: File,
}

/// Takes the lock on a job, or `None` when another process carries it out.
pub(crate) fn try_job(home: &Home, job: &JobId) -> io::Result<Option<Held>> {
    try_lock(&home.locks().join(format!("job-{job}")))
}

/// Takes the lock on a place, or `None` while another process delivers there.
pub(crate) fn try_place(home: &Home, place: &str) -> io::Result<Option<Held>> {
    let name = Sha256::of(place.as_bytes()).to_string();
    try_lock(&home.locks().join(format!("place-{}", &name[..16])))
}

/// Takes the lock on the simulated world, or `None` while another process keeps it open.
pub(crate) fn try_demo_world(home: &Home) -> io::Result<Option<Held>> {
    try_lock(&home.locks().join("demo-world"))
}

/// Removes the lock file of a job that has ended, while its lock is held. Whoever still gets a lock
/// on the removed file reads the job again and finds it ended.
pub(crate) fn forget_job(home: &Home, job: &JobId) {
    // A file that stays is only a leftover.
    let _ = std::fs::remove_file(home.locks().join(format!("job-{job}")));
}

fn try_lock(path: &Path) -> io::Result<Option<Held>> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Held { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_carried_out_by_one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
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
}
