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
