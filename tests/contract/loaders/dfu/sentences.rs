//! What is said of a device is what it said, or what was seen: nothing else.

use std::time::Duration;

use firmdrop_core::{Diagnose, Remedy};
use firmdrop_loader::{DfuTiming, LoadError};
use firmdrop_simulator::dfu::{Cut, DfuFaults, DfuSettings, LastBlock};

use super::world::{World, bytes, sent, verified};
use crate::record::{Record, Stop};

fn plain(last_block: LastBlock) -> World {
    let faults = DfuFaults {
        last_block,
        ..DfuFaults::default()
    };
    World::with(DfuSettings::plain(), faults)
}

#[tokio::test]
async fn a_device_that_refuses_its_status_after_the_last_block_is_not_said_to_have_stored_it() {
    let reason = sent(
        plain(LastBlock::Refuses)
            .load_with(&bytes(3000), &[("leave", "no"), ("read_back", "no")])
            .await
            .unwrap(),
    );
    assert!(reason.contains("refused to say its state"), "{reason}");
    assert!(!reason.contains("stored"), "{reason}");
}

#[tokio::test]
async fn a_state_after_the_last_block_that_is_none_of_storing_is_said_as_it_is() {
    for (state, name) in [(0, "appIDLE"), (42, "state 42")] {
        let reason = sent(
            plain(LastBlock::Says(state))
                .load_with(&bytes(3000), &[("leave", "no"), ("read_back", "no")])
                .await
                .unwrap(),
        );
        assert!(reason.contains(&format!("said {name}")), "{reason}");
        assert!(!reason.contains("stored"), "{reason}");
    }
}

#[tokio::test]
async fn a_transfer_that_fails_at_the_last_block_is_not_said_to_be_the_device_leaving() {
    let faults = DfuFaults {
        last_block: LastBlock::Restarts,
        breaks_off_when_leaving: true,
        ..DfuFaults::default()
    };
    let world = World::with(DfuSettings::with_application(), faults);
    let image = bytes(5000);
    // The restart into the bootloader breaks a transfer off as well.
    let reason = sent(world.load(&image).await.unwrap());
    assert!(reason.contains("Input/Output Error"), "{reason}");
    assert!(!reason.contains("by itself"), "{reason}");
    assert!(world.device.memory(0) == image);
}

#[tokio::test]
async fn a_transfer_that_breaks_off_is_how_some_systems_say_that_a_device_restarts() {
    let mut settings = DfuSettings::with_application();
    for attributes in [settings.attributes, settings.attributes & !8] {
        settings.attributes = attributes;
        let faults = DfuFaults {
            breaks_off_when_leaving: true,
            ..DfuFaults::default()
        };
        let world = World::with(settings.clone(), faults);
        let image = bytes(5000);
        let said = verified(world.load(&image).await.unwrap());
        assert!(said.contains("It came back as Reader"), "{said}");
    }
}

#[tokio::test]
async fn a_device_that_was_reset_is_not_said_to_be_not_asked_to_start_the_image() {
    let mut settings = DfuSettings::plain();
    settings.attributes &= !4;
    let faults = DfuFaults {
        damages_flash: true,
        ..DfuFaults::default()
    };
    let world = World::with(settings, faults);
    let error = world.load(&bytes(5000)).await.unwrap_err();
    assert!(matches!(error, LoadError::SlotDiffers { .. }), "{error:?}");
    let state = error.state();
    assert!(state.contains("It was reset"), "{state}");
    assert!(!state.contains("not asked to start"), "{state}");
}

#[tokio::test(start_paused = true)]
async fn the_time_that_is_said_is_the_time_that_was_waited() {
    let faults = DfuFaults {
        last_block: LastBlock::Restarts,
        stays_away: true,
        ..DfuFaults::default()
    };
    let mut world = World::with(DfuSettings::plain(), faults);
    world.timing = DfuTiming::default();
    let began = tokio::time::Instant::now();
    let reason = sent(world.load(&bytes(3000)).await.unwrap());
    let waited = began.elapsed().as_secs();
    assert!(reason.contains(&format!("for {waited} s")), "{reason}");
}

