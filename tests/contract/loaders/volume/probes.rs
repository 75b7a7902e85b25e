//! `DAPLink` drives and the quirks that users report of them.

use std::fmt::Write as _;

use firmdrop_core::Diagnose;
use firmdrop_loader::LoadError;
use firmdrop_simulator::volume::{DriveFaults, DriveKind, SimulatedDrive};

use super::world::{World, sent};
use crate::harness::Harness as _;
use crate::record::Record;

/// Four bytes at address 0.
const HEX: &[u8] = b":0400000001020304F2\n:00000001FF\n";

fn probe(faults: DriveFaults) -> World {
    World::with(DriveKind::Daplink, faults)
}

fn why(error: &LoadError) -> String {
    assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
    assert!(error.state().contains("not known"), "{}", error.state());
    error.diagnose().why
}

#[tokio::test]
async fn a_probe_without_an_error_ends_in_sent_never_in_verified() {
    let reason = sent(probe(DriveFaults::default()).load(HEX).await.unwrap());
    assert!(reason.contains("without FAIL.TXT"), "{reason}");
}

// ARMmbed/DAPLink #941: the copy succeeds, and only FAIL.TXT says that nothing was programmed.
#[tokio::test]
async fn a_failure_that_the_probe_reports_afterwards_is_a_failure() {
    let world = probe(DriveFaults {
        fails_with: Some(
            "error: The transfer timed out.\r\ntype: transient, user\r\n\u{1b}[31m".into(),
        ),
        ..DriveFaults::default()
    });
    let why = why(&world.load(HEX).await.unwrap_err());
    assert!(
        why.contains("The transfer timed out. type: transient, user"),
        "{why}"
    );
    assert!(!why.contains('\u{1b}'));
}

// FAIL.TXT of an earlier file is there before the copy, and gone after one that succeeded.
#[tokio::test]
async fn the_failure_of_an_earlier_file_is_not_that_of_this_one() {
    let world = probe(DriveFaults::default());
    world
        .drive
        .put("FAIL.TXT", "error: The transfer timed out.\r\n");
    sent(world.load(HEX).await.unwrap());
    let ignores = probe(DriveFaults {
        ignores_blocks: true,
        ..DriveFaults::default()
    });
    ignores
        .drive
        .put("FAIL.TXT", "error: The transfer timed out.\r\n");
    let reason = sent(ignores.load(HEX).await.unwrap());
    assert!(reason.contains("did not restart"), "{reason}");
}

// ASSERT.TXT stays until it is deleted (DAPLink, MSD commands).
#[tokio::test]
async fn an_assertion_counts_only_when_it_is_new() {
    let world = probe(DriveFaults::default());
    world.drive.put("ASSERT.TXT", "Assert\r\nFile: old.c\r\n");
    sent(world.load(HEX).await.unwrap());
    // ARMmbed/DAPLink #951.
    let world = probe(DriveFaults {
        asserts_with: Some("Assert\r\nFile: target_flash.c\r\nLine: 396\r\n".into()),
        ..DriveFaults::default()
    });
    let why = why(&world.load(HEX).await.unwrap_err());
    assert!(why.contains("target_flash.c Line: 396"), "{why}");
}

#[tokio::test]
async fn a_probe_that_is_mounted_at_another_folder_afterwards_is_found_by_its_own_id() {
    let world = probe(DriveFaults {
        returns_at: Some("/media/user/READER1".into()),
        fails_with: Some("error: bad".into()),
        ..DriveFaults::default()
    });
    let why = why(&world.load(HEX).await.unwrap_err());
    assert!(why.contains("error: bad"), "{why}");
}

#[tokio::test]
async fn another_probe_at_the_same_folder_is_not_taken_for_it() {
    let world = probe(DriveFaults {
        returns_as: Some("0241".into()),
        fails_with: Some("error: of another".into()),
        ..DriveFaults::default()
    });
    let error = world.load(HEX).await.unwrap_err();
    assert!(matches!(error, LoadError::NotReturned { .. }), "{error:?}");
}

#[tokio::test]
async fn a_probe_that_does_not_come_back_is_not_said_to_hold_anything() {
    let world = probe(DriveFaults {
        stays_away: true,
        ..DriveFaults::default()
    });
    let error = world.load(HEX).await.unwrap_err();
    assert!(matches!(error, LoadError::NotReturned { .. }), "{error:?}");
    assert!(error.state().contains("not known"), "{}", error.state());
}

/// A HEX file that is copied in several pieces.
fn long_hex() -> Vec<u8> {
    let mut text = String::new();
    for row in 0..200_u16 {
        let address = (row * 16).to_be_bytes();
        let mut bytes = vec![16, address[0], address[1], 0];
        bytes.extend([address[1]; 16]);
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes.push(sum.wrapping_neg());
        text.push(':');
        for byte in bytes {
            write!(text, "{byte:02X}").unwrap();
        }
        text.push('\n');
    }
    text.push_str(":00000001FF\n");
    text.into_bytes()
}

// ARMmbed/DAPLink #951, #667, #512; microsoft/pxt #9775: a probe leaves as soon as it rejects the file, while it is
// copied. The system says "Input/output error", the probe says why when it is back.
#[tokio::test]
async fn a_probe_that_rejects_the_file_in_the_copy_is_asked_why_and_no_cable_is_blamed() {
    let world = probe(DriveFaults {
        cut_at: Some(1000),
        fails_with: Some("error: The hex file cannot be decoded.\r\ntype: user\r\n".into()),
        ..DriveFaults::default()
    });
    // It said the same of an earlier file.
    world.drive.put(
        "FAIL.TXT",
        "error: The hex file cannot be decoded.\r\ntype: user\r\n",
    );
    let error = world.load(&long_hex()).await.unwrap_err();
    assert!(
        why(&error).contains("The hex file cannot be decoded"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_probe_that_leaves_in_the_copy_and_says_nothing_has_lost_its_link() {
    for stays_away in [false, true] {
        let world = probe(DriveFaults {
            cut_at: Some(1000),
            stays_away,
            ..DriveFaults::default()
        });
        let error = world.load(&long_hex()).await.unwrap_err();
        assert!(matches!(error, LoadError::Link { .. }), "{error:?}");
        assert!(error.state().contains("A part"), "{}", error.state());
        assert!(error.can_resume());
    }
}

// ARMmbed/mbed-os #7570, #4120: all probes of a kind say the same unique id.
#[tokio::test]
async fn a_probe_with_the_same_id_at_another_port_is_not_taken_for_the_one_that_left() {
    let other = SimulatedDrive::new(DriveKind::Daplink, "/media/user/READER1");
    other.set_port("1-2.4");
    let world = probe(DriveFaults {
        stays_away: true,
        ..DriveFaults::default()
    })
    .beside(&other);
    world.drive.set_port("1-2.3");
    let error = world.load(HEX).await.unwrap_err();
    assert!(matches!(error, LoadError::NotReturned { .. }), "{error:?}");
    assert!(other.is_untouched());
}

#[tokio::test]
async fn another_probe_at_the_folder_of_the_planned_one_gets_no_file() {
    let world = World::of(DriveKind::Daplink);
    let planned = world.loader().probe(&world.probe_context()).await.unwrap();
    let record = Record::planned_for(planned);
    world.exchange();
    let error = world.load_into(HEX, &record).await.unwrap_err();
    let LoadError::NotAsPlanned { changes, state } = &error else {
        panic!("{error:?}");
    };
    assert!(changes.contains("serial number"), "{changes}");
    assert!(state.0.contains("not touched") && world.drive.is_untouched());
}
