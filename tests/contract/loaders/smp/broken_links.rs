//! Links that break at any question of a load and are back within seconds.

use std::time::Duration;

use firmdrop_loader::{LoadError, Loader, SmpTiming};
use firmdrop_simulator::reader::{
    Arrival, Faults, Quirk, QuirkAction, Recovery, Request, Settings,
};

use crate::record::Record;

use super::loaded::{assert_loaded, assert_verified};
use super::world::{Way, World, new_image};

/// A question, by its name and by what arrives.
type Question = (&'static str, fn(&Arrival) -> bool);

/// Where the link breaks, once.
const QUESTIONS: [Question; 9] = [
    ("which program answers", |asked| {
        asked.request == Request::BootloaderInfo && asked.restarts == 0
    }),
    ("parameters", |asked| asked.request == Request::Parameters),
    ("first piece", |asked| {
        asked.request == Request::Upload && asked.times == 1
    }),
    ("list after the upload", |asked| {
        asked.request == Request::ReadState && asked.loaded && asked.restarts == 0
    }),
    ("mark", |asked| {
        asked.request == Request::WriteState && !asked.confirms
    }),
    ("restart", |asked| asked.request == Request::Reset),
    ("list after the restart", |asked| {
        asked.request == Request::ReadState && asked.restarts == 1
    }),
    ("list before the confirmation", |asked| {
        asked.request == Request::ReadState && asked.restarts == 1 && asked.up_for > SECOND_LIST
    }),
    ("confirmation", |asked| {
        asked.request == Request::WriteState && asked.confirms
    }),
];

/// The first list after a restart is asked sooner.
const SECOND_LIST: Duration = Duration::from_millis(1);

/// A link that breaks for so long when this is asked for the first time.
fn breaking(at: fn(&Arrival) -> bool, away: Duration) -> Faults {
    let broke = std::sync::atomic::AtomicBool::new(false);
    let quirk = Quirk::new(move |asked| {
        if at(asked) && !broke.swap(true, std::sync::atomic::Ordering::Relaxed) {
            QuirkAction::Leaving(away)
        } else {
            QuirkAction::Nothing
        }
    });
    Faults {
        quirk: Some(quirk),
        ..Faults::default()
    }
}

// What a reader says first over a link is what it held, and not how much of a piece it takes.
pub(crate) async fn a_link_that_breaks_behind_the_first_piece_makes_no_later_piece_shorter(
    way: Way,
) {
    let world = World::with(way, Settings::default()).await;
    let second = |asked: &Arrival| asked.request == Request::Upload && asked.times == 2;
    let faults = breaking(second, Duration::from_millis(300));
    world.reader.set_faults(faults);
    let image = new_image(20_000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    let pieces = world.reader.counters().of(Request::Upload) as usize;
    assert!(pieces * 128 < image.len(), "{pieces} pieces");
}

pub(crate) async fn a_link_that_is_away_at_any_question_is_opened_again(way: Way) {
    for (question, at) in QUESTIONS {
        let settings = Settings {
            // Its list alone does not say which program answers.
            frugal: question == "which program answers",
            ..Settings::default()
        };
        let world = World::with(way, settings).await;
        world
            .reader
            .set_faults(breaking(at, Duration::from_millis(300)));
        let image = new_image(3000);
        let ended = world.load(&image).await;
        assert_verified(&ended.unwrap_or_else(|error| panic!("{question}: {error:?}")));
        assert_loaded(&world, &image);
        let counters = world.reader.counters();
        assert_eq!(counters.restarts, 1, "{question}");
        assert!(counters.upload_bytes < 2 * image.len() as u64, "{question}");
    }
}

pub(crate) async fn a_link_that_is_away_for_eight_seconds_at_any_question_is_waited_for() {
    for (question, at) in QUESTIONS {
        let mut world = World::new(Way::Pipe).await;
        world.timing = SmpTiming::default();
        world
            .reader
            .set_faults(breaking(at, Duration::from_secs(8)));
        let image = new_image(3000);
        let ended = world.load(&image).await;
        assert_verified(&ended.unwrap_or_else(|error| panic!("{question}: {error:?}")));
        assert_loaded(&world, &image);
    }
}

pub(crate) async fn in_recovery_a_link_that_is_away_at_any_question_is_opened_again() {
    for (question, at) in QUESTIONS {
        let settings = Settings {
            recovery: Some(Recovery {
                parameters: true,
                ..Recovery::default()
            }),
            buffers: 1,
            ..Settings::default()
        };
        let mut world = World::with(Way::Pipe, settings).await;
        world.timing = SmpTiming::default();
        world
            .reader
            .set_faults(breaking(at, Duration::from_secs(4)));
        let image = new_image(3000);
        let ended = world.load(&image).await;
        assert_verified(&ended.unwrap_or_else(|error| panic!("{question}: {error:?}")));
        assert_loaded(&world, &image);
    }
}

pub(crate) async fn a_link_that_stays_away_ends_the_load_with_a_state_and_a_resume() {
    for (question, at) in QUESTIONS {
        // A restart takes longer, and what the list proves is not asked.
        if question.contains("restart")
            || question.contains("before")
            || question == "which program answers"
        {
            continue;
        }
        let mut world = World::new(Way::Pipe).await;
        world.timing = SmpTiming::default();
        world
            .reader
            .set_faults(breaking(at, Duration::from_mins(5)));
        let image = new_image(3000);
        let began = tokio::time::Instant::now();
        let error = world.load(&image).await.unwrap_err();
        assert!(
            matches!(error, LoadError::Link { .. }),
            "{question}: {error:?}"
        );
        assert!(error.can_resume(), "{question}");
        assert!(began.elapsed() < Duration::from_secs(20), "{question}");
    }
}

pub(crate) async fn a_reader_that_leaves_while_it_is_identified_is_planned_for_and_loaded() {
    let mut world = World::new(Way::Pipe).await;
    world.timing = SmpTiming::default();
    let at = |asked: &Arrival| asked.request == Request::Parameters;
    world
        .reader
        .set_faults(breaking(at, Duration::from_secs(4)));
    let target = world.loader().probe(&world.probe_context()).await.unwrap();
    assert_eq!(target.version.as_deref(), Some("1.0.0"));
    assert!(target.buffers.is_none());
    assert_eq!(target.mode.as_deref(), Some("application"));
    let image = new_image(3000);
    let record = Record::of_one_that_answered();
    assert_verified(&world.load_into(&image, &record).await.unwrap());
    assert_loaded(&world, &image);
}
