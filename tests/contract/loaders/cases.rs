//! The cases. Each makes its own world, so they may run at the same time.

use std::{sync::Arc, time::Duration};

use firmdrop_core::{Code, Diagnose, Fit, NoteKind, Outcome, ProofMethod};
use firmdrop_image::Format;
use firmdrop_link::LinkError;
use firmdrop_loader::{EarlierRun, LoadError, Loader};
use firmdrop_simulator::reader::{Counters, Cut, Faults, Request, Return, Settings};

use crate::world::{Record, Stop, Way, World, inspection, new_image};

/// What one frame can carry of an image, with some room.
const PIECE_BYTES: u64 = 384;

fn assert_verified(outcome: &Outcome) {
    match outcome {
        Outcome::Verified { proof } => assert_eq!(proof.method, ProofMethod::HashAfterRestart),
        Outcome::Sent { reason } => panic!("sent, not verified: {reason}"),
    }
}

fn assert_loaded(world: &World, image: &[u8]) {
    assert!(world.reader.memory(0) == image, "the memory differs");
    assert!(world.reader.is_confirmed());
}

pub(crate) async fn ends_verified_with_the_readers_memory_identical(way: Way) {
    let world = World::new(way).await;
    let image = new_image(60_000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    let counters = world.reader.counters();
    assert_eq!(counters.upload_bytes, image.len() as u64, "no byte twice");
    assert_eq!(
        counters.dropped, 0,
        "never more in flight than the reader holds"
    );
    assert_eq!(counters.restarts, 1);
}

pub(crate) async fn tells_the_phases_of_the_plan_in_order_and_progress_never_falls(way: Way) {
    let world = World::new(way).await;
    let image = new_image(20_000);
    let record = Arc::new(Record::default());
    let plan = world.loader().plan(&inspection(&image), None);
    world.load_into(&image, &record).await.unwrap();
    let planned: Vec<_> = plan.phases.iter().map(|phase| phase.key.clone()).collect();
    assert_eq!(*record.phases.lock().unwrap(), planned);
    let progress = record.progress.lock().unwrap();
    assert!(progress.is_sorted_by_key(|progress| progress.confirmed_bytes));
    let total = image.len() as u64;
    assert!(
        progress
            .iter()
            .all(|now| now.total_bytes == total
                && now.confirmed_bytes + now.in_flight_bytes <= total)
    );
    assert_eq!(progress.last().unwrap().confirmed_bytes, total);
}

pub(crate) async fn writes_nothing_when_the_reader_already_runs_these_bytes(way: Way) {
    let world = World::new(way).await;
    let image = world.reader.memory(0);
    let record = Arc::new(Record::default());
    assert_verified(&world.load_into(&image, &record).await.unwrap());
    assert!(world.reader.counters().changed_nothing());
    assert!(record.has_note(NoteKind::Step));
}

pub(crate) async fn refuses_an_image_of_another_kind_and_touches_nothing(way: Way) {
    let world = World::new(way).await;
    let image = new_image(2000);
    let mut context = world.context(&image, &Arc::default());
    context.inspection.format = Format::Raw;
    context.inspection.image_hash = None;
    let fit = world.loader().fit(&context.inspection, None);
    assert!(matches!(fit, Fit::DoesNotFit { .. }));
    let error = world.loader().load(&context).await.unwrap_err();
    assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
    assert_eq!(world.reader.counters(), Counters::default());
}

pub(crate) async fn says_in_words_why_the_reader_refuses_an_image(way: Way) {
    let settings = Settings {
        slot_bytes: 10_000,
        ..Settings::default()
    };
    let world = World::with(way, settings).await;
    let error = world.load(&new_image(20_000)).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::ReaderRefused);
    assert!(
        diagnosis.why.contains("too large for its slot"),
        "{}",
        diagnosis.why
    );
    assert!(diagnosis.state_now.contains("runs its old image"));
}

