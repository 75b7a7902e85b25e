//! The habits that users report of real devices, with the numbers of the reports.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::Diagnose;
use firmdrop_loader::LoadError;
use firmdrop_simulator::dfu::{DfuFaults, DfuSettings, FunctionalDescriptor, LastBlock, Pace};

use super::world::{World, bytes, sent, verified};
use crate::record::{Record, Stop};

fn faults(change: impl FnOnce(&mut DfuFaults)) -> DfuFaults {
    let mut faults = DfuFaults::default();
    change(&mut faults);
    faults
}

// particle-iot/device-os #599, monome/crow #128, orangecrab-hardware #37: the device restarts before it is asked
// for its status, and the load is called a failure.
#[tokio::test]
async fn a_device_that_restarts_with_the_last_block_is_no_failure_and_not_called_verified() {
    let world = World::with(
        DfuSettings::with_application(),
        faults(|one| one.last_block = LastBlock::Restarts),
    );
    let image = bytes(5000);
    let reason = sent(world.load(&image).await.unwrap());
    assert!(reason.contains("left the bus by itself"), "{reason}");
    assert!(world.device.memory(0) == image && world.device.runs_its_application());
}

// greatscottgadgets/greatfet #259, hathach/tinyusb PR 754.
#[tokio::test]
async fn a_device_that_answers_nothing_after_the_last_block_ends_in_sent_and_is_not_waited_for_long()
 {
    let world = World::with(
        DfuSettings::plain(),
        faults(|one| one.last_block = LastBlock::Silent),
    );
    let began = std::time::Instant::now();
    let reason = sent(
        world
            .load_with(&bytes(5000), &[("leave", "no")])
            .await
            .unwrap(),
    );
    assert!(reason.contains("answered nothing"), "{reason}");
    assert!(began.elapsed() < Duration::from_secs(5));
}

// fwupd PR 2348: dfuMANIFEST for ever.
#[tokio::test(start_paused = true)]
async fn a_device_that_says_for_ever_that_it_stores_is_given_up_in_time() {
    let world = World::with(
        DfuSettings::plain(),
        faults(|one| one.last_block = LastBlock::ManifestsForEver),
    );
    let reason = sent(world.load(&bytes(5000)).await.unwrap());
    assert!(reason.contains("for longer than is waited"), "{reason}");
}

// A device may store for minutes: a stop is not held up by that.
#[tokio::test(start_paused = true)]
async fn a_stop_while_the_device_stores_the_image_is_not_waited_for_long() {
    let mut world = World::with(
        DfuSettings::plain(),
        faults(|one| one.last_block = LastBlock::ManifestsForEver),
    );
    world.timing = firmdrop_loader::DfuTiming::default();
    let stopping = Record::stopping(Stop::AtPhase("manifest"));
    let began = tokio::time::Instant::now();
    let error = world.load_into(&bytes(5000), &stopping).await.unwrap_err();
    assert!(matches!(error, LoadError::Stopped { .. }), "{error:?}");
    assert!(error.state().contains("took every byte"), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(5));
}

// embassy-usb 0.6.0 counts blocks from where an image before ended, until its status is cleared.
#[tokio::test(start_paused = true)]
async fn the_first_block_of_a_device_that_still_counts_those_before_is_sent_once_more() {
    const UNKNOWN: u8 = 0x0E;
    const ADDRESS: u8 = 0x08;
    let image = bytes(5000);
    let refuses = |code| faults(|one| one.fails_block = Some((0, code)));
    let world = World::with(DfuSettings::plain(), refuses(UNKNOWN));
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory(0) == image);
    // A refusal with a reason stands.
    let world = World::with(DfuSettings::plain(), refuses(ADDRESS));
    let refused = world.load(&image).await.unwrap_err();
    assert!(matches!(refused, LoadError::Refused { .. }), "{refused:?}");
}

