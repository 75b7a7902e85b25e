//! Readers that are slow, lose frames, die, or answer what is not so.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose};
use firmdrop_loader::LoadError;
use firmdrop_simulator::reader::{Faults, Request, Return, Settings};

use super::loaded::{assert_loaded, assert_verified};
use super::world::{Way, World, new_image};

pub(crate) async fn is_patient_with_a_slow_reader(way: Way) {
    let world = World::new(way).await;
    let image = new_image(5000);
    world.reader.set_faults(Faults {
        slow: Duration::from_millis(20),
        ..Faults::default()
    });
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    assert_eq!(world.reader.counters().upload_bytes, image.len() as u64);
}

pub(crate) async fn waits_for_a_slot_to_be_erased_and_sends_no_byte_twice(way: Way) {
    let settings = Settings {
        erase: Duration::from_millis(200),
        ..Settings::default()
    };
    let world = World::with(way, settings).await;
    let image = new_image(5000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    assert_eq!(world.reader.counters().upload_bytes, image.len() as u64);
}

pub(crate) async fn loses_nothing_when_frames_are_lost(way: Way) {
    let world = World::new(way).await;
    let image = new_image(12_000);
    world.reader.set_faults(Faults {
        lost_requests_per_mille: 40,
        lost_answers_per_mille: 40,
        damaged_answers_per_mille: 40,
        noisy_answers_per_mille: 200,
        ..Faults::default()
    });
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
}

pub(crate) async fn says_that_a_dying_reader_is_silent_and_resumes_once_it_lives(way: Way) {
    let mut world = World::new(way).await;
    world.timing.answer = Duration::from_millis(20);
    world.timing.first_answer = Duration::from_millis(10);
    let image = new_image(12_000);
    world.reader.set_faults(Faults {
        dies_after_bytes: Some(6000),
        ..Faults::default()
    });
    let error = world.load(&image).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::LinkTimeout, "{error:?}");
    assert!(diagnosis.state_now.contains("runs its old image"));
    let sent = world.reader.counters().upload_bytes;
    world.reader.set_faults(Faults::default());
    world.timing = super::world::quick();
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    assert!(
        world.reader.counters().upload_bytes - sent < 8000,
        "it resumed"
    );
}

pub(crate) async fn says_that_the_reader_did_not_return(way: Way) {
    let mut world = World::new(way).await;
    world.timing.restart = Duration::from_millis(100);
    world.reader.set_faults(Faults {
        returns: Return::Never,
        ..Faults::default()
    });
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(matches!(error, LoadError::NotReturned { .. }), "{error:?}");
}

pub(crate) async fn says_that_the_reader_came_back_with_its_old_image(way: Way) {
    let world = World::new(way).await;
    let old = world.reader.memory(0);
    world.reader.set_faults(Faults {
        returns: Return::WithOldImage,
        ..Faults::default()
    });
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(
        matches!(error, LoadError::NotActivated { old: true, .. }),
        "{error:?}"
    );
    assert_eq!(world.reader.memory(0), old);
}

pub(crate) async fn says_that_the_reader_did_not_keep_the_image(way: Way) {
    let world = World::new(way).await;
    world.reader.set_faults(Faults {
        never_confirms: true,
        ..Faults::default()
    });
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(matches!(error, LoadError::NotConfirmed { .. }), "{error:?}");
    assert!(!world.reader.is_confirmed());
}

pub(crate) async fn says_that_the_reader_stored_something_else(way: Way) {
    let world = World::new(way).await;
    world.reader.set_faults(Faults {
        damages_flash: true,
        ..Faults::default()
    });
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(matches!(error, LoadError::SlotDiffers { .. }), "{error:?}");
    assert_eq!(
        world.reader.counters().of(Request::WriteState),
        0,
        "it is not marked"
    );
}

pub(crate) async fn a_refused_mark_is_never_taken_as_yes(way: Way) {
    for code in [-22, -5, 6] {
        let world = World::new(way).await;
        world.reader.set_faults(Faults {
            refuses_marks: Some(code),
            ..Faults::default()
        });
        let error = world.load(&new_image(3000)).await.unwrap_err();
        let LoadError::Refused { why, .. } = &error else {
            panic!("{code}: {error:?}");
        };
        assert!(why.contains(&format!("code {code}")), "{why}");
        assert_eq!(world.reader.counters().restarts, 0, "{code}");
    }
}

pub(crate) async fn a_mark_that_was_accepted_and_is_not_listed_restarts_nothing(way: Way) {
    let world = World::new(way).await;
    world.reader.set_faults(Faults {
        forgets_marks: true,
        ..Faults::default()
    });
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
    assert_eq!(world.reader.counters().restarts, 0);
}

pub(crate) async fn says_that_the_reader_waits_in_its_bootloader_after_the_restart(way: Way) {
    let world = World::new(way).await;
    world.reader.set_faults(Faults {
        returns: Return::InRecovery,
        ..Faults::default()
    });
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(matches!(error, LoadError::InBootloader { .. }), "{error:?}");
    let state = error.diagnose().state_now;
    assert!(state.contains("serial recovery"), "{state}");
}

pub(crate) async fn an_application_that_lists_only_set_flags_is_loaded_like_any_other(way: Way) {
    let settings = Settings {
        frugal: true,
        ..Settings::default()
    };
    let world = World::with(way, settings).await;
    let image = new_image(3000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    assert_eq!(world.reader.counters().restarts, 1);
}
