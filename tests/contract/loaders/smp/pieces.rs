//! Answers to pieces that say what cannot be, or that the upload is not known any more.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use ciborium::Value;
use firmdrop_core::Diagnose;
use firmdrop_loader::{LoadError, SmpTiming};
use firmdrop_simulator::reader::{
    Arrival, Faults, Quirk, QuirkAction, QuirkAnswer, Recovery, Request, Settings,
};
use tokio::time::Instant;

use super::loaded::{assert_loaded, assert_verified};
use super::world::{Way, World, new_image};

async fn world(
    settings: Settings,
    does: impl Fn(&Arrival) -> QuirkAction + Send + Sync + 'static,
) -> World {
    let mut world = World::with(Way::Pipe, settings).await;
    world.timing = SmpTiming::default();
    world.reader.set_faults(Faults {
        quirk: Some(Quirk::new(does)),
        ..Faults::default()
    });
    world
}

fn in_recovery(recovery: Recovery) -> Settings {
    Settings {
        recovery: Some(recovery),
        buffers: 1,
        ..Settings::default()
    }
}

/// What follows the first piece that begins behind this byte.
fn at_byte(byte: u64, then: impl Fn(u64) -> QuirkAction) -> impl Fn(&Arrival) -> QuirkAction {
    let done = AtomicBool::new(false);
    move |asked| match asked.piece {
        Some((from, end)) if from > byte && !done.swap(true, Ordering::Relaxed) => then(end),
        _ => QuirkAction::Nothing,
    }
}

fn offset(offset: impl Into<Value>) -> QuirkAnswer {
    QuirkAnswer::Fields(vec![("rc", 0.into()), ("off", offset.into())])
}

pub(crate) async fn an_offset_beyond_what_was_sent_is_never_called_taken() {
    let without_hashes = Recovery {
        hashes: false,
        ..Recovery::default()
    };
    for settings in [
        Settings::default(),
        in_recovery(Recovery::default()),
        in_recovery(without_hashes),
        in_recovery(Recovery::BARE),
    ] {
        for beyond in [4000, 8000] {
            let name = format!("{:?} {beyond}", settings.recovery);
            let jump = at_byte(4000, move |end| {
                QuirkAction::OfAnswering(offset(end + beyond))
            });
            let world = world(settings.clone(), jump).await;
            let image = new_image(30_000);
            let error = world.load(&image).await.unwrap_err();
            assert!(
                matches!(error, LoadError::Protocol { .. }),
                "{name}: {error:?}"
            );
            assert!(!error.state().contains("every byte"), "{}", error.state());
            assert!(error.can_resume(), "{name}");
            assert_eq!(world.reader.counters().restarts, 0, "{name}");
            // What it holds by now is not what was sent: the resume sends it all.
            world.reader.set_faults(Faults::default());
            assert_verified(&world.load(&image).await.unwrap());
            assert_loaded(&world, &image);
        }
    }
}

