//! What others reported of readers and of programs like this one: `docs/field-reports/smp.md`.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::{Diagnose, NoteKind, Remedy};
use firmdrop_loader::LoadError;
use firmdrop_simulator::reader::{Faults, Recovery, Request, Settings, demo_image};
use tokio::time::Instant;

use super::loaded::{assert_loaded, assert_verified};
use super::world::{Way, World, new_image};
use crate::record::{Record, Stop};

async fn world(settings: Settings) -> World {
    let mut world = World::with(Way::Pipe, settings).await;
    // Those of real readers: here they cost nothing.
    world.timing = firmdrop_loader::SmpTiming::default();
    world
}

pub(crate) async fn an_image_that_is_on_trial_is_confirmed_and_nothing_is_sent() {
    let world = world(Settings::default()).await;
    let image = new_image(3000);
    let stopped = Record::stopping(Stop::AtPhase("find_again"));
    world.load_into(&image, &stopped).await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!world.reader.is_confirmed());
    let sent = world.reader.counters().upload_bytes;
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    let counters = world.reader.counters();
    assert_eq!((counters.upload_bytes, counters.restarts), (sent, 1));
}

pub(crate) async fn the_same_image_in_both_slots_is_the_one_that_runs() {
    let world = world(Settings::default()).await;
    let image = world.reader.memory(0);
    world.reader.store(0, 1, image.clone());
    assert_verified(&world.load(&image).await.unwrap());
    assert!(world.reader.counters().changed_nothing());
}

pub(crate) async fn where_another_image_is_marked_the_remedy_is_a_restart_and_then_a_resume() {
    let world = world(Settings::default()).await;
    world.reader.store(0, 1, demo_image((1, 5, 0), 700));
    world.reader.mark();
    let image = new_image(3000);
    let error = world.load(&image).await.unwrap_err();
    let remedies = error.diagnose().remedies;
    let restart = |remedy: &Remedy| matches!(remedy, Remedy::Advice { text } if text.contains("Restart the reader"));
    assert!(remedies.iter().any(restart), "{remedies:?}");
    assert!(error.can_resume());
    // Twice: the first starts the other image on trial, the second goes back.
    for _ in 0..2 {
        world.reader.restart();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
}

pub(crate) async fn the_answer_to_the_last_piece_may_come_after_its_repetition() {
    let world = world(Settings::default()).await;
    world.reader.set_faults(Faults {
        slow: Duration::from_millis(600),
        ..Faults::default()
    });
    let image = new_image(2000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
}

pub(crate) async fn a_bootloader_that_is_silent_to_what_it_does_not_know_is_loaded() {
    for recovery in [
        Recovery::BARE,
        Recovery {
            ignores_unknown: true,
            ..Recovery::default()
        },
    ] {
        let settings = Settings {
            recovery: Some(recovery),
            buffers: 1,
            ..Settings::default()
        };
        let world = world(settings).await;
        let image = new_image(3000);
        assert_verified(&world.load(&image).await.unwrap());
        assert_loaded(&world, &image);
    }
}

pub(crate) async fn a_reader_that_lost_its_power_on_trial_is_loaded_again_by_a_resume() {
    let world = world(Settings::default()).await;
    let image = new_image(3000);
    let stopped = Record::stopping(Stop::AtPhase("find_again"));
    world.load_into(&image, &stopped).await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(1)).await;
    // The bootloader goes back to the old image.
    world.reader.restart();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_ne!(world.reader.memory(0), image);
    let sent = world.reader.counters().upload_bytes;
    let began = stopped.phases.lock().unwrap().clone();
    assert_verified(
        &world
            .load_into(&image, &Record::after(&began))
            .await
            .unwrap(),
    );
    assert_loaded(&world, &image);
    assert_eq!(world.reader.counters().upload_bytes, sent, "it was stored");
}

pub(crate) async fn of_several_causes_for_the_old_image_none_is_named_as_the_one() {
    let world = world(Settings::default()).await;
    world.reader.set_faults(Faults {
        returns: firmdrop_simulator::reader::Return::WithOldImage,
        ..Faults::default()
    });
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(matches!(error, LoadError::NotActivated { old: true, .. }));
    let why = error.diagnose().why;
    assert!(
        why.contains("signature") && why.contains("loss of power"),
        "{why}"
    );
    assert!(error.can_resume());
}

pub(crate) async fn a_reader_that_loses_every_fiftieth_frame_gets_several_at_once_again() {
    let world = world(Settings::default()).await;
    let image = new_image(100_000);
    world.reader.set_faults(Faults {
        lost_requests_per_mille: 20,
        ..Faults::default()
    });
    let record = Arc::new(Record::default());
    assert_verified(&world.load_into(&image, &record).await.unwrap());
    assert_loaded(&world, &image);
    assert!(record.has_note(NoteKind::Retry));
    let requests = world.reader.counters().of(Request::Upload);
    assert!(requests < 500, "{requests} requests");
}

pub(crate) async fn a_reader_that_is_busy_now_and_then_is_asked_again() {
    for busy_every in [3, 5, 7] {
        let world = world(Settings::default()).await;
        world.reader.set_faults(Faults {
            busy_every,
            ..Faults::default()
        });
        let image = new_image(8000);
        let outcome = world.load(&image).await;
        assert_verified(&outcome.unwrap_or_else(|error| panic!("{busy_every}: {error:?}")));
        assert_loaded(&world, &image);
    }
}

pub(crate) async fn a_reader_that_stays_busy_is_not_called_silent_and_can_be_resumed() {
    let world = world(Settings::default()).await;
    let image = new_image(8000);
    world.reader.set_faults(Faults {
        busy_every: 1,
        ..Faults::default()
    });
    let began = Instant::now();
    let error = world.load(&image).await.unwrap_err();
    assert!(
        began.elapsed() < Duration::from_secs(75),
        "{:?}",
        began.elapsed()
    );
    assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
    assert!(error.diagnose().why.contains("busy"), "{error:?}");
    assert!(error.can_resume());
    world.reader.set_faults(Faults::default());
    assert_verified(&world.load(&image).await.unwrap());
}

pub(crate) async fn a_reader_whose_answers_have_the_wrong_number_is_not_called_silent() {
    let world = world(Settings::default()).await;
    world.reader.set_faults(Faults {
        numbers_answers: Some(0),
        ..Faults::default()
    });
    let error = world.load(&new_image(8000)).await.unwrap_err();
    assert!(matches!(error, LoadError::Protocol { .. }), "{error:?}");
    assert!(world.reader.counters().of(Request::Reset) == 0);
}
