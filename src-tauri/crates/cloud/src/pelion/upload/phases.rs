//! The phases of an upload, as the plan shows them.

use firmdrop_core::{ExpectedFile, Phase};

use super::Chunking;

pub(super) const CHECK_FILE: &str = "check_file";
pub(super) const CREATE_JOB: &str = "create_job";
pub(super) const SEND_CHUNKS: &str = "send_chunks";
pub(super) const SEND_BODY: &str = "send_body";
pub(super) const FINISH: &str = "finish";
pub(super) const COMPARE: &str = "compare";

/// Longest silence of the service before a phase is called stalled, seconds.
const STALL_SECONDS: u32 = 30;

/// What an upload of this file will do, in order.
pub fn phases(expected: &ExpectedFile, chunking: Chunking) -> Vec<Phase> {
    let phase = |key: &str, title: &str, undo: &str| Phase {
        key: key.to_owned(),
        title: title.to_owned(),
        bytes: 0,
        usual_seconds: Some(2),
        stall_seconds: STALL_SECONDS,
        can_stop: true,
        undo: undo.to_owned(),
    };
    let bytes = |phase: Phase| Phase {
        bytes: expected.size_bytes,
        usual_seconds: None,
        ..phase
    };
    let nothing = "Nothing to undo";
    let job = "Undo: delete the upload job";
    // An upload job, when the file turns out to be too large for one request.
    let arrived = "Undo: delete what arrived";
    let image = "Undo: delete the firmware image";
    if chunking.takes_chunks(expected.size_bytes) {
        vec![
            phase(CHECK_FILE, "Check file", nothing),
            phase(CREATE_JOB, "Create job", job),
            bytes(phase(SEND_CHUNKS, "Send chunks", job)),
            phase(FINISH, "Finish", image),
            phase(COMPARE, "Compare copy", nothing),
        ]
    } else {
        vec![
            phase(CHECK_FILE, "Check file", nothing),
            bytes(phase(SEND_BODY, "Send file", arrived)),
            phase(COMPARE, "Compare copy", nothing),
        ]
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::{MIB, Sha256};

    use super::*;

    fn keys(size_bytes: u64, chunking: Chunking) -> Vec<String> {
        let sha256 = Sha256::of(b"");
        let expected = ExpectedFile { size_bytes, sha256 };
        phases(&expected, chunking)
            .into_iter()
            .map(|phase| phase.key)
            .collect()
    }

    #[test]
    fn a_file_of_exactly_100_mib_goes_in_chunks() {
        let chunks = [
            "check_file",
            "create_job",
            "send_chunks",
            "finish",
            "compare",
        ];
        let whole = ["check_file", "send_body", "compare"];
        assert_eq!(keys(100 * MIB, Chunking::default()), chunks);
        assert_eq!(keys(100 * MIB - 1, Chunking::default()), whole);
        assert_eq!(
            keys(
                1,
                Chunking::Fixed {
                    chunk_bytes: 5 * MIB
                }
            ),
            chunks
        );
    }
}
