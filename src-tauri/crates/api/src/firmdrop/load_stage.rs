//! What of a load took longer than its deadline.

use firmdrop_core::{Code, Diagnosis, Remedy};

use crate::{LoadMessage, LoadRefusal, LoadRules};

/// What has to be done before a load begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Finding,
    Downloading,
    Reading,
    Identifying,
    Planning,
}

/// The refusal of a load whose deadline passed in this stage.
pub(super) fn too_slow(stage: Stage, rules: &LoadRules) -> LoadRefusal {
    let (message, code, what) = match stage {
        Stage::Finding => (
            LoadMessage::NotAvailable,
            Code::LinkTimeout,
            "Looking for the reader was ended.",
        ),
        Stage::Downloading => (
            LoadMessage::DownloadFailed,
            Code::DownloadFailed,
            "The download was ended.",
        ),
        Stage::Reading => (
            LoadMessage::ReadFailed,
            Code::ReadFailed,
            "Reading the firmware was ended.",
        ),
        Stage::Identifying => (
            LoadMessage::NotAvailable,
            Code::LinkTimeout,
            "The reader was not identified.",
        ),
        Stage::Planning => (
            LoadMessage::NotAvailable,
            Code::LinkTimeout,
            "The reader was identified; what the load would do was not planned.",
        ),
    };
    let state = match stage {
        Stage::Finding | Stage::Downloading | Stage::Reading => "Nothing was sent to the reader.",
        Stage::Identifying | Stage::Planning => "The reader was only read, not changed.",
    };
    let why = format!("It was not done within {} s.", rules.deadline.as_secs_f32());
    let diagnosis = Diagnosis::new(code, what, why)
        .state(state)
        .remedy(Remedy::advice("Try again, with a longer deadline."));
    LoadRefusal::called(message, diagnosis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_was_asked_what_it_is_was_sent_something() {
        let of = |stage| *too_slow(stage, &LoadRules::of_this_user()).diagnosis;
        for asked in [Stage::Identifying, Stage::Planning] {
            assert!(!of(asked).state_now.contains("Nothing was sent"));
        }
        for unasked in [Stage::Finding, Stage::Downloading, Stage::Reading] {
            assert!(of(unasked).state_now.contains("Nothing was sent"));
        }
        let planning = of(Stage::Planning);
        assert!(!planning.what_happened.contains("not identified"));
    }
}
