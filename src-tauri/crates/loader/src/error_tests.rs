//! Tests of the errors of loads.

use super::*;

fn every_error() -> Vec<LoadError> {
    let state = || LeftState("The reader runs its old image.".into());
    let address = || LinkAddress::new("sim", "a");
    vec![
        LoadError::Link {
            source: LinkError::Timeout { place: "p".into() },
            state: state(),
        },
        LoadError::NotWrittenDown {
            source: NotDurable { why: "full".into() },
            state: state(),
        },
        LoadError::Protocol {
            said: "nonsense".into(),
            state: state(),
        },
        LoadError::Refused {
            why: "it is busy".into(),
            advice: None,
            state: state(),
        },
        LoadError::DoesNotFit { why: "no".into() },
        LoadError::NotABootloader { why: "no".into() },
        LoadError::BadOption {
            name: "a".into(),
            why: "no".into(),
        },
        LoadError::Read {
            source: std::io::Error::other("x"),
            state: state(),
        },
        LoadError::SlotDiffers {
            ours: "a".into(),
            theirs: "b".into(),
            state: state(),
        },
        LoadError::Rejected { state: state() },
        LoadError::InBootloader { state: state() },
        LoadError::NotReturned {
            seconds: 120,
            address: address(),
            state: state(),
        },
        LoadError::NotReady {
            seconds: 120,
            state: state(),
        },
        LoadError::AnotherAnswers {
            found: "An application answers there.".into(),
            state: state(),
        },
        LoadError::NotAsPlanned {
            changes: "Its serial number is B, and was A.".into(),
            state: state(),
        },
        LoadError::NotActivated {
            old: true,
            state: state(),
        },
        LoadError::NotConfirmed { state: state() },
        LoadError::CannotRestart {
            why: "It runs its application.".into(),
            advice: "Unplug the reader.",
        },
        LoadError::RestartChanges {
            why: "Slot 1 is marked.".into(),
        },
        LoadError::Stopped { state: state() },
    ]
}

#[test]
fn every_failure_says_in_what_state_the_reader_was_left_and_what_helps() {
    for error in every_error() {
        let diagnosis = error.diagnose();
        assert!(!diagnosis.state_now.is_empty(), "{error}");
        assert!(!diagnosis.remedies.is_empty(), "{error}");
        let resume = diagnosis.remedies.contains(&Remedy::Resume);
        assert_eq!(resume, error.can_resume(), "{error}");
    }
}

#[test]
fn what_happened_and_why_are_two_sentences_that_begin_with_a_capital() {
    for error in every_error() {
        let diagnosis = error.diagnose();
        assert_ne!(diagnosis.what_happened, diagnosis.why, "{error}");
        let from_link = matches!(error, LoadError::Link { .. });
        let first = diagnosis.what_happened.chars().next();
        assert!(
            from_link || first.is_some_and(char::is_uppercase),
            "{error}"
        );
    }
}

#[test]
fn nobody_is_asked_to_plug_a_reader_on_the_network_in_again() {
    let error = |address: &str| LoadError::NotReturned {
        seconds: 1,
        address: address.parse().unwrap(),
        state: LeftState(String::new()),
    };
    let udp = error("udp:127.0.0.1:1337").diagnose();
    assert!(!udp.remedies.contains(&Remedy::Reconnect));
    let serial = error("serial:/dev/ttyACM0").diagnose();
    assert!(serial.remedies.contains(&Remedy::Reconnect));
}
