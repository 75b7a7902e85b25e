//! What a reader is asked to do after the upload, refuses, does without saying so, or lists late.
//!
//! Whatever it answers, its list says what became of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ciborium::Value;
use firmdrop_core::{Diagnose, Outcome};
use firmdrop_loader::{LoadError, SmpTiming};
use firmdrop_simulator::reader::{
    Arrival, Faults, Quirk, QuirkAction, QuirkAnswer, Recovery, Request, Settings,
};
use tokio::time::Instant;

use super::loaded::{assert_loaded, assert_verified};
use super::world::{Way, World, new_image};
use crate::record::{Record, Stop};

/// `IMG_MGMT_ERR_IMAGE_CONFIRMATION_DENIED`.
const DENIED: i32 = 32;
/// `MGMT_ERR_ENOTSUP`.
const UNKNOWN_COMMAND: i32 = 8;

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

fn in_recovery() -> Settings {
    Settings {
        recovery: Some(Recovery::default()),
        buffers: 1,
        ..Settings::default()
    }
}

fn is_confirmation(asked: &Arrival) -> bool {
    asked.request == Request::WriteState && asked.confirms
}

/// An empty list of images.
fn nothing_listed() -> QuirkAction {
    let nothing = vec![("images", Value::Array(Vec::new()))];
    QuirkAction::OfDoing(QuirkAnswer::Fields(nothing))
}

pub(crate) async fn an_image_that_the_application_confirms_itself_is_verified_whatever_the_request_got()
 {
    for said in [
        QuirkAnswer::CodeOfGroup(DENIED),
        QuirkAnswer::Code(6),
        QuirkAnswer::Code(10),
        QuirkAnswer::Silence,
        QuirkAnswer::Fields(vec![("rc", 0.into())]),
    ] {
        let world = world(Settings::default(), move |asked| {
            if is_confirmation(asked) {
                QuirkAction::OfAnswering(said.clone())
            } else {
                QuirkAction::Nothing
            }
        })
        .await;
        let image = new_image(3000);
        assert_verified(&world.load(&image).await.unwrap());
        assert_loaded(&world, &image);
        assert_eq!(world.reader.counters().restarts, 1);
    }
}

pub(crate) async fn a_refused_confirmation_leaves_an_image_on_trial_and_a_resume() {
    for said in [
        QuirkAnswer::CodeOfGroup(DENIED),
        QuirkAnswer::Code(11),
        QuirkAnswer::Code(10),
    ] {
        let world = world(Settings::default(), move |asked| {
            if is_confirmation(asked) {
                QuirkAction::OfDoing(said.clone())
            } else {
                QuirkAction::Nothing
            }
        })
        .await;
        let image = new_image(3000);
        let error = world.load(&image).await.unwrap_err();
        assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
        assert!(error.state().contains("runs the new image"), "{error:?}");
        assert!(error.can_resume());
        world.reader.set_faults(Faults::default());
        assert_verified(&world.load(&image).await.unwrap());
        assert_eq!(world.reader.counters().restarts, 1);
    }
}

