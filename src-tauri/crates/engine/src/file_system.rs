//! What the file system of a home can do: whether it lies on a network drive, and whether it has locks.
//!
//! A lock on a network drive may be one of this computer alone, or none at all.

use std::fs::TryLockError;
use std::io;
use std::path::Path;

use crate::home::private_file;

/// The network file system a folder lies on, where the system tells; `None` on a disk of this computer.
#[cfg(target_os = "linux")]
pub fn network_file_system(folder: &Path) -> Option<&'static str> {
    named(u64::try_from(rustix::fs::statfs(folder).ok()?.f_type).ok()? & 0xffff_ffff)
}

/// The network file system a folder lies on, where the system tells; `None` on a disk of this computer.
#[cfg(not(target_os = "linux"))]
pub fn network_file_system(_: &Path) -> Option<&'static str> {
    None
}

/// Numbers of `linux/magic.h`, and of file systems that are not in it: `statfs(2)`.
#[cfg(any(target_os = "linux", test))]
fn named(number: u64) -> Option<&'static str> {
    Some(match number {
        0x6969 => "NFS",
        0x517b => "SMB",
        0xfe53_4d42 => "SMB 2",
        0xff53_4d42 => "CIFS",
        0x5346_414f | 0x6b41_4653 => "AFS",
        0x00c3_6400 => "Ceph",
        0x7375_7245 => "Coda",
        0x564c => "NCP",
        0x0bd0_0bd0 => "Lustre",
        _ => return None,
    })
}

/// Why a file in this folder cannot be locked; `None` when it can, or when it cannot be written at all.
pub(crate) fn refuses_locks(folder: &Path) -> Option<io::Error> {
    let file = private_file(&folder.join("lock.probe")).ok()?;
    let refused = match file.try_lock_shared() {
        Ok(()) | Err(TryLockError::WouldBlock) => None,
        Err(TryLockError::Error(error)) => Some(error),
    };
    // One that stays is only a leftover.
    let _ = std::fs::remove_file(folder.join("lock.probe"));
    refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_drives_are_known_by_their_number_and_disks_are_none() {
        assert_eq!(named(0x6969), Some("NFS"));
        assert_eq!(named(0xff53_4d42), Some("CIFS"));
        for disk in [0xef53, 0x0102_1994, 0x9123_683e, 0x5846_5342] {
            assert_eq!(named(disk), None, "{disk:x}");
        }
    }

    #[test]
    fn a_folder_of_this_computer_has_locks_and_is_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        assert!(refuses_locks(folder.path()).is_none());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