// embassy PR 6257: firmware that waits for a reset says `dfuMANIFEST` until it comes. fwupd #2347: one that comes at
// once interrupts a device that still stores the image.
#[tokio::test(start_paused = true)]
async fn a_device_that_waits_for_a_reset_while_it_says_that_it_stores_is_reset_after_a_time() {
    let mut settings = DfuSettings::with_application();
    settings.attributes &= !(4 | 8);
    let world = World::with(
        settings,
        faults(|one| one.last_block = LastBlock::ManifestsForEver),
    );
    let began = tokio::time::Instant::now();
    let reason = sent(world.load(&bytes(5000)).await.unwrap());
    assert!(reason.contains("came back"), "{reason}");
    assert!(began.elapsed() >= world.timing.stores);
    assert!(world.device.runs_its_application());
}

// fwupd #3640, particle-iot/device-os PR 1242: a poll time of zero while it is busy.
#[tokio::test(start_paused = true)]
async fn a_busy_device_that_says_no_poll_time_is_neither_flooded_nor_slowed_down() {
    let mut settings = DfuSettings::plain();
    settings.pace = Pace {
        transfer: Duration::from_millis(1),
        block: Duration::from_millis(20),
        ..Pace::default()
    };
    let world = World::with(settings, faults(|one| one.says_poll_milliseconds = Some(0)));
    let image = bytes(10_240);
    verified(world.load(&image).await.unwrap());
    let blocks = 10;
    assert!(
        world.device.early_polls() <= blocks * 13,
        "{}",
        world.device.early_polls()
    );
}

// A field that nobody set: 4 h 39 min.
#[tokio::test(start_paused = true)]
async fn an_absurd_poll_time_is_not_waited_for() {
    let mut settings = DfuSettings::plain();
    settings.pace.block = Duration::from_millis(20);
    let world = World::with(
        settings,
        faults(|one| one.says_poll_milliseconds = Some(0x00FF_FFFF)),
    );
    let began = tokio::time::Instant::now();
    verified(world.load(&bytes(5000)).await.unwrap());
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
}

// betaflight-configurator PR 1249 and dfu-util: 0, and more than a system transfers.
#[tokio::test]
async fn a_transfer_size_of_zero_or_beyond_what_can_be_transferred_is_not_taken_literally() {
    for settings in [DfuSettings::plain(), DfuSettings::st()] {
        for transfer_bytes in [64, 8192, 0xFFFF] {
            let settings = DfuSettings {
                transfer_bytes,
                ..settings.clone()
            };
            let world = World::of(settings);
            let image = bytes(20_000);
            verified(world.load(&image).await.unwrap());
            assert!(
                world.device.memory(image.len()) == image,
                "{transfer_bytes}"
            );
        }
    }
    // One that says 0 takes nothing of its own account: the refusal is said.
    let settings = DfuSettings {
        transfer_bytes: 0,
        ..DfuSettings::plain()
    };
    let error = World::of(settings).load(&bytes(100)).await.unwrap_err();
    assert!(error.diagnose().why.contains("errSTALLEDPKT"), "{error:?}");
}

// betaflight-configurator PR 5348: an STM32H7 stays busy after an erase until its status was cleared twice.
#[tokio::test(start_paused = true)]
async fn a_device_that_is_stuck_after_an_erase_is_brought_back() {
    let world = World::with(DfuSettings::st(), faults(|one| one.wedged_by_erase = true));
    let image = bytes(20_000);
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory(image.len()) == image);
}

// DFU 1.1, appendix A.1: dfuIDLE is where a download is given up, and the next block begins another image.
#[tokio::test]
async fn a_device_that_gives_a_download_up_in_the_middle_is_not_loaded_any_further() {
    let world = World::with(
        DfuSettings::plain(),
        faults(|one| one.gives_up_at_byte = Some(4000)),
    );
    let error = world.load(&bytes(10_000)).await.unwrap_err();
    assert!(matches!(error, LoadError::Protocol { .. }), "{error:?}");
    assert!(format!("{error}").contains("dfuIDLE"), "{error}");
    assert!(world.device.received_bytes() < 5000 && error.can_resume());
    verified(world.load(&bytes(10_000)).await.unwrap());
}

