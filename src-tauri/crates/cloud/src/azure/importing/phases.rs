//! The phases of an import, as a plan shows them.

use firmdrop_core::Phase;

use crate::azure::staging;

pub(super) const CHECK_UPDATE: &str = "check_update";
pub(super) const IMPORT: &str = "import";
pub(super) const WATCH: &str = "watch_import";
pub(super) const COMPARE: &str = "compare";
pub(super) const CLEAN_UP: &str = "clean_up";

/// Longest silence, seconds: the client gives up a silent line after 30.
const STALL_SECONDS: u32 = 40;
/// The service says little while it imports: it scans every file. Seconds.
const IMPORT_STALL_SECONDS: u32 = 15 * 60;
/// What an import of a small update usually takes, seconds: the portal's own words are "a few minutes".
const IMPORT_SECONDS: u32 = 180;

/// The phases of an import with so many bytes to stage.
pub fn phases(staged_bytes: u64) -> Vec<Phase> {
    let phase = |key: &str, title: &str, seconds: u32, undo: &str| Phase {
        key: key.to_owned(),
        title: title.to_owned(),
        bytes: 0,
        usual_seconds: Some(seconds),
        stall_seconds: STALL_SECONDS,
        can_stop: true,
        undo: undo.to_owned(),
    };
    let nothing = "Nothing to undo";
    let deleted = "Undo: delete the update";
    let mut phases = vec![phase(CHECK_UPDATE, "Check the version", 1, nothing)];
    phases.extend(staging::phases(staged_bytes));
    phases.push(phase(IMPORT, "Request the import", 2, deleted));
    phases.push(Phase {
        stall_seconds: IMPORT_STALL_SECONDS,
        ..phase(WATCH, "Wait for the import", IMPORT_SECONDS, deleted)
    });
    phases.push(phase(COMPARE, "Compare sizes and SHA-256", 2, nothing));
    phases.push(phase(CLEAN_UP, "Delete the staged files", 2, nothing));
    phases
}
