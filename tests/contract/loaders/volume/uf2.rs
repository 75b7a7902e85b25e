//! UF2 drives and the quirks that users report of them.

use std::sync::Arc;

use firmdrop_core::{Diagnose, NoteKind, Remedy};
use firmdrop_loader::LoadError;
use firmdrop_simulator::volume::{DriveFaults, DriveKind};

use super::world::{World, assert_verified, sent, uf2};
use crate::record::{Record, Stop};

#[tokio::test]
async fn a_drive_that_shows_its_memory_ends_verified() {
    let world = World::of(DriveKind::Uf2);
    assert_verified(&world.load(&uf2(5000)).await.unwrap());
}

// adafruit/tinyuf2 #88 and #383, adafruit/Adafruit_nRF52_Bootloader #330: the copy "fails" with an I/O error
// because the reader restarts as soon as it has the last block.
#[tokio::test]
async fn a_drive_that_fails_with_the_last_block_and_comes_back_is_judged_by_its_memory() {
    let world = World::with(
        DriveKind::Uf2,
        DriveFaults {
            leaves_in_last_block: true,
            ..DriveFaults::default()
        },
    );
    assert_verified(&world.load(&uf2(5000)).await.unwrap());
}

#[tokio::test]
async fn a_drive_that_fails_with_the_last_block_and_stays_away_is_not_called_verified() {
    let world = World::with(
        DriveKind::Uf2,
        DriveFaults {
            leaves_in_last_block: true,
            stays_away: true,
            ..DriveFaults::default()
        },
    );
    let reason = sent(world.load(&uf2(5000)).await.unwrap());
    assert!(reason.contains("Nothing confirms"), "{reason}");
}

#[tokio::test]
async fn a_reader_that_starts_its_application_ends_in_sent_and_says_why() {
    let world = World::with(
        DriveKind::Uf2WithoutMemory,
        DriveFaults {
            stays_away: true,
            ..DriveFaults::default()
        },
    );
    let reason = sent(world.load(&uf2(5000)).await.unwrap());
    assert!(reason.contains("took every byte and left"), "{reason}");
}

// A bootloader ignores blocks that are not for it, and the copy succeeds all the same.
#[tokio::test]
async fn a_drive_that_takes_every_byte_and_ignores_it_is_not_believed() {
    let ignores = DriveFaults {
        ignores_blocks: true,
        ..DriveFaults::default()
    };
    let world = World::with(DriveKind::Uf2, ignores.clone());
    let error = world.load(&uf2(5000)).await.unwrap_err();
    assert!(matches!(error, LoadError::SlotDiffers { .. }), "{error:?}");
    let world = World::with(DriveKind::Uf2WithoutMemory, ignores);
    let reason = sent(world.load(&uf2(5000)).await.unwrap());
    assert!(reason.contains("did not restart"), "{reason}");
}

#[tokio::test]
async fn a_file_for_another_family_does_not_fit_and_nothing_is_touched() {
    let world = World::of(DriveKind::Uf2);
    let mut image = uf2(1000);
    for block in image.as_chunks_mut::<512>().0 {
        block[28..32].copy_from_slice(&0xE48B_FF56_u32.to_le_bytes());
    }
    let error = world.load(&image).await.unwrap_err();
    assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
    let why = error.diagnose().why;
    assert!(
        why.contains("RP2040") && why.contains("SAMD21G18A-Zero-v0"),
        "{why}"
    );
    assert!(world.drive.is_untouched());
}

#[tokio::test]
async fn a_drive_without_room_says_so_and_holds_no_partial_file() {
    let world = World::with(
        DriveKind::Uf2,
        DriveFaults {
            room: Some(3000),
            ..DriveFaults::default()
        },
    );
    let error = world.load(&uf2(5000)).await.unwrap_err();
    assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
    assert!(error.diagnose().why.contains("no room"), "{error:?}");
    // platformio-core #669, ARMmbed/mbed-os #7203: the drive is empty, the computer remembers earlier files.
    let remedies = format!("{:?}", error.diagnose().remedies);
    assert!(remedies.contains("plug it in again"), "{remedies}");
    assert!(!remedies.contains("other files"), "{remedies}");
    assert_eq!(world.drive.file(), None);
}