#[tokio::test]
async fn a_device_that_may_not_be_opened_after_its_restart_is_not_said_to_be_away() {
    let denied = || DfuFaults {
        denied_after_leaving: true,
        ..DfuFaults::default()
    };
    let world = World::with(DfuSettings::with_application(), denied());
    let error = world.load(&bytes(3000)).await.unwrap_err();
    let remedies = error.diagnose().remedies;
    let names_rule =
        |remedy: &Remedy| matches!(remedy, Remedy::Advice { text } if text.contains("uaccess"));
    assert!(remedies.iter().any(names_rule), "{error:?}");
    assert!(
        error.state().contains("Its memory was not touched"),
        "{}",
        error.state()
    );

    for settings in [DfuSettings::st(), DfuSettings::plain()] {
        let faults = DfuFaults {
            last_block: LastBlock::Restarts,
            ..denied()
        };
        let said = match World::with(settings, faults)
            .load(&bytes(3000))
            .await
            .unwrap()
        {
            firmdrop_core::Outcome::Verified { proof } => proof.statement,
            firmdrop_core::Outcome::Sent { reason } => reason,
        };
        assert!(said.contains("uaccess"), "{said}");
        assert!(!said.contains("not seen"), "{said}");
    }
}

#[tokio::test]
async fn a_link_that_fails_while_the_image_is_started_is_no_refusal_of_the_device() {
    let image = bytes(3000);
    let whole = World::of(DfuSettings::st());
    verified(whole.load(&image).await.unwrap());
    let requests = whole.device.requests();
    let mut cuts = 0;
    for at in requests - 8..requests {
        let cut = Some(Cut { at, acts: false });
        let faults = DfuFaults {
            cut,
            ..DfuFaults::default()
        };
        let world = World::with(DfuSettings::st(), faults);
        if let Ok(outcome) = world.load(&image).await {
            let said = verified(outcome);
            assert!(!said.contains("refused"), "{said}");
            cuts += 1;
        }
    }
    assert!(cuts > 2, "{cuts}");
}

#[tokio::test]
async fn a_reset_that_never_ends_does_not_hold_up_a_stop() {
    let faults = DfuFaults {
        reset_hangs: true,
        ..DfuFaults::default()
    };
    let world = World::with(DfuSettings::plain(), faults);
    let stopping = Record::stopping(Stop::AtPhase("leave"));
    let image = bytes(3000);
    let load = world.load_into(&image, &stopping);
    let ended = tokio::time::timeout(Duration::from_secs(5), load).await;
    let said = verified(ended.expect("it was not stopped").unwrap());
    assert!(said.contains("stopped"), "{said}");
}

#[tokio::test]
async fn the_address_that_is_started_never_lies_in_option_bytes() {
    use super::files::dfuse;
    let mut settings = DfuSettings::st();
    settings.alternates.swap(0, 1);
    let (flash, option) = (bytes(300), [0x0F_u8; 16]);
    let file = dfuse(&[
        (1, &[(0x0800_0000, &flash)]),
        (0, &[(0x1FFF_C000, &option)]),
    ]);
    let world = World::of(settings.clone());
    verified(
        world
            .load_with(&file, &[("option_bytes", "write")])
            .await
            .unwrap(),
    );
    assert_eq!(world.device.started_at(), Some(0x0800_0000));

    let only = dfuse(&[(0, &[(0x1FFF_C000, &option)])]);
    let world = World::of(settings);
    let said = verified(
        world
            .load_with(&only, &[("option_bytes", "write")])
            .await
            .unwrap(),
    );
    assert_eq!(world.device.started_at(), None, "{said}");
    assert!(said.contains("stays in its bootloader"), "{said}");
}

#[test]
fn what_an_earlier_run_sent_says_nothing_of_the_run_that_was_killed() {
    let loader = World::of(DfuSettings::plain());
    let loader = crate::harness::Harness::loader(&loader);
    let state = loader.state_after(&["check_device", "write", "manifest", "check_device", "write"]);
    assert!(state.contains("A part"), "{state}");
    let state = loader.state_after(&["check_device", "write", "manifest", "check_device"]);
    assert!(
        state.contains("earlier") && state.contains("not known"),
        "{state}"
    );
}