pub(crate) async fn probing_and_planning_change_nothing(way: Way) {
    let world = World::new(way).await;
    let image = new_image(2000);
    let mut link = world.open().await.unwrap();
    let target = world.loader().probe(&mut link).await.unwrap();
    drop(link);
    assert_eq!(target.version.as_deref(), Some("1.0.0"));
    assert_eq!(target.buffers, Some((384, 4)));
    assert_eq!(target.mode.as_deref(), Some("application"));
    assert_eq!(target.goes_back, Some(true));
    assert_eq!(target.slots.len(), 1);
    let inspection = inspection(&image);
    assert_eq!(
        world.loader().fit(&inspection, Some(&target)),
        Fit::fits("1.0.0 → 2.0.0")
    );
    world.loader().plan(&inspection, Some(&target));
    assert!(world.reader.counters().changed_nothing());
}

pub(crate) async fn a_reader_is_held_by_one_program_at_a_time(way: Way) {
    let world = World::new(way).await;
    let held = world.open().await.unwrap();
    if way != Way::Network {
        let second = world.open().await;
        assert!(matches!(second, Err(LinkError::Busy { .. })), "{second:?}");
    }
    drop(held);
    world.open().await.unwrap();
}

pub(crate) async fn stops_at_each_phase_with_the_truth_and_goes_on_later(way: Way) {
    for (phase, truth) in [
        ("connect", "not touched"),
        ("upload", "runs its old image"),
        ("check_hash", "not marked"),
        ("mark_for_test", "stored and marked"),
        ("restart", "stored and marked"),
        ("find_again", "told to restart"),
    ] {
        let world = World::new(way).await;
        let image = new_image(6000);
        let old = world.reader.memory(0);
        let error = world
            .load_into(&image, &Record::stopping(Stop::AtPhase(phase)))
            .await
            .unwrap_err();
        let LoadError::Stopped { state } = error else {
            panic!("{phase}: {error:?}");
        };
        assert!(state.0.contains(truth), "{phase}: {}", state.0);
        let restarted = matches!(phase, "restart" | "find_again");
        if phase == "connect" {
            assert!(world.reader.counters().changed_nothing());
        } else if !restarted {
            assert_eq!(world.reader.memory(0), old, "{phase}");
        }
        assert_verified(&world.load_when_back(&image).await);
        assert_loaded(&world, &image);
    }
}

pub(crate) async fn a_load_that_goes_on_while_the_reader_restarts_waits_for_it(way: Way) {
    let world = World::new(way).await;
    let image = new_image(6000);
    let stopped = Record::stopping(Stop::AtPhase("find_again"));
    world.load_into(&image, &stopped).await.unwrap_err();
    let again = Record::after(EarlierRun::ToldToRestart);
    assert_verified(&world.load_into(&image, &again).await.unwrap());
    assert_loaded(&world, &image);
}

pub(crate) async fn survives_a_link_that_breaks_at_each_request(way: Way) {
    for request in [
        Request::ReadState,
        Request::Parameters,
        Request::Upload,
        Request::WriteState,
        Request::Reset,
    ] {
        let world = World::new(way).await;
        let image = new_image(6000);
        world.reader.set_faults(Faults {
            cut: Some(Cut::InsteadOfAnswering(request)),
            ..Faults::default()
        });
        match world.load(&image).await {
            Ok(outcome) => assert_verified(&outcome),
            Err(error) => {
                let diagnosis = error.diagnose();
                assert!(!diagnosis.state_now.is_empty(), "{request:?}: {error:?}");
                assert!(!diagnosis.remedies.is_empty(), "{request:?}: {error:?}");
                assert_verified(&world.load_when_back(&image).await);
            }
        }
        assert_loaded(&world, &image);
    }
}

pub(crate) async fn goes_on_by_itself_after_a_cut_in_the_upload(way: Way) {
    let world = World::new(way).await;
    let image = new_image(30_000);
    world.reader.set_faults(Faults {
        cut: Some(Cut::AtByte(15_000)),
        ..Faults::default()
    });
    let record = Arc::new(Record::default());
    assert_verified(&world.load_into(&image, &record).await.unwrap());
    assert_loaded(&world, &image);
    // Datagrams know no broken link: there, a later answer makes up for the lost one.
    assert!(way == Way::Network || record.has_note(NoteKind::Retry));
    // The first piece asks where to go on; what was in flight may be lost with the link.
    let again = world.reader.counters().upload_bytes - image.len() as u64;
    assert!(again <= 4 * PIECE_BYTES, "{again} bytes were sent again");
}

