//! Can Firmdrop's own folder be written, and is there room?

use std::path::Path;

use firmdrop_core::{MIB, Remedy, grouped};

use crate::Facts;
use crate::finding::{Finding, FindingState};

/// Room for the journal and its copies, MiB.
const LEAST_MIB: u64 = 64;
/// Room for a large image that is downloaded first, MiB.
const ENOUGH_MIB: u64 = 1024;

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let folder = facts.home.display();
    let home = match &facts.home_refused {
        Some(refused) => {
            let finding = Finding::new("home", FindingState::Problem, refused.what_happened.clone())
                .why(refused.why.clone());
            refused
                .remedies
                .iter()
                .filter_map(|remedy| match remedy {
                    Remedy::Advice { text } => Some(text.clone()),
                    Remedy::FreeSpace => Some("Make room on the disk.".to_owned()),
                    _ => None,
                })
                .fold(finding, Finding::advice)
        }
        None => match write_and_remove(&facts.home) {
            Ok(()) => Finding::new(
                "home",
                FindingState::Fine,
                format!("Firmdrop's own folder {folder} can be written."),
            ),
            Err(error) => Finding::new(
                "home",
                FindingState::Problem,
                format!("Firmdrop's own folder {folder} cannot be written."),
            )
            .why(error.to_string())
            .advice(format!(
                "Make {folder} writable (chmod u+rwx {folder}, or chown by root), or name another folder with --home."
            )),
        },
    };
    vec![home, disk(facts)]
}

/// Makes a file and removes it.
fn write_and_remove(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!("doctor.{}", std::process::id()));
    std::fs::write(&probe, b"x")?;
    std::fs::remove_file(probe)
}

fn disk(facts: &Facts) -> Finding {
    match free_bytes(&facts.home) {
        Some(bytes) => judged(bytes, &facts.home),
        None => Finding::new(
            "disk",
            FindingState::Unknown,
            "How much room the disk has is not known.",
        ),
    }
}

/// Free bytes for this user on the disk of a folder, or of the nearest one above it that is there.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let said = rustix::fs::statvfs(there).ok()?;
    said.f_bavail.checked_mul(said.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

fn judged(bytes: u64, folder: &Path) -> Finding {
    let mib = bytes / MIB;
    let room = format!(
        "The disk of {} has {} MiB free.",
        folder.display(),
        grouped(mib)
    );
    if mib < LEAST_MIB {
        Finding::new("disk", FindingState::Problem, room)
            .why("The journal of a delivery is written before the delivery; on a full disk none begins.")
            .advice("Make room on the disk, or name a folder on another one with --home.")
    } else if mib < ENOUGH_MIB {
        Finding::new("disk", FindingState::Notice, room)
            .why("Images that are downloaded are stored there first.")
            .advice("Make room on the disk before a large download.")
    } else {
        Finding::new("disk", FindingState::Fine, room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_a_problem_and_a_small_rest_a_notice() {
        let state = |mib: u64| judged(mib * MIB, Path::new("/x")).state;
        assert_eq!(state(0), FindingState::Problem);
        assert_eq!(state(63), FindingState::Problem);
        assert_eq!(state(64), FindingState::Notice);
        assert_eq!(state(1024), FindingState::Fine);
    }
}