pub(crate) async fn a_reader_without_hashes_that_says_it_holds_a_part_gets_the_whole() {
    let without_hashes = Recovery {
        hashes: false,
        ..Recovery::default()
    };
    let begun = AtomicU32::new(0);
    let world = world(in_recovery(without_hashes), move |asked| {
        let times = begun.load(Ordering::Relaxed);
        match asked.piece {
            Some((0, end)) => {
                begun.store(times + 1, Ordering::Relaxed);
                let held = if times == 0 { 20_000 } else { end };
                QuirkAction::OfAnswering(offset(held))
            }
            Some((_, end)) if times == 1 => QuirkAction::OfDoing(offset(end)),
            _ => QuirkAction::Nothing,
        }
    })
    .await;
    let image = new_image(24_000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
}

pub(crate) async fn a_last_answer_without_an_offset_is_read_in_the_list() {
    for said in [
        QuirkAnswer::Fields(vec![("rc", 0.into())]),
        QuirkAnswer::Fields(Vec::new()),
        offset(-1),
        offset("3044"),
        offset(Value::Null),
    ] {
        let image = new_image(3000);
        let size = image.len() as u64;
        let world = world(Settings::default(), move |asked| match asked.piece {
            Some((_, end)) if end == size => QuirkAction::OfAnswering(said.clone()),
            _ => QuirkAction::Nothing,
        })
        .await;
        assert_verified(&world.load(&image).await.unwrap());
        assert_loaded(&world, &image);
        assert_eq!(world.reader.counters().upload_bytes, size);
    }
}

pub(crate) async fn one_answer_without_an_offset_costs_a_piece() {
    for said in [QuirkAnswer::Fields(Vec::new()), offset(-1), offset("12")] {
        let world = world(
            Settings::default(),
            at_byte(4000, move |_| QuirkAction::OfAnswering(said.clone())),
        )
        .await;
        let image = new_image(12_000);
        assert_verified(&world.load(&image).await.unwrap());
        assert_loaded(&world, &image);
    }
}

pub(crate) async fn answers_without_an_offset_are_not_said_to_have_a_wrong_one() {
    let beyond = Value::from(u64::MAX / 2);
    for (said, words) in [
        (QuirkAnswer::Fields(Vec::new()), "without an offset"),
        (
            QuirkAnswer::Fields(vec![("rc", 0.into())]),
            "without an offset",
        ),
        (offset("12"), "no number of bytes"),
        (offset(-1), "no number of bytes"),
        (offset(Value::Null), "no number of bytes"),
        (offset(beyond), "not in the image"),
    ] {
        let world = world(Settings::default(), move |asked| match asked.piece {
            Some((4000.., _)) => QuirkAction::OfDoing(said.clone()),
            _ => QuirkAction::Nothing,
        })
        .await;
        let error = world.load(&new_image(12_000)).await.unwrap_err();
        let what = error.diagnose().what_happened;
        assert!(what.contains(words), "{what}");
        assert!(error.can_resume());
        assert!(error.state().contains("is not known"), "{}", error.state());
    }
}

pub(crate) async fn a_reader_that_forgot_the_upload_gets_the_image_from_its_start() {
    for silence in [Duration::ZERO, Duration::from_secs(3)] {
        for said in [
            QuirkAnswer::Code(1),
            QuirkAnswer::Code(3),
            QuirkAnswer::Code(5),
            QuirkAnswer::Code(6),
            QuirkAnswer::CodeOfGroup(19),
            QuirkAnswer::CodeOfGroup(20),
            offset(0),
        ] {
            let name = format!("{said:?} after {silence:?}");
            let forgot = Mutex::new(None::<Instant>);
            let knows = AtomicBool::new(true);
            let world = world(Settings::default(), move |asked| {
                let mut at = forgot.lock().unwrap();
                if asked.piece.is_some_and(|(from, _)| from > 6000) && at.is_none() {
                    *at = Some(Instant::now());
                    knows.store(false, Ordering::Relaxed);
                    return QuirkAction::Forgetting(if silence.is_zero() {
                        said.clone()
                    } else {
                        QuirkAnswer::Silence
                    });
                }
                if at.is_some_and(|at| at.elapsed() < silence) {
                    return QuirkAction::OfDoing(QuirkAnswer::Silence);
                }
                match asked.piece {
                    Some((0, _)) => knows.store(true, Ordering::Relaxed),
                    Some(_) if !knows.load(Ordering::Relaxed) => {
                        return QuirkAction::OfDoing(said.clone());
                    }
                    _ => {}
                }
                QuirkAction::Nothing
            })
            .await;
            let image = new_image(12_000);
            let ended = world.load(&image).await;
            assert_verified(&ended.unwrap_or_else(|error| panic!("{name}: {error:?}")));
            assert_loaded(&world, &image);
        }
    }
}

pub(crate) async fn a_piece_that_is_refused_again_and_again_ends_with_a_resume() {
    for said in [
        QuirkAnswer::Code(3),
        QuirkAnswer::CodeOfGroup(20),
        QuirkAnswer::CodeOfGroup(12),
    ] {
        let world = world(Settings::default(), move |asked| match asked.piece {
            Some((6000.., _)) => QuirkAction::OfDoing(said.clone()),
            _ => QuirkAction::Nothing,
        })
        .await;
        let image = new_image(12_000);
        let error = world.load(&image).await.unwrap_err();
        assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
        assert!(error.can_resume());
        assert!(!error.state().contains("at least"), "{}", error.state());
        assert!(world.reader.counters().upload_bytes < 3 * image.len() as u64);
    }
}

/// It says the size of its slots.
fn slots_of(size: u64) -> QuirkAction {
    let slot = |number: u64| {
        Value::Map(vec![
            ("slot".into(), number.into()),
            ("size".into(), size.into()),
        ])
    };
    let image = vec![
        ("image".into(), 0.into()),
        ("slots".into(), Value::Array(vec![slot(0), slot(1)])),
    ];
    let images = Value::Array(vec![Value::Map(image)]);
    QuirkAction::OfDoing(QuirkAnswer::Fields(vec![("images", images)]))
}

pub(crate) async fn an_image_that_is_larger_than_its_slot_is_refused_before_a_byte_is_sent() {
    for settings in [Settings::default(), in_recovery(Recovery::default())] {
        let world = world(settings, |asked| match asked.request {
            Request::SlotInfo => slots_of(10_000),
            _ => QuirkAction::Nothing,
        })
        .await;
        let error = world.load(&new_image(12_000)).await.unwrap_err();
        let why = error.diagnose().why;
        assert!(why.contains("10,000"), "{why}");
        assert!(world.reader.counters().changed_nothing());
    }
}

pub(crate) async fn a_slot_of_no_bytes_refuses_nothing() {
    let world = world(Settings::default(), |asked| match asked.request {
        Request::SlotInfo => slots_of(0),
        _ => QuirkAction::Nothing,
    })
    .await;
    assert_verified(&world.load(&new_image(3000)).await.unwrap());
}

pub(crate) async fn a_reader_that_is_silent_to_pieces_alone_is_not_called_silent() {
    let world = world(Settings::default(), |asked| match asked.piece {
        Some((6000.., _)) => QuirkAction::OfDoing(QuirkAnswer::Silence),
        _ => QuirkAction::Nothing,
    })
    .await;
    let began = Instant::now();
    let error = world.load(&new_image(12_000)).await.unwrap_err();
    let took = began.elapsed().as_secs();
    assert!((60..75).contains(&took), "{took} s");
    let diagnosis = error.diagnose();
    assert!(
        diagnosis.why.contains("too large for its slot"),
        "{}",
        diagnosis.why
    );
    assert!(error.can_resume());
}