pub(crate) async fn a_lost_last_answer_does_not_send_the_image_again(way: Way) {
    let world = World::new(way).await;
    let image = new_image(12_000);
    world.reader.set_faults(Faults {
        cut: Some(Cut::AtByte(image.len() as u64)),
        ..Faults::default()
    });
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    let again = world.reader.counters().upload_bytes - image.len() as u64;
    assert!(again <= PIECE_BYTES, "{again} bytes were sent again");
}

pub(crate) async fn a_reader_that_lost_its_power_gets_the_whole_image_again(way: Way) {
    let world = World::new(way).await;
    let image = new_image(12_000);
    let stop = Record::stopping(Stop::AtByte(6000));
    world.load_into(&image, &stop).await.unwrap_err();
    world.reader.restart();
    assert_verified(&world.load_when_back(&image).await);
    assert_loaded(&world, &image);
}

pub(crate) async fn sends_only_what_is_missing_from_every_tenth(way: Way) {
    let image = new_image(20_000);
    let size = image.len() as u64;
    for tenth in 1..10 {
        let world = World::new(way).await;
        let stop = Record::stopping(Stop::AtByte(size * tenth / 10));
        let error = world.load_into(&image, &stop).await.unwrap_err();
        assert!(matches!(error, LoadError::Stopped { .. }), "{error:?}");
        let sent = world.reader.counters().upload_bytes;
        let held = world.reader.memory(1).len() as u64;
        assert!(held >= size * tenth / 10);
        let record = Arc::new(Record::default());
        assert_verified(&world.load_into(&image, &record).await.unwrap());
        assert_loaded(&world, &image);
        let again = world.reader.counters().upload_bytes - sent;
        assert!(
            again <= size - held + PIECE_BYTES,
            "{tenth}: {again} for {}",
            size - held
        );
        assert!(record.has_note(NoteKind::Resumed), "{tenth}");
    }
}

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
        erase: Duration::from_millis(350),
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
    world.timing = crate::world::quick();
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
    assert!(matches!(error, LoadError::NotActivated), "{error:?}");
    assert_eq!(world.reader.memory(0), old);
}

pub(crate) async fn says_that_the_reader_did_not_keep_the_image(way: Way) {
    let world = World::new(way).await;
    world.reader.set_faults(Faults {
        never_confirms: true,
        ..Faults::default()
    });
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(matches!(error, LoadError::NotConfirmed), "{error:?}");
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

pub(crate) async fn a_reader_in_recovery_ends_in_sent_with_the_reason(way: Way) {
    let settings = Settings {
        recovery: true,
        ..Settings::default()
    };
    let world = World::with(way, settings).await;
    let image = new_image(3000);
    let outcome = world.load(&image).await.unwrap();
    let Outcome::Sent { reason } = outcome else {
        panic!("{outcome:?}");
    };
    assert!(reason.contains("serial recovery"), "{reason}");
    assert!(world.reader.memory(0) == image);
    assert_eq!(world.reader.counters().restarts, 1);
}

pub(crate) async fn stopped_in_recovery_says_that_the_image_it_had_is_gone(way: Way) {
    let settings = Settings {
        recovery: true,
        ..Settings::default()
    };
    let world = World::with(way, settings).await;
    let stop = Record::stopping(Stop::AtByte(2000));
    let error = world.load_into(&new_image(6000), &stop).await.unwrap_err();
    let state = error.diagnose().state_now;
    assert!(
        state.contains("overwritten") && !state.contains("old image"),
        "{state}"
    );
}

pub(crate) async fn a_reader_with_one_buffer_gets_one_request_at_a_time(way: Way) {
    let settings = Settings {
        buffers: 1,
        flash_per_byte: Duration::from_micros(1),
        ..Settings::default()
    };
    let world = World::with(way, settings).await;
    let image = new_image(5000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_eq!(world.reader.counters().dropped, 0);
}
