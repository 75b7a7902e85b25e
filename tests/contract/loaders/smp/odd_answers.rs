//! Answers that no specification has: offsets that are no numbers, and maps that say two things under one name.

use std::sync::atomic::{AtomicBool, Ordering};

use ciborium::Value;
use firmdrop_loader::{LoadError, Loader as _};
use firmdrop_simulator::reader::{
    Arrival, Faults, Quirk, QuirkAction, QuirkAnswer, Request, Settings,
};

use super::loaded::{assert_loaded, assert_verified};
use super::world::{Way, World, new_image};

async fn world(does: impl Fn(&Arrival) -> QuirkAction + Send + Sync + 'static) -> World {
    let world = World::with(Way::Pipe, Settings::default()).await;
    world.reader.set_faults(Faults {
        quirk: Some(Quirk::new(does)),
        ..Faults::default()
    });
    world
}

/// Two codes of one request.
fn contradiction() -> QuirkAnswer {
    QuirkAnswer::Fields(vec![("rc", 0.into()), ("rc", 5.into())])
}

pub(crate) async fn offsets_that_move_back_or_are_no_numbers_cost_a_piece_and_never_the_truth() {
    let odd: [Value; 8] = [
        (-1).into(),
        0.into(),
        1000.into(),
        "4096".into(),
        12.5.into(),
        Value::Null,
        Value::Array(vec![4096.into()]),
        Value::Bytes(vec![16, 0]),
    ];
    for offset in odd {
        let done = AtomicBool::new(false);
        let said = offset.clone();
        let world = world(move |asked| match asked.piece {
            Some((from, _)) if from > 4000 && !done.swap(true, Ordering::Relaxed) => {
                QuirkAction::OfAnswering(QuirkAnswer::Fields(vec![("off", said.clone())]))
            }
            _ => QuirkAction::Nothing,
        })
        .await;
        let image = new_image(20_000);
        let ended = world.load(&image).await;
        assert_verified(&ended.unwrap_or_else(|error| panic!("{offset:?}: {error:?}")));
        assert_loaded(&world, &image);
    }
}

pub(crate) async fn an_answer_that_contradicts_itself_is_no_answer_and_starts_nothing() {
    for request in [Request::ReadState, Request::WriteState] {
        let world = world(move |asked| {
            if asked.request == request {
                QuirkAction::OfDoing(contradiction())
            } else {
                QuirkAction::Nothing
            }
        })
        .await;
        let error = world.load(&new_image(3000)).await.unwrap_err();
        let LoadError::Protocol { said, .. } = &error else {
            panic!("{request:?}: {error:?}");
        };
        assert!(said.contains("cannot be read"), "{said}");
        assert_eq!(world.reader.counters().restarts, 0);
    }
}

pub(crate) async fn a_restart_whose_answer_cannot_be_read_is_looked_for() {
    let garbles = |asked: &Arrival| {
        if asked.request == Request::Reset {
            QuirkAction::OfAnswering(contradiction())
        } else {
            QuirkAction::Nothing
        }
    };
    let world = world(garbles).await;
    let image = new_image(3000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    let restarts = world.reader.counters().restarts;
    let restarted = world.loader().restart(&world.probe_context(), false).await;
    let statement = restarted.unwrap().statement;
    assert!(statement.contains("did not answer"), "{statement}");
    assert_eq!(world.reader.counters().restarts, restarts + 1);
}