#[tokio::test]
async fn a_drive_that_can_only_be_read_is_said_to_be_untouched() {
    let world = World::with(
        DriveKind::Uf2,
        DriveFaults {
            read_only: true,
            ..DriveFaults::default()
        },
    );
    let error = world.load(&uf2(5000)).await.unwrap_err();
    assert!(error.diagnose().why.contains("only be read"), "{error:?}");
    assert!(error.state().contains("not touched"), "{}", error.state());
}

#[tokio::test]
async fn a_drive_that_is_pulled_out_in_the_copy_is_not_said_to_hold_its_old_image() {
    let world = World::with(
        DriveKind::Uf2,
        DriveFaults {
            cut_at: Some(2000),
            ..DriveFaults::default()
        },
    );
    let error = world.load(&uf2(50_000)).await.unwrap_err();
    assert!(error.can_resume(), "{error:?}");
    assert!(error.state().contains("not known"), "{}", error.state());
    assert!(error.diagnose().remedies.contains(&Remedy::Resume));
}

#[tokio::test]
async fn a_stop_in_the_copy_removes_the_file_where_the_drive_permits_it() {
    for (removes_nothing, expected) in [(false, "was removed"), (true, "could not be removed")] {
        let world = World::with(
            DriveKind::Uf2,
            DriveFaults {
                removes_nothing,
                ..DriveFaults::default()
            },
        );
        let stopping = Record::stopping(Stop::AtByte(20_000));
        let error = world.load_into(&uf2(50_000), &stopping).await.unwrap_err();
        assert!(matches!(error, LoadError::Stopped { .. }), "{error:?}");
        assert!(error.state().contains(expected), "{}", error.state());
        assert_eq!(world.drive.file().is_some(), removes_nothing);
    }
}

#[tokio::test]
async fn a_resumed_copy_says_that_it_begins_anew() {
    let world = World::of(DriveKind::Uf2);
    let record = Record::after(&["check_drive".into(), "copy".into()]);
    world.load_into(&uf2(5000), &record).await.unwrap();
    assert!(record.has_note(NoteKind::Resumed));
}

#[tokio::test]
async fn a_file_that_the_drive_lists_shorter_is_a_failure() {
    let world = World::with(
        DriveKind::Uf2WithoutMemory,
        DriveFaults {
            ignores_blocks: true,
            lists_size: Some(512),
            ..DriveFaults::default()
        },
    );
    let error = world.load(&uf2(5000)).await.unwrap_err();
    assert!(matches!(error, LoadError::SlotDiffers { .. }), "{error:?}");
}

#[tokio::test]
async fn progress_counts_what_the_drive_confirmed_and_never_falls() {
    let world = World::of(DriveKind::Uf2);
    let record: Arc<Record> = Arc::default();
    world.load_into(&uf2(50_000), &record).await.unwrap();
    let progress = record.progress.lock().unwrap();
    assert!(progress.len() > 5);
    assert!(progress.is_sorted_by_key(|progress| progress.confirmed_bytes));
}

const SAMD51: u32 = 0x5511_4460;
const NRF52840: u32 = 0xADA5_2840;

/// The code for another family.
fn for_family(family: u32, code_bytes: u32) -> Vec<u8> {
    let mut image = uf2(code_bytes);
    for block in image.as_chunks_mut::<512>().0 {
        block[28..32].copy_from_slice(&family.to_le_bytes());
    }
    image
}

