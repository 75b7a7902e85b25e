//! Loads: a reader's application, a reader in its bootloader's recovery, and a bootloader's drive.

use firmdrop_engine::ImageFile;
use firmdrop_simulator::reader::{Recovery, Settings};
use firmdrop_simulator::volume::uf2_file;

use crate::death::Death;
use crate::engine_world::{World, bytes, plan, reader_1, the_drive};
use crate::{Story, dies_everywhere, dies_everywhere_in};

/// What a reader may be sent again: the requests in flight, and those that a buffer on the way held.
const WINDOW_BYTES: u64 = 16 * 1024;

async fn over_the_application(world: &World) -> Story {
    let image = world.reader_image();
    Story {
        plan: plan(&world.engine(), &image, &reader_1()).await,
        most_bytes: image.expected.size_bytes + WINDOW_BYTES,
        image,
        sent: |world| world.reader.counters().upload_bytes,
        held: reader_runs,
        away: 0,
    }
}

async fn in_recovery(world: &World) -> Story {
    let story = over_the_application(world).await;
    Story {
        // Recovery forgets how far an upload was when another one begins.
        most_bytes: 2 * story.image.expected.size_bytes,
        ..story
    }
}

async fn onto_a_drive(world: &World) -> Story {
    let content = uf2_file(&bytes(20_000, 1));
    let image = ImageFile::read(&world.file("reader.uf2", &content)).unwrap();
    Story {
        plan: plan(&world.engine(), &image, &the_drive()).await,
        // A drive does not say how much it took: its piece is the file.
        most_bytes: 2 * image.expected.size_bytes,
        image,
        sent: |world| world.drive.received_bytes(),
        held: |world, _| assert!(!world.drive.is_untouched()),
        away: 8,
    }
}

#[track_caller]
fn reader_runs(world: &World, image: &ImageFile) {
    assert_eq!(world.reader.slot_sha256(0), image.expected.sha256);
    assert!(world.reader.is_confirmed());
}

async fn world_in_recovery() -> World {
    World::start_with_reader(Settings {
        recovery: Some(Recovery::BARE),
        ..Settings::default()
    })
    .await
}

#[test]
fn a_load_over_the_application_that_dies_right_after_any_line_ends_verified() {
    let lines = dies_everywhere(Death::AfterLine, &over_the_application);
    assert!(lines > 8, "only {lines} lines: the test lost its subject");
}

#[test]
fn a_load_over_the_application_that_dies_before_it_can_write_what_happened_ends_verified() {
    let lines = dies_everywhere(Death::BeforeLine, &over_the_application);
    assert!(lines > 8, "only {lines} lines: the test lost its subject");
}

#[test]
fn a_load_in_recovery_that_dies_right_after_any_line_ends_verified() {
    let lines = dies_everywhere_in(&world_in_recovery, Death::AfterLine, &in_recovery);
    assert!(lines > 8, "only {lines} lines: the test lost its subject");
}

#[test]
fn a_load_in_recovery_that_dies_before_it_can_write_what_happened_ends_verified() {
    let lines = dies_everywhere_in(&world_in_recovery, Death::BeforeLine, &in_recovery);
    assert!(lines > 6, "only {lines} lines: the test lost its subject");
}

#[test]
fn a_copy_onto_a_drive_that_dies_right_after_any_line_ends_verified() {
    let lines = dies_everywhere(Death::AfterLine, &onto_a_drive);
    assert!(lines > 5, "only {lines} lines: the test lost its subject");
}

#[test]
fn a_copy_onto_a_drive_that_dies_before_it_can_write_what_happened_ends_verified() {
    let lines = dies_everywhere(Death::BeforeLine, &onto_a_drive);
    assert!(lines > 5, "only {lines} lines: the test lost its subject");
}
