//! Loads that were stopped or cut, and go on.

use std::sync::Arc;

use firmdrop_core::{Diagnose, NoteKind};
use firmdrop_loader::LoadError;
use firmdrop_simulator::reader::{Cut, Faults, Request};

use super::loaded::{PIECE_BYTES, assert_loaded, assert_verified};
use super::world::{Way, World, new_image};
use crate::record::{Record, Stop};

pub(crate) async fn stops_at_each_phase_with_the_truth_and_goes_on_later(way: Way) {
    for (phase, truth) in [
        ("connect", "not touched"),
        ("upload", "runs its old image"),
        ("check_hash", "not marked"),
        ("mark_for_test", "stored and marked"),
        // The request was sent: a stop that comes with it ends the wait, not the restart.
        ("restart", "asked to restart"),
        ("find_again", "asked to restart"),
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
    let again = Record::after(&stopped.phases.lock().unwrap());
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
