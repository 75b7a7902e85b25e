//! Readers that wait in `MCUboot`'s serial recovery, over every combination of its build options.
//!
//! What must never happen: that another image is started than the one that was sent, that a refused image is
//! started, and that an image is said to run while its bootloader waits.

use firmdrop_core::{Diagnose, Outcome};
use firmdrop_loader::LoadError;
use firmdrop_simulator::reader::{
    Faults, Recovery, Request, Settings, SimulatedReader, Starts, demo_image,
};

use super::builds;
use super::loaded::{assert_loaded, assert_verified};
use super::world::{Way, World, new_image};
use crate::record::{Record, Stop};

/// One image, or two of which the first is loaded.
const IMAGES: [usize; 2] = [1, 2];

async fn waiting(way: Way, recovery: Recovery, images: usize) -> World {
    let settings = Settings {
        recovery: Some(recovery),
        images,
        ..Settings::default()
    };
    let world = World::with(way, settings).await;
    if images > 1 {
        world.reader.store(1, 0, demo_image((7, 0, 0), 500));
    }
    world
}

/// Builds, with one image and with two.
fn builds() -> impl Iterator<Item = (Recovery, usize)> {
    builds_of_one().flat_map(|recovery| IMAGES.map(|images| (recovery, images)))
}

/// Builds that answer as soon as they are asked. Those of version 1 are met where time costs nothing.
fn builds_of_one() -> impl Iterator<Item = Recovery> {
    Recovery::sample().filter(|recovery| !recovery.only_version_1)
}

/// An older image in the second slot, which a mark would start.
fn older_image_in_the_second_slot(reader: &SimulatedReader) {
    reader.store(0, 1, demo_image((0, 9, 0), 700));
}

pub(crate) async fn the_image_that_was_sent_is_the_one_that_runs(way: Way) {
    for (recovery, images) in builds() {
        let world = waiting(way, recovery, images).await;
        older_image_in_the_second_slot(&world.reader);
        let image = new_image(3000);
        let outcome = world.load_image(&image, (images > 1).then_some(0)).await;
        assert_verified(&outcome.unwrap_or_else(|error| panic!("{recovery:?}: {error:?}")));
        assert_loaded(&world, &image);
        let counters = world.reader.counters();
        assert_eq!(counters.of(Request::WriteState), 0, "{recovery:?}");
        assert_eq!(counters.restarts, 1, "{recovery:?}");
    }
}

pub(crate) async fn an_image_that_the_bootloader_rejects_is_not_started(way: Way) {
    for (recovery, images) in builds() {
        let world = waiting(way, recovery, images).await;
        world.reader.set_faults(Faults {
            rejects_uploads: true,
            ..Faults::default()
        });
        let number = (images > 1).then_some(0);
        let error = world.load_image(&new_image(3000), number).await;
        let error = error.unwrap_err();
        assert!(
            matches!(error, LoadError::Rejected { .. }),
            "{recovery:?}: {error:?}"
        );
        assert_eq!(world.reader.counters().restarts, 0, "{recovery:?}");
        let state = error.diagnose().state_now;
        assert!(state.contains("overwritten"), "{state}");
    }
}

pub(crate) async fn an_image_it_holds_already_is_started_and_not_said_to_run_before(way: Way) {
    for recovery in builds_of_one().filter(|recovery| recovery.hashes) {
        let world = waiting(way, recovery, 1).await;
        let image = world.reader.memory(0);
        assert_verified(&world.load(&image).await.unwrap());
        assert!(world.reader.runs_its_application(), "{recovery:?}");
        assert_eq!(world.reader.counters().upload_bytes, 0, "{recovery:?}");
    }
}

pub(crate) async fn the_same_image_in_the_second_slot_does_not_count_as_held(way: Way) {
    for recovery in builds_of_one() {
        let world = waiting(way, recovery, 1).await;
        let image = new_image(3000);
        world.reader.store(0, 1, image.clone());
        assert_verified(&world.load(&image).await.unwrap());
        assert_loaded(&world, &image);
        assert_eq!(world.reader.counters().of(Request::WriteState), 0);
    }
}

pub(crate) async fn another_image_that_is_marked_is_not_started_unawares(way: Way) {
    for recovery in builds_of_one().filter(|recovery| recovery.states) {
        let world = waiting(way, recovery, 1).await;
        older_image_in_the_second_slot(&world.reader);
        world.reader.mark();
        let error = world.load(&new_image(3000)).await.unwrap_err();
        assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
        assert!(world.reader.counters().changed_nothing(), "{recovery:?}");
    }
}

pub(crate) async fn an_application_that_never_answers_ends_in_sent_with_what_the_bootloader_listed(
    way: Way,
) {
    for recovery in [Recovery::BARE, Recovery::default()] {
        let recovery = Recovery {
            starts: Starts::SilentApplication,
            ..recovery
        };
        let world = waiting(way, recovery, 1).await;
        let outcome = world.load(&new_image(3000)).await.unwrap();
        let Outcome::Sent { reason } = outcome else {
            panic!("{outcome:?}");
        };
        assert!(reason.contains("not known whether it runs"), "{reason}");
        assert!(world.reader.runs_its_application());
    }
}

pub(crate) async fn a_reader_that_stays_in_recovery_is_not_said_to_run(way: Way) {
    for recovery in builds_of_one().filter(|recovery| !recovery.direct) {
        let recovery = Recovery {
            starts: Starts::Recovery,
            ..recovery
        };
        let world = waiting(way, recovery, 1).await;
        let outcome = world.load(&new_image(3000)).await.unwrap();
        let Outcome::Sent { reason } = outcome else {
            panic!("{recovery:?}: {outcome:?}");
        };
        assert!(reason.contains("runs no image"), "{reason}");
        assert!(!world.reader.runs_its_application());
    }
}

pub(crate) async fn stopped_in_recovery_says_that_the_image_it_had_is_gone(way: Way) {
    let world = waiting(way, Recovery::BARE, 1).await;
    let stop = Record::stopping(Stop::AtByte(2000));
    let error = world.load_into(&new_image(6000), &stop).await.unwrap_err();
    let state = error.diagnose().state_now;
    assert!(
        state.contains("overwritten") && !state.contains("old image"),
        "{state}"
    );
}

/// Every build there is, whatever it receives.
pub(crate) async fn the_image_that_was_sent_runs_after_a_load_of_any_build() {
    for settings in builds::all() {
        let recovery = settings.recovery;
        let world = World::with(Way::Pipe, settings).await;
        older_image_in_the_second_slot(&world.reader);
        let image = new_image(1500);
        let outcome = world.load(&image).await;
        assert_verified(&outcome.unwrap_or_else(|error| panic!("{recovery:?}: {error:?}")));
        assert_loaded(&world, &image);
        let counters = world.reader.counters();
        assert_eq!(counters.of(Request::WriteState), 0, "{recovery:?}");
    }
}
