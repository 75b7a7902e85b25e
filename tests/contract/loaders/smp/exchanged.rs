//! Readers that are exchanged, or changed, between the plan of a load and its start.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Remedy};
use firmdrop_loader::{LoadError, Loader as _, Target};
use firmdrop_simulator::reader::{Faults, Recovery, Settings, SimulatedReader, demo_image};

use super::loaded::assert_verified;
use super::world::{Way, World, new_image};
use crate::record::{Record, Stop};

async fn planned(world: &World) -> Target {
    world.loader().probe(&world.probe_context()).await.unwrap()
}

fn changes(error: &LoadError) -> &str {
    let LoadError::NotAsPlanned { changes, state } = error else {
        panic!("{error:?}");
    };
    assert!(state.0.contains("not touched"), "{}", state.0);
    assert!(error.can_resume());
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::AnotherAnswers);
    assert!(diagnosis.remedies.contains(&Remedy::PlanAgain));
    changes
}

pub(crate) async fn another_reader_in_the_place_of_the_planned_one_is_told_by_whatever_differs() {
    let usual = || Settings {
        serial: Some("A".into()),
        ..Settings::default()
    };
    let old = || demo_image((1, 0, 0), 4000);
    let of_another_serial = Settings {
        serial: Some("B".into()),
        ..usual()
    };
    let with_larger_buffers = Settings {
        buffer_bytes: 1024,
        ..usual()
    };
    let in_recovery = Settings {
        recovery: Some(Recovery::default()),
        ..usual()
    };
    let with_two_images = Settings {
        images: 2,
        ..usual()
    };
    for (settings, image, says) in [
        (of_another_serial, old(), "serial number is B, and was A"),
        (usual(), demo_image((3, 0, 0), 4000), "3.0.0"),
        (usual(), demo_image((1, 0, 0), 4001), "hash"),
        (with_larger_buffers, old(), "1024 bytes"),
        (in_recovery, old(), "recovery"),
        (with_two_images, old(), "image 1"),
    ] {
        let next = SimulatedReader::new(settings.clone(), image);
        if settings.images > 1 {
            next.store(1, 0, demo_image((5, 0, 0), 500));
        }
        let world = World::exchanged(usual(), &next).await;
        let target = planned(&world).await;
        world.reader.pull_the_plug();
        let record = Record::planned_for(target);
        let error = world
            .load_into(&new_image(9000), &record)
            .await
            .unwrap_err();
        let changes = changes(&error);
        assert!(changes.contains(says), "{says}: {changes}");
        assert!(next.counters().changed_nothing(), "{says}");
        assert!(world.reader.counters().changed_nothing(), "{says}");
    }
}

pub(crate) async fn two_readers_of_which_nothing_differs_cannot_be_told_apart() {
    let next = SimulatedReader::new(Settings::default(), demo_image((1, 0, 0), 4000));
    let world = World::exchanged(Settings::default(), &next).await;
    let record = Record::planned_for(planned(&world).await);
    world.reader.pull_the_plug();
    let image = new_image(9000);
    assert_verified(&world.load_into(&image, &record).await.unwrap());
    assert!(next.running() == image);
}

pub(crate) async fn an_image_that_was_stored_or_removed_meanwhile_is_a_change() {
    for (before, after) in [(None, Some((8, 0, 0))), (Some((8, 0, 0)), None)] {
        let world = World::new(Way::Pipe).await;
        let store = |version: Option<(u8, u8, u16)>| {
            let bytes = version.map(|version| demo_image(version, 600));
            world.reader.store(0, 1, bytes.unwrap_or_default());
        };
        store(before);
        let record = Record::planned_for(planned(&world).await);
        store(after);
        let error = world
            .load_into(&new_image(9000), &record)
            .await
            .unwrap_err();
        let changes = changes(&error);
        assert!(
            changes.contains("8.0.0") && changes.contains("slot 1"),
            "{changes}"
        );
        assert!(world.reader.counters().changed_nothing());
    }
}

pub(crate) async fn a_reader_that_confirmed_its_image_meanwhile_is_the_one_that_was_planned() {
    let world = World::new(Way::Pipe).await;
    world.reader.set_faults(Faults {
        never_confirms: true,
        ..Faults::default()
    });
    let trial = new_image(5000);
    let error = world.load(&trial).await.unwrap_err();
    assert!(matches!(error, LoadError::NotConfirmed { .. }), "{error:?}");
    world.reader.set_faults(Faults::default());
    let record = Record::planned_for(planned(&world).await);
    assert_verified(&world.load(&trial).await.unwrap());
    assert_verified(&world.load_into(&trial, &record).await.unwrap());
}

