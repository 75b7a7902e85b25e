//! The phases of staging, as a plan shows them.

use firmdrop_core::Phase;

pub(super) const CHECK: &str = "check_storage";
pub(super) const STAGE: &str = "stage_files";
pub(super) const ADDRESSES: &str = "sign_addresses";

/// Longest silence of a line that moves, seconds: the client itself gives up a silent one after 30.
const STALL_SECONDS: u32 = 40;

/// The phases for files of so many bytes together.
pub fn phases(total_bytes: u64) -> Vec<Phase> {
    let phase = |key: &str, title: &str, undo: &str| Phase {
        key: key.to_owned(),
        title: title.to_owned(),
        bytes: 0,
        usual_seconds: Some(1),
        stall_seconds: STALL_SECONDS,
        can_stop: true,
        undo: undo.to_owned(),
    };
    let nothing = "Nothing to undo";
    vec![
        phase(CHECK, "Check storage access", nothing),
        Phase {
            bytes: total_bytes,
            usual_seconds: None,
            ..phase(STAGE, "Store the files", "Undo: delete the stored files")
        },
        phase(
            ADDRESSES,
            "Sign read-only links",
            "Nothing to undo: the links expire",
        ),
    ]
}