// A block that takes longer than it said: nothing is cleared, since that gives the download up.
#[tokio::test(start_paused = true)]
async fn a_device_that_is_busy_with_a_block_is_waited_for_and_not_cleared() {
    let mut settings = DfuSettings::plain();
    settings.pace.block = Duration::from_millis(300);
    let world = World::with(settings, faults(|one| one.says_poll_milliseconds = Some(1)));
    let image = bytes(3000);
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory(0) == image);
}

// AN3156, 4: block 0 of such a device is a command. An image that begins with 41h would erase everything.
#[tokio::test(start_paused = true)]
async fn a_device_of_st_whose_memory_map_cannot_be_read_gets_no_block() {
    let texts = |count| faults(|one| one.silent_texts = count);
    let world = World::with(DfuSettings::st(), texts(2));
    verified(world.load(&bytes(3000)).await.unwrap());
    let stalls = faults(|one| one.stalls_strings = true);
    let began = tokio::time::Instant::now();
    for faults in [texts(u32::MAX), stalls] {
        let world = World::with(DfuSettings::st(), faults);
        let error = world.load(&bytes(3000)).await.unwrap_err();
        assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
        let why = error.diagnose().why;
        assert!(why.contains("which memory it has"), "{why}");
        assert!(world.device.is_untouched() && world.device.received_bytes() == 0);
    }
    assert!(began.elapsed() < Duration::from_secs(1));
}

// IntergatedCircuits/LibUsbDfu #13: an STM32C071 starts the image only after its address was set.
#[tokio::test]
async fn a_device_that_leaves_only_after_an_address_gets_one() {
    let mut settings = DfuSettings::st();
    settings.application = DfuSettings::with_application().application;
    let world = World::with(settings, faults(|one| one.leaves_after_address_only = true));
    // The application has to make room first.
    let image = bytes(3000);
    let said = verified(world.load(&image).await.unwrap());
    assert!(said.contains("It came back as Reader"), "{said}");
}

