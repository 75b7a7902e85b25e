//! Links behind which another program, or another reader, answers in the middle of a load.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use firmdrop_core::{Code, Diagnose};
use firmdrop_loader::{LoadError, SmpTiming};
use firmdrop_simulator::reader::{
    Arrival, Faults, Quirk, QuirkAction, Recovery, Request, Settings, SimulatedReader, demo_image,
};

use super::loaded::{assert_loaded, assert_verified};
use super::world::{Way, World, new_image};

type Moment = (&'static str, fn(&Arrival) -> bool);

/// Where it happens, once, before the image is started.
const MOMENTS: [Moment; 5] = [
    ("parameters", |asked| asked.request == Request::Parameters),
    ("first piece", |asked| {
        asked.request == Request::Upload && asked.times == 1
    }),
    ("a piece in the middle", |asked| {
        asked.request == Request::Upload && asked.piece.is_some_and(|(at, _)| at > 5000)
    }),
    ("list after the upload", |asked| {
        asked.request == Request::ReadState && asked.loaded
    }),
    ("mark", |asked| asked.request == Request::WriteState),
];

/// Does this at that moment, once.
fn once(at: fn(&Arrival) -> bool, does: QuirkAction) -> Faults {
    let done = AtomicBool::new(false);
    let quirk = Quirk::new(move |asked| {
        if at(asked) && !done.swap(true, Ordering::Relaxed) {
            does.clone()
        } else {
            QuirkAction::Nothing
        }
    });
    Faults {
        quirk: Some(quirk),
        ..Faults::default()
    }
}

/// What recovery may say of itself.
fn recoveries() -> [Recovery; 3] {
    [
        Recovery::default(),
        Recovery::BARE,
        Recovery {
            states: true,
            echo: true,
            ..Recovery::default()
        },
    ]
}

fn assert_stopped(error: &LoadError, moment: &str) {
    let LoadError::AnotherAnswers { found, state } = error else {
        panic!("{moment}: {error:?}");
    };
    assert!(error.can_resume(), "{moment}");
    assert_eq!(error.diagnose().code, Code::AnotherAnswers, "{moment}");
    assert!(
        found.contains("recovery") || found.contains("3.0.0") || found.contains("same program"),
        "{moment}: {found}"
    );
    assert!(
        state.0.contains("nothing of the image was stored there"),
        "{moment}"
    );
}

pub(crate) async fn a_reader_that_falls_into_its_recovery_is_not_overwritten() {
    for (moment, at) in MOMENTS {
        for recovery in recoveries() {
            let mut world = World::new(Way::Pipe).await;
            world.timing = SmpTiming::default();
            let old = world.reader.memory(0);
            let away = Some(Duration::from_secs(2));
            let falls = QuirkAction::FallingIntoRecovery(recovery, away);
            world.reader.set_faults(once(at, falls));
            let image = new_image(20_000);
            let error = world.load(&image).await.unwrap_err();
            assert!(world.reader.memory(0) == old, "{moment}: {recovery:?}");
            assert_stopped(&error, moment);
            world.reader.restart();
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert_verified(&world.load(&image).await.unwrap());
            assert_loaded(&world, &image);
        }
    }
}

pub(crate) async fn behind_a_bridge_a_reader_that_falls_into_its_recovery_is_not_overwritten() {
    for recovery in recoveries() {
        let mut world = World::new(Way::Pipe).await;
        world.timing = SmpTiming::default();
        let old = world.reader.memory(0);
        let (_, at) = MOMENTS[2];
        let falls = QuirkAction::FallingIntoRecovery(recovery, None);
        world.reader.set_faults(once(at, falls));
        let error = world.load(&new_image(20_000)).await.unwrap_err();
        assert!(world.reader.memory(0) == old, "{recovery:?}");
        assert_stopped(&error, "bridge");
    }
}

pub(crate) async fn a_bootloader_that_answers_for_a_moment_is_waited_for() {
    let mut world = World::new(Way::Pipe).await;
    world.timing = SmpTiming::default();
    let (_, at) = MOMENTS[2];
    let away = Some(Duration::from_secs(1));
    let falls = QuirkAction::FallingIntoRecovery(Recovery::default(), away);
    world.reader.set_faults(once(at, falls));
    let reader = world.reader.clone();
    tokio::spawn(async move {
        while reader.runs_its_application() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tokio::time::sleep(Duration::from_secs(8)).await;
        reader.restart();
    });
    let image = new_image(20_000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
}

pub(crate) async fn another_reader_at_the_same_address_gets_nothing() {
    for (moment, at) in MOMENTS {
        let next = SimulatedReader::new(Settings::default(), demo_image((3, 0, 0), 4000));
        let mut world = World::exchanged(Settings::default(), &next).await;
        world.timing = SmpTiming::default();
        let leaves = QuirkAction::Leaving(Duration::from_secs(1));
        world.reader.set_faults(once(at, leaves));
        let error = world.load(&new_image(20_000)).await.unwrap_err();
        assert_stopped(&error, moment);
        assert!(next.counters().changed_nothing(), "{moment}");
    }
}

pub(crate) async fn another_reader_in_recovery_gets_nothing_of_a_load_through_recovery() {
    let settings = || Settings {
        recovery: Some(Recovery::default()),
        images: 2,
        ..Settings::default()
    };
    let next = SimulatedReader::new(settings(), demo_image((1, 0, 0), 4000));
    next.store(1, 0, demo_image((3, 0, 0), 500));
    let mut world = World::exchanged(settings(), &next).await;
    world.reader.store(1, 0, demo_image((7, 0, 0), 500));
    world.timing = SmpTiming::default();
    let (_, at) = MOMENTS[2];
    let leaves = QuirkAction::Leaving(Duration::from_secs(1));
    world.reader.set_faults(once(at, leaves));
    let error = world.load_image(&new_image(20_000), Some(0)).await;
    assert_stopped(&error.unwrap_err(), "recovery");
    assert!(next.counters().changed_nothing());
}

pub(crate) async fn an_application_in_the_place_of_a_recovery_gets_nothing() {
    let next = SimulatedReader::new(Settings::default(), demo_image((3, 0, 0), 4000));
    let settings = Settings {
        recovery: Some(Recovery::default()),
        ..Settings::default()
    };
    let mut world = World::exchanged(settings, &next).await;
    world.timing = SmpTiming::default();
    let (_, at) = MOMENTS[2];
    let leaves = QuirkAction::Leaving(Duration::from_secs(1));
    world.reader.set_faults(once(at, leaves));
    let error = world.load(&new_image(20_000)).await.unwrap_err();
    assert_stopped(&error, "application");
    assert!(next.counters().changed_nothing());
}

pub(crate) async fn another_reader_after_the_restart_is_one_of_the_causes_that_are_named() {
    let next = SimulatedReader::new(Settings::default(), demo_image((3, 0, 0), 4000));
    let mut world = World::exchanged(Settings::default(), &next).await;
    world.timing = SmpTiming::default();
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(matches!(error, LoadError::NotActivated { .. }), "{error:?}");
    let diagnosis = error.diagnose();
    assert!(
        diagnosis.why.contains("another reader"),
        "{}",
        diagnosis.why
    );
    assert!(
        diagnosis.state_now.contains("3.0.0"),
        "{}",
        diagnosis.state_now
    );
    assert!(next.counters().changed_nothing());
}

pub(crate) async fn a_reader_that_runs_the_image_already_is_another_one_in_the_middle_of_an_upload()
{
    let image = new_image(20_000);
    let next = SimulatedReader::new(Settings::default(), image.clone());
    let mut world = World::exchanged(Settings::default(), &next).await;
    world.timing = SmpTiming::default();
    let (_, at) = MOMENTS[2];
    let leaves = QuirkAction::Leaving(Duration::from_secs(1));
    world.reader.set_faults(once(at, leaves));
    let error = world.load(&image).await.unwrap_err();
    assert!(
        matches!(error, LoadError::AnotherAnswers { .. }),
        "{error:?}"
    );
    assert!(next.counters().changed_nothing());
}

pub(crate) async fn a_reader_with_the_same_images_and_another_serial_number_gets_nothing() {
    let settings = |serial: &str| Settings {
        serial: Some(serial.into()),
        ..Settings::default()
    };
    for (serial, same) in [("B", false), ("A", true)] {
        let next = SimulatedReader::new(settings(serial), demo_image((1, 0, 0), 4000));
        let mut world = World::exchanged(settings("A"), &next).await;
        world.timing = SmpTiming::default();
        let (_, at) = MOMENTS[2];
        let leaves = QuirkAction::Leaving(Duration::from_secs(1));
        world.reader.set_faults(once(at, leaves));
        let ended = world.load(&new_image(20_000)).await;
        // One and the same number may be that of an adapter: the protocol tells no more.
        assert_eq!(ended.is_ok(), same, "{ended:?}");
        assert_eq!(next.counters().changed_nothing(), !same);
        if let Err(error) = ended {
            let why = error.diagnose().why;
            assert!(why.contains("serial number"), "{why}");
        }
    }
}
