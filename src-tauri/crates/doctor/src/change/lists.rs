//! The lock of the system's lists of users and groups, which the programs that change them take as well: lckpwdf(3).

use std::fs::File;

use super::whole::failed;
use super::within::within;
use crate::{DoctorFault, Root};

const LISTS: [&str; 2] = ["/etc/group", "/etc/gshadow"];
const LOCK: &str = "/etc/.pwd.lock";

/// Takes the lock where one of these files is a list; refuses while another program has it.
pub(super) fn lock_of_lists<'a>(
    root: &Root,
    mut files: impl Iterator<Item = &'a String>,
    as_root: &str,
) -> Result<Option<File>, DoctorFault> {
    if !files.any(|path| LISTS.contains(&path.as_str())) {
        return Ok(None);
    }
    within(root, LOCK)?;
    locked(root)
        .map(Some)
        .map_err(|error| failed(LOCK, &error, as_root))
}

#[cfg(unix)]
fn locked(root: &Root) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(root.path(LOCK))?;
    rustix::fs::fcntl_lock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).map_err(
        |error| match error {
            rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS => {
                std::io::Error::other("another program changes the lists of users and groups now")
            }
            error => error.into(),
        },
    )?;
    Ok(lock)
}

#[cfg(not(unix))]
fn locked(root: &Root) -> std::io::Result<File> {
    File::create(root.path(LOCK))
}
