//! Ports that are there after a restart and may not be opened, and bootloaders that leave a marked image as it is.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Outcome};
use firmdrop_link::LinkError;
use firmdrop_loader::{LoadError, Loader as _, SmpTiming};
use firmdrop_simulator::reader::{Faults, Recovery, Request, Return, Settings};
use tokio::time::Instant;

use super::loaded::{assert_loaded, assert_verified};
use super::world::{Way, World, new_image};
use crate::record::Record;

const FOR_EVER: Duration = Duration::from_hours(1);

fn busy(place: String) -> LinkError {
    LinkError::Busy { place }
}

fn denied(place: String) -> LinkError {
    LinkError::Denied {
        place,
        why: "Permission denied".into(),
    }
}

// keyboardio/Chrysalis #1068, commaai/flash PR 215, keyboardio/Model01-Firmware #58: the reader is back, and its port
// may not be opened: another program has it, or no rule is there for its new ids.
pub(crate) async fn a_port_that_may_not_be_opened_after_the_restart_is_not_said_to_have_stayed_away()
 {
    for (error, code) in [
        (busy as fn(String) -> LinkError, Code::LinkBusy),
        (denied, Code::LinkDenied),
    ] {
        let world = World::closed_after_restart(Settings::default(), FOR_EVER, error).await;
        let failed = world.load(&new_image(3000)).await.unwrap_err();
        assert_eq!(failed.diagnose().code, code, "{failed:?}");
        assert!(failed.can_resume());
        let state = failed.state();
        assert!(state.contains("Whether it runs is not known"), "{state}");

        let world = World::closed_after_restart(Settings::default(), FOR_EVER, error).await;
        let restarting = world.loader();
        let restarting = restarting.restart(&world.probe_context(), true).await;
        let failed = restarting.unwrap_err();
        assert_eq!(failed.diagnose().code, code, "{failed:?}");
        assert!(failed.state().contains("not known"), "{}", failed.state());
    }
}

pub(crate) async fn an_application_whose_port_may_not_be_opened_is_not_said_to_be_silent() {
    let settings = Settings {
        recovery: Some(Recovery::default()),
        buffers: 1,
        ..Settings::default()
    };
    let world = World::closed_after_restart(settings, FOR_EVER, busy).await;
    match world.load(&new_image(3000)).await.unwrap() {
        Outcome::Sent { reason } => {
            assert!(reason.contains("held by another program"), "{reason}");
            assert!(!reason.contains("Nothing answered"), "{reason}");
        }
        outcome @ Outcome::Verified { .. } => panic!("{outcome:?}"),
    }
}

// arduino/Arduino #11797, rusefi/rusefi #4359: the port is root's until its rule is carried out, or ModemManager looks
// at it for some seconds.
pub(crate) async fn a_port_that_may_be_opened_some_seconds_after_the_restart_is_waited_for() {
    for error in [busy as fn(String) -> LinkError, denied] {
        let some = Duration::from_secs(12);
        let world = World::closed_after_restart(Settings::default(), some, error).await;
        let image = new_image(3000);
        assert_verified(&world.load(&image).await.unwrap());
        assert_loaded(&world, &image);
    }
}

pub(crate) async fn a_resume_waits_for_a_port_that_may_not_be_opened_yet_and_not_for_long() {
    for error in [busy as fn(String) -> LinkError, denied] {
        for (for_long, is_opened) in [(Duration::from_secs(8), true), (FOR_EVER, false)] {
            let world = World::closed_after_restart(Settings::default(), for_long, error).await;
            world.reader.restart();
            let record = Record::after(&["connect".into(), "upload".into(), "restart".into()]);
            let began = Instant::now();
            let ended = world.load_into(&new_image(3000), &record).await;
            if is_opened {
                assert_verified(&ended.unwrap());
            } else {
                assert!(matches!(ended, Err(LoadError::Link { .. })), "{ended:?}");
                assert!(began.elapsed() < Duration::from_secs(15));
            }
        }
    }
}

// apache/mynewt-mcumgr #157, Android-nRF-Connect-Device-Manager #202: the bootloader has no room to swap, and leaves the
// mark as it is.
pub(crate) async fn a_bootloader_that_leaves_the_mark_is_not_said_not_to_have_restarted() {
    let settings = Settings {
        restart: Duration::from_secs(3),
        ..Settings::default()
    };
    let mut world = World::with(Way::Pipe, settings).await;
    world.timing = SmpTiming::default();
    world.reader.set_faults(Faults {
        returns: Return::StillMarked,
        ..Faults::default()
    });
    let error = world.load(&new_image(3000)).await.unwrap_err();
    let LoadError::Refused { why, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(
        why.contains("bootloader may refuse to start the new one"),
        "{why}"
    );
    let state = error.state();
    assert!(state.contains("Whether the reader restarted"), "{state}");
    assert!(!state.contains("it starts at the next"), "{state}");
    assert!(error.can_resume());
    assert!(world.reader.counters().of(Request::Reset) <= 3);
}