pub(crate) async fn a_reader_that_confirms_only_what_runs_is_asked_without_a_hash() {
    // The mark is the first request, the confirmation by hash the second.
    let world = world(Settings::default(), |asked| {
        if is_confirmation(asked) && asked.times == 2 {
            QuirkAction::OfDoing(QuirkAnswer::Code(3))
        } else {
            QuirkAction::Nothing
        }
    })
    .await;
    let image = new_image(3000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    assert_eq!(world.reader.counters().of(Request::WriteState), 3);
}

pub(crate) async fn a_confirmation_whose_answer_is_lost_is_read_back() {
    let world = world(Settings::default(), |asked| {
        if is_confirmation(asked) {
            QuirkAction::OfAnswering(QuirkAnswer::Silence)
        } else {
            QuirkAction::Nothing
        }
    })
    .await;
    let image = new_image(3000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_eq!(world.reader.counters().of(Request::WriteState), 2);
}

pub(crate) async fn a_trial_that_ended_meanwhile_is_not_confirmed_for_good() {
    // The reader crashes on trial, instead of confirming, and its bootloader goes back.
    let world = world(Settings::default(), |asked| {
        if is_confirmation(asked) {
            QuirkAction::Leaving(Duration::from_secs(2))
        } else {
            QuirkAction::Nothing
        }
    })
    .await;
    let reader = world.reader.clone();
    let crash = tokio::spawn(async move {
        while reader.counters().of(Request::WriteState) < 2 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        reader.restart();
    });
    let error = world.load(&new_image(3000)).await.unwrap_err();
    crash.await.unwrap();
    assert!(matches!(error, LoadError::NotActivated { .. }), "{error:?}");
    assert_eq!(world.reader.counters().of(Request::WriteState), 2);
    assert!(error.can_resume());
}

pub(crate) async fn a_reader_that_restarts_while_it_is_marked_is_confirmed() {
    let world = world(Settings::default(), |_| QuirkAction::Nothing).await;
    let reader = world.reader.clone();
    world.reader.set_faults(Faults {
        quirk: Some(Quirk::new(move |asked| {
            if asked.request == Request::WriteState && asked.times == 1 {
                let reader = reader.clone();
                tokio::spawn(async move { reader.restart() });
                QuirkAction::OfAnswering(QuirkAnswer::Silence)
            } else {
                QuirkAction::Nothing
            }
        })),
        ..Faults::default()
    });
    let image = new_image(3000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    assert_eq!(world.reader.counters().restarts, 1);
}

pub(crate) async fn a_refused_restart_leaves_a_marked_image_and_a_resume() {
    let refuses = |asked: &Arrival| {
        if asked.request == Request::Reset {
            QuirkAction::OfDoing(QuirkAnswer::Code(UNKNOWN_COMMAND))
        } else {
            QuirkAction::Nothing
        }
    };
    for settings in [Settings::default(), in_recovery()] {
        let recovers = settings.recovery.is_some();
        let world = world(settings, refuses).await;
        let image = new_image(3000);
        let record = Arc::new(Record::default());
        let error = world.load_into(&image, &record).await.unwrap_err();
        let LoadError::Refused {
            advice: Some(advice),
            ..
        } = &error
        else {
            panic!("{error:?}");
        };
        assert!(advice.contains("off and on"), "{advice}");
        let known = if recovers {
            "took every byte"
        } else {
            "stored and marked"
        };
        assert!(error.state().contains(known), "{}", error.state());
        assert!(error.can_resume());
        world.reader.restart();
        let began = record.phases.lock().unwrap().clone();
        let resumed = world.load_into(&image, &Record::after(&began)).await;
        assert_verified(&resumed.unwrap());
        assert_loaded(&world, &image);
    }
}

pub(crate) async fn a_restart_that_is_accepted_and_does_not_come_leaves_a_resume() {
    let world = world(Settings::default(), |asked| {
        if asked.request == Request::Reset {
            QuirkAction::OfDoing(QuirkAnswer::Fields(Vec::new()))
        } else {
            QuirkAction::Nothing
        }
    })
    .await;
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(error.state().contains("stored and marked"), "{error:?}");
    assert!(error.can_resume(), "{error:?}");
}

/// It lists no image for so long after a restart.
fn lists_nothing_for(time: Duration) -> impl Fn(&Arrival) -> QuirkAction {
    move |asked| {
        let early = asked.restarts > 0 && asked.up_for < time;
        if early && asked.request == Request::ReadState {
            nothing_listed()
        } else {
            QuirkAction::Nothing
        }
    }
}

pub(crate) async fn an_application_that_lists_nothing_at_first_is_asked_again() {
    for frugal in [false, true] {
        let settings = Settings {
            frugal,
            ..Settings::default()
        };
        let world = world(settings, lists_nothing_for(Duration::from_secs(20))).await;
        let image = new_image(3000);
        assert_verified(&world.load(&image).await.unwrap());
        assert_eq!(world.reader.counters().restarts, 1);
    }
}

pub(crate) async fn an_application_that_lists_its_old_slot_first_is_asked_again() {
    let lists = AtomicU32::new(0);
    let world = world(Settings::default(), move |asked| {
        let again = asked.request == Request::ReadState && asked.restarts > 0;
        if again && lists.fetch_add(1, Ordering::Relaxed) < 3 {
            let row = vec![
                ("slot".into(), 1.into()),
                ("version".into(), "1.0.0".into()),
                ("hash".into(), Value::Bytes(vec![7; 32])),
                ("active".into(), false.into()),
            ];
            let rows = vec![Value::Map(row)];
            return QuirkAction::OfDoing(QuirkAnswer::Fields(vec![("images", Value::Array(rows))]));
        }
        QuirkAction::Nothing
    })
    .await;
    assert_verified(&world.load(&new_image(3000)).await.unwrap());
    assert_eq!(world.reader.counters().restarts, 1);
}

pub(crate) async fn an_application_that_lists_nothing_for_good_is_not_said_to_be_in_recovery() {
    let hour = Duration::from_hours(1);
    let world = world(Settings::default(), lists_nothing_for(hour)).await;
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(matches!(error, LoadError::NotReady { .. }), "{error:?}");
    let diagnosis = error.diagnose();
    let said = format!("{} {}", diagnosis.what_happened, diagnosis.state_now);
    assert!(!said.contains("recovery"), "{said}");
    assert!(error.can_resume());
}

pub(crate) async fn an_application_started_from_recovery_that_lists_nothing_at_first_is_asked_again()
 {
    let world = world(in_recovery(), lists_nothing_for(Duration::from_secs(8))).await;
    let image = new_image(3000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
}

pub(crate) async fn an_application_started_from_recovery_that_lists_nothing_for_good_ends_in_sent()
{
    let hour = Duration::from_hours(1);
    let world = world(in_recovery(), lists_nothing_for(hour)).await;
    let Outcome::Sent { reason } = world.load(&new_image(3000)).await.unwrap() else {
        panic!("verified");
    };
    assert!(reason.contains("listed no image"), "{reason}");
}

pub(crate) async fn a_resume_waits_for_an_application_that_lists_nothing_yet() {
    let world = world(
        Settings::default(),
        lists_nothing_for(Duration::from_secs(20)),
    )
    .await;
    let image = new_image(3000);
    let stopped = Record::stopping(Stop::AtPhase("find_again"));
    world.load_into(&image, &stopped).await.unwrap_err();
    let sent = world.reader.counters().upload_bytes;
    let began = stopped.phases.lock().unwrap().clone();
    let resumed = world.load_into(&image, &Record::after(&began)).await;
    assert_verified(&resumed.unwrap());
    assert_eq!(world.reader.counters().upload_bytes, sent);
}

/// A load of a reader that is silent to these requests, stopped with the first of them: what it ends in, and how long after.
async fn stopped_in_silence_to(
    matching: impl Fn(&Arrival) -> bool + Send + Sync + 'static,
) -> (LoadError, Duration) {
    let record = Arc::new(Record::default());
    let cancel = record.cancel.clone();
    let stopped = Arc::new(std::sync::Mutex::new(None));
    let at = Arc::clone(&stopped);
    let world = world(Settings::default(), move |asked| {
        if !matching(asked) {
            return QuirkAction::Nothing;
        }
        cancel.cancel();
        at.lock().unwrap().get_or_insert_with(Instant::now);
        QuirkAction::OfDoing(QuirkAnswer::Silence)
    })
    .await;
    let error = world
        .load_into(&new_image(3000), &record)
        .await
        .unwrap_err();
    let stopped = stopped.lock().unwrap().unwrap();
    (error, stopped.elapsed())
}

pub(crate) async fn a_stop_while_the_reader_is_silent_to_a_mark_or_a_confirmation_is_not_waited_for_long()
 {
    let marks = |asked: &Arrival| asked.request == Request::WriteState && !asked.confirms;
    let (error, after) = stopped_in_silence_to(marks).await;
    assert!(matches!(error, LoadError::Stopped { .. }), "{error:?}");
    assert!(error.state().contains("is not known"), "{error:?}");
    assert!(after < Duration::from_secs(5), "{after:?}");
    let (error, after) = stopped_in_silence_to(is_confirmation).await;
    assert!(matches!(error, LoadError::Stopped { .. }), "{error:?}");
    assert!(
        error.state().contains("does not list it as confirmed"),
        "{error:?}"
    );
    assert!(after < Duration::from_secs(5), "{after:?}");
    // Silent to everything since: it is not known what it runs at the next restart.
    let heard = std::sync::atomic::AtomicBool::new(false);
    let (error, after) = stopped_in_silence_to(move |asked| {
        heard.fetch_or(is_confirmation(asked), Ordering::Relaxed) || is_confirmation(asked)
    })
    .await;
    assert!(matches!(error, LoadError::Stopped { .. }), "{error:?}");
    assert!(error.state().contains("is not known"), "{error:?}");
    assert!(after < Duration::from_secs(8), "{after:?}");
}