// adafruit/tinyuf2 PR 88, microsoft/uf2 #51 and PR 52: a file has blocks for several families, and a bootloader
// restarts as soon as it has those of its own, in the middle of the copy.
#[tokio::test]
async fn a_drive_that_restarts_when_it_has_its_own_blocks_is_not_said_to_have_lost_its_link() {
    let image = [
        for_family(SAMD51, 30_000),
        uf2(40_000),
        for_family(NRF52840, 60_000),
    ]
    .concat();
    for leaves_in_last_block in [false, true] {
        let world = World::with(
            DriveKind::Uf2,
            DriveFaults {
                leaves_in_last_block,
                ..DriveFaults::default()
            },
        );
        assert_verified(&world.load(&image).await.unwrap());
        assert!(world.drive.memory() == uf2(40_000));
        let world = World::with(
            DriveKind::Uf2WithoutMemory,
            DriveFaults {
                leaves_in_last_block,
                stays_away: true,
                ..DriveFaults::default()
            },
        );
        let reason = sent(world.load(&image).await.unwrap());
        let expected = if leaves_in_last_block {
            "Nothing confirms"
        } else {
            "every block for its family"
        };
        assert!(reason.contains(expected), "{reason}");
    }
}

#[tokio::test]
async fn a_drive_that_is_pulled_out_before_it_has_its_own_blocks_is_cut_off() {
    let image = [uf2(40_000), for_family(SAMD51, 10_000)].concat();
    let world = World::with(
        DriveKind::Uf2,
        DriveFaults {
            cut_at: Some(20_000),
            ..DriveFaults::default()
        },
    );
    let error = world.load(&image).await.unwrap_err();
    assert!(matches!(error, LoadError::Link { .. }), "{error:?}");
    assert!(error.state().contains("not known"), "{}", error.state());
}

// kevinmcaleer/Snakie #753, raspberrypi boards: all drives of a kind of board say the same of themselves, and the
// next one gets the folder of the one that left.
#[tokio::test]
async fn another_reader_at_the_same_folder_is_known_by_its_port() {
    let world = World::with(
        DriveKind::Uf2,
        DriveFaults {
            returns_on: Some("1-2.4".into()),
            ..DriveFaults::default()
        },
    );
    world.drive.set_port("1-2.3");
    let reason = sent(world.load(&uf2(5000)).await.unwrap());
    assert!(reason.contains("took every byte and left"), "{reason}");
}

#[tokio::test]
async fn a_drive_that_is_mounted_at_another_folder_afterwards_is_found_by_its_port() {
    let world = World::with(
        DriveKind::Uf2,
        DriveFaults {
            returns_at: Some("/media/user/READER1".into()),
            ..DriveFaults::default()
        },
    );
    world.drive.set_port("1-2.3");
    assert_verified(&world.load(&uf2(5000)).await.unwrap());
}

#[tokio::test]
async fn other_memory_than_ours_is_said_to_be_of_another_reader_perhaps_where_no_port_is_known() {
    for (port, may_be_another) in [(None, true), (Some("1-2.3"), false)] {
        let world = World::with(
            DriveKind::Uf2,
            DriveFaults {
                damages_flash: true,
                ..DriveFaults::default()
            },
        );
        if let Some(port) = port {
            world.drive.set_port(port);
        }
        let error = world.load(&uf2(5000)).await.unwrap_err();
        assert!(matches!(error, LoadError::SlotDiffers { .. }), "{error:?}");
        let says = error.state().contains("another reader");
        assert_eq!(says, may_be_another, "{}", error.state());
    }
}

#[tokio::test]
async fn a_drive_that_does_not_answer_any_more_is_not_waited_for_again_to_remove_the_file() {
    let world = World::with(
        DriveKind::Uf2,
        DriveFaults {
            silent_from: Some(20_000),
            ..DriveFaults::default()
        },
    );
    let error = world.load(&uf2(50_000)).await.unwrap_err();
    assert!(matches!(error, LoadError::Link { .. }), "{error:?}");
    let state = error.state();
    assert!(state.contains("could not be removed"), "{state}");
    assert!(world.drive.file().is_some());
}