// inertial-sense-sdk PR 1186: an STM32U5 whose memory is protected takes every block and stores none.
#[tokio::test]
async fn a_device_that_takes_every_block_and_stores_none_is_not_believed() {
    for settings in [DfuSettings::plain(), DfuSettings::st()] {
        let world = World::with(settings, faults(|one| one.stores_nothing = true));
        match world.load(&bytes(3000)).await {
            Err(LoadError::SlotDiffers { .. }) => {}
            Ok(outcome) => {
                let reason = sent(outcome);
                assert!(reason.contains("shows 0 bytes"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}

// AN3156; dmitrystu/sboot_stm32 #23.
#[tokio::test]
async fn memory_that_is_protected_is_said_to_be_and_nothing_was_changed() {
    let world = World::with(DfuSettings::st(), faults(|one| one.protected = Some(11)));
    let error = world.load(&bytes(3000)).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert!(diagnosis.why.contains("errVENDOR"), "{diagnosis:?}");
    let advice = format!("{:?}", diagnosis.remedies);
    assert!(advice.contains("protected against reading"), "{advice}");
    assert!(error.state().contains("said dfuIDLE"), "{}", error.state());
    assert!(
        error
            .state()
            .contains("It was asked to erase, and did not confirm it"),
        "{}",
        error.state()
    );
    assert!(world.device.is_untouched());
}

// leaflabs/libmaple #9, tinyvision-ai-inc/pico-ice-sdk #50, embassy-usb: left in the middle by another program.
#[tokio::test]
async fn a_device_that_was_left_in_any_state_is_brought_to_rest_first() {
    for state in [2, 5, 6, 9, 10] {
        for settings in [DfuSettings::plain(), DfuSettings::st()] {
            let world = World::with(settings, faults(|one| one.found_in = Some(state)));
            let image = bytes(3000);
            // A manifestation that is under way may restart the device.
            world.load_when_back(&image).await;
            assert!(world.device.memory(image.len()) == image, "state {state}");
        }
    }
}

// hathach/tinyusb #3415: a status that is asked for right after a read is lost.
#[tokio::test]
async fn no_status_is_asked_for_right_after_a_read() {
    for settings in [DfuSettings::plain(), DfuSettings::st()] {
        let world = World::with(settings, faults(|one| one.silent_after_upload = true));
        let began = std::time::Instant::now();
        verified(world.load(&bytes(10_000)).await.unwrap());
        assert!(began.elapsed() < Duration::from_secs(3));
    }
}

// libusb #1011: choosing the only alternate setting fails.
#[tokio::test]
async fn the_only_alternate_setting_is_not_chosen() {
    let world = World::with(
        DfuSettings::plain(),
        faults(|one| one.stalls_single_alternate = true),
    );
    verified(world.load(&bytes(3000)).await.unwrap());
}

#[tokio::test]
async fn a_device_without_texts_is_loaded_as_one_without_addresses_or_not_at_all() {
    let world = World::with(
        DfuSettings::plain(),
        faults(|one| one.stalls_strings = true),
    );
    verified(world.load(&bytes(3000)).await.unwrap());
}

#[tokio::test]
async fn a_status_that_is_too_short_is_said_to_be_nonsense() {
    let world = World::with(
        DfuSettings::plain(),
        faults(|one| one.short_status = Some(3)),
    );
    let error = world.load(&bytes(3000)).await.unwrap_err();
    assert!(matches!(error, LoadError::Protocol { .. }), "{error:?}");
    assert!(world.device.is_untouched());
}

#[tokio::test]
async fn each_refusal_of_a_block_is_said_with_its_name_and_leaves_the_device_at_rest() {
    for (code, name) in [
        (1, "errTARGET"),
        (3, "errWRITE"),
        (4, "errERASE"),
        (6, "errPROG"),
        (7, "errVERIFY"),
        (8, "errADDRESS"),
        (14, "errUNKNOWN"),
        (99, "code 99"),
    ] {
        for settings in [DfuSettings::plain(), DfuSettings::st()] {
            let world = World::with(settings, faults(|one| one.fails_block = Some((4000, code))));
            let image = bytes(10_000);
            let error = world.load(&image).await.unwrap_err();
            assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
            assert!(error.diagnose().why.contains(name), "{error:?}");
            assert!(error.state().contains("said dfuIDLE"), "{}", error.state());
            verified(world.load(&image).await.unwrap());
            assert!(world.device.memory(image.len()) == image);
        }
    }
}

#[tokio::test]
async fn a_device_that_refuses_to_abort_is_brought_to_rest_by_clearing_its_status() {
    let world = World::with(DfuSettings::plain(), faults(|one| one.stalls_abort = true));
    let stopping = Record::stopping(Stop::AtByte(8000));
    let error = world
        .load_into(&bytes(20_000), &stopping)
        .await
        .unwrap_err();
    assert!(error.state().contains("said dfuIDLE"), "{}", error.state());
}

#[tokio::test]
async fn a_device_that_shows_only_a_part_of_its_image_ends_in_sent() {
    let world = World::with(
        DfuSettings::plain(),
        faults(|one| one.shows_bytes = Some(1000)),
    );
    let reason = sent(world.load(&bytes(3000)).await.unwrap());
    assert!(reason.contains("shows 1,000 bytes of 3,000"), "{reason}");
}

#[tokio::test]
async fn a_device_without_upload_ends_in_sent() {
    let mut settings = DfuSettings::plain();
    settings.attributes &= !2;
    let reason = sent(World::of(settings).load(&bytes(3000)).await.unwrap());
    assert!(
        reason.contains("does not let its image be read"),
        "{reason}"
    );
}

// The version of DFU 1.0, which dfu-core refuses.
#[tokio::test]
async fn a_device_of_dfu_1_0_is_loaded() {
    let settings = DfuSettings {
        dfu_version: 0x0100,
        ..DfuSettings::plain()
    };
    verified(World::of(settings).load(&bytes(3000)).await.unwrap());
}

#[tokio::test]
async fn a_stop_at_every_phase_leaves_a_device_that_the_next_run_loads() {
    for settings in [
        DfuSettings::plain(),
        DfuSettings::with_application(),
        DfuSettings::st(),
    ] {
        for phase in [
            "check_device",
            "enter_bootloader",
            "erase",
            "write",
            "manifest",
            "read_back",
            "leave",
        ] {
            let world = World::of(settings.clone());
            let image = bytes(10_000);
            let stopping = Record::stopping(Stop::AtPhase(phase));
            match world.load_into(&image, &stopping).await {
                Ok(outcome) => drop(outcome),
                Err(error) => {
                    assert!(error.can_resume(), "{phase}: {error:?}");
                    if phase == "check_device" {
                        assert!(error.state().contains("not touched"), "{}", error.state());
                    }
                }
            }
            let began = stopping.phases.lock().unwrap().clone();
            let record: Arc<Record> = Record::after(&began);
            for _ in 0..10 {
                if world.load_into(&image, &record).await.is_ok() {
                    break;
                }
            }
            assert!(world.device.memory(image.len()) == image, "{phase}");
        }
    }
}

// A bootloader that finds no valid application may begin in this state (DFU 1.1, 6.1.2, errFIRMWARE; A.2.3).
#[tokio::test]
async fn a_bootloader_that_begins_in_an_error_after_the_restart_is_brought_to_rest() {
    for status in [0x0A, 0x0C, 0x0D, 0x0E] {
        let faults = DfuFaults {
            begins_in_error: Some(status),
            ..DfuFaults::default()
        };
        let world = World::with(DfuSettings::with_application(), faults);
        let image = bytes(5000);
        verified(world.load(&image).await.unwrap());
        assert!(world.device.memory(0) == image, "{status:#x}");
    }
}

#[tokio::test]
async fn a_functional_descriptor_in_front_of_the_interfaces_says_what_the_device_speaks() {
    let settings = DfuSettings {
        functional_descriptor: FunctionalDescriptor::InFront,
        ..DfuSettings::st()
    };
    let world = World::of(settings);
    let image = bytes(5000);
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory(image.len()) == image);
}

// Blocks of an image are commands to a device with ST's extensions.
#[tokio::test]
async fn a_device_that_lists_memory_and_does_not_say_what_it_speaks_gets_no_block() {
    let settings = DfuSettings {
        functional_descriptor: FunctionalDescriptor::Missing,
        ..DfuSettings::st()
    };
    let world = World::of(settings);
    let error = world.load(&bytes(5000)).await.unwrap_err();
    let LoadError::DoesNotFit { why } = &error else {
        panic!("{error:?}");
    };
    assert!(
        why.contains("descriptor") && why.contains("commands"),
        "{why}"
    );
    assert!(world.device.is_untouched());
    assert_eq!(world.device.received_bytes(), 0);
}

#[tokio::test]
async fn a_plain_device_without_a_functional_descriptor_is_loaded_in_short_blocks() {
    let settings = DfuSettings {
        functional_descriptor: FunctionalDescriptor::Missing,
        ..DfuSettings::plain()
    };
    let world = World::of(settings);
    let image = bytes(1000);
    let reason = sent(world.load(&image).await.unwrap());
    assert!(reason.contains("read"), "{reason}");
    assert!(world.device.memory(0) == image);
}