/// The remedy of the first run swaps its images, and the load itself replaces one.
pub(crate) async fn a_resume_goes_on_with_images_that_moved_and_with_its_own_and_with_no_other() {
    let world = World::new(Way::Pipe).await;
    world.reader.store(0, 1, demo_image((8, 0, 0), 600));
    world.reader.mark();
    let target = planned(&world).await;
    let image = new_image(20_000);
    let record = Record::planned_for(target.clone());
    let error = world.load_into(&image, &record).await.unwrap_err();
    assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
    let began = record.phases.lock().unwrap().clone();
    world.reader.restart();
    tokio::time::sleep(Duration::from_secs(1)).await;
    // The other way that is advised: what is on trial is confirmed, and the images stay swapped.
    assert_verified(&world.load(&demo_image((8, 0, 0), 600)).await.unwrap());
    let resumed = Record::resumed_and_stopping(target.clone(), &began, Stop::AtByte(10_000));
    let stopped = world.load_into(&image, &resumed).await.unwrap_err();
    assert!(matches!(stopped, LoadError::Stopped { .. }), "{stopped:?}");
    let began = [began, resumed.phases.lock().unwrap().clone()].concat();
    // Another one, between two runs.
    let mine = world.reader.memory(0);
    world.reader.store(0, 0, demo_image((6, 0, 0), 600));
    let record = Record::planned_for_and_after(target.clone(), &began);
    let error = world.load_into(&image, &record).await.unwrap_err();
    let LoadError::NotAsPlanned { changes, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(changes.contains("6.0.0"), "{changes}");
    world.reader.store(0, 0, mine);
    let record = Record::planned_for_and_after(target, &began);
    assert_verified(&world.load_into(&image, &record).await.unwrap());
}

pub(crate) async fn a_resume_does_not_write_through_recovery_what_was_planned_for_an_application() {
    let world = World::new(Way::Pipe).await;
    let target = planned(&world).await;
    let old = world.reader.memory(0);
    let next = SimulatedReader::new(
        Settings {
            recovery: Some(Recovery::default()),
            ..Settings::default()
        },
        demo_image((1, 0, 0), 4000),
    );
    let world = World::exchanged(Settings::default(), &next).await;
    world.reader.pull_the_plug();
    let began = ["connect".to_owned(), "upload".to_owned()];
    let record = Record::planned_for_and_after(target, &began);
    let error = world
        .load_into(&new_image(9000), &record)
        .await
        .unwrap_err();
    assert!(matches!(error, LoadError::NotAsPlanned { .. }), "{error:?}");
    assert!(next.memory(0) == old && next.counters().changed_nothing());
}

/// It lost its power between the plan and the start of the load, and its button was no longer held.
pub(crate) async fn a_reader_in_recovery_that_started_its_application_is_known_by_its_list_or_serial_number()
 {
    let old = || demo_image((1, 0, 0), 4000);
    let listed = Recovery::default();
    let with_states = Recovery {
        states: true,
        ..Recovery::default()
    };
    for (serial, recovery, held, is_known) in [
        (Some("A"), listed, old(), true),
        (None, listed, old(), true),
        (None, with_states, old(), true),
        (Some("A"), listed, Vec::new(), true),
        (None, listed, Vec::new(), false),
    ] {
        let case = format!("{serial:?}, {} bytes held", held.len());
        let application = Settings {
            serial: serial.map(Into::into),
            ..Settings::default()
        };
        let in_recovery = Settings {
            recovery: Some(recovery),
            ..application.clone()
        };
        let next = SimulatedReader::new(application, old());
        let world = World::exchanged(in_recovery, &next).await;
        world.reader.store(0, 0, held);
        let record = Record::planned_for(planned(&world).await);
        world.reader.pull_the_plug();
        let image = new_image(9000);
        let result = world.load_into(&image, &record).await;
        if is_known {
            assert_verified(&result.unwrap());
            assert!(next.running() == image, "{case}");
        } else {
            let error = result.unwrap_err();
            let changes = changes(&error);
            assert!(changes.contains("recovery"), "{case}: {changes}");
            assert!(next.counters().changed_nothing(), "{case}");
        }
    }
}
