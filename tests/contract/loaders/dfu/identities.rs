//! Devices that come back under other ids, and several that look the same.

use std::sync::Arc;

use firmdrop_core::{Diagnose, NoteKind};
use firmdrop_link::{LinkError, Providers};
use firmdrop_loader::LoadError;
use firmdrop_simulator::dfu::{DfuFaults, DfuSettings, SimulatedDfu, SimulatedUsb};

use super::world::{World, bytes, sent, verified};
use crate::harness::Harness;
use crate::record::{Record, Stop};

#[tokio::test]
async fn an_application_is_found_again_at_its_place_under_other_ids() {
    let world = World::of(DfuSettings::with_application()).at("usb:1209:0001");
    let record: Arc<Record> = Arc::default();
    let image = bytes(5000);
    let said = verified(world.load_into(&image, &record).await.unwrap());
    assert!(
        said.contains("It came back as Reader (1209:0001)"),
        "{said}"
    );
    assert!(record.has_note(NoteKind::Step));
    assert!(world.device.runs_its_application());
    assert!(world.device.memory(0) == image);
}

// zephyr #14882, PR 15360: the same ids in both modes, and other interfaces.
#[tokio::test]
async fn one_that_has_the_same_ids_in_both_modes_is_found_again() {
    let mut settings = DfuSettings::with_application();
    settings.application = Some(settings.bootloader.clone());
    let world = World::of(settings).at("usb:1209:df11");
    let image = bytes(5000);
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory(0) == image && world.device.runs_its_application());
}

// jedrzejboczar/usbd-dfu-rt PR 2: the application knows no request but the one that restarts it.
#[tokio::test]
async fn one_that_refuses_to_say_its_status_is_restarted_all_the_same() {
    let faults = DfuFaults {
        stalls_status_in_application: true,
        ..DfuFaults::default()
    };
    let world = World::with(DfuSettings::with_application(), faults);
    let image = bytes(5000);
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory(0) == image);
}

#[tokio::test]
async fn one_that_does_not_detach_by_itself_is_reset() {
    let mut settings = DfuSettings::with_application();
    settings.attributes &= !8;
    let world = World::of(settings);
    let image = bytes(5000);
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory(0) == image);
}

#[tokio::test]
async fn one_that_ignores_the_request_is_said_to_be_there_still() {
    for faults in [
        DfuFaults {
            ignores_detach: true,
            ..DfuFaults::default()
        },
        DfuFaults {
            stalls_detach: true,
            ..DfuFaults::default()
        },
    ] {
        let world = World::with(DfuSettings::with_application(), faults);
        let error = world.load(&bytes(5000)).await.unwrap_err();
        assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
        assert!(error.diagnose().why.contains("is still there"), "{error:?}");
        assert!(error.state().contains("not touched"), "{}", error.state());
        assert!(world.device.is_untouched() && error.can_resume());
    }
}

#[tokio::test]
async fn one_that_stays_away_after_the_request_is_not_said_to_run_anything() {
    let faults = DfuFaults {
        stays_away: true,
        ..DfuFaults::default()
    };
    let world = World::with(DfuSettings::with_application(), faults);
    let error = world.load(&bytes(5000)).await.unwrap_err();
    assert!(matches!(error, LoadError::NotReturned { .. }), "{error:?}");
    assert!(
        error.state().contains("Its memory was not touched"),
        "{}",
        error.state()
    );
    assert!(world.device.is_untouched());
}

#[tokio::test]
async fn a_resume_finds_the_bootloader_at_the_place_though_the_address_has_the_ids_of_the_application()
 {
    let world = World::of(DfuSettings::with_application()).at("usb:1209:0001@1-2");
    let image = bytes(20_000);
    let stopping = Record::stopping(Stop::AtByte(8000));
    let error = world.load_into(&image, &stopping).await.unwrap_err();
    assert!(
        error.state().contains("it said dfuIDLE"),
        "{}",
        error.state()
    );
    let began = stopping.phases.lock().unwrap().clone();
    let record = Record::after(&began);
    verified(world.load_into(&image, &record).await.unwrap());
    assert!(world.device.memory(0) == image);
}

#[tokio::test]
async fn a_file_for_another_device_is_refused_in_the_bootloader_and_nothing_is_written() {
    let world = World::of(DfuSettings::with_application());
    let mut file = bytes(1000);
    for field in [0xFFFF_u16, 0xDF11, 0x0483, 0x0110] {
        file.extend(field.to_le_bytes());
    }
    file.extend(b"UFD\x10");
    let crc = file.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    });
    file.extend(crc.to_le_bytes());
    let error = world.load(&file).await.unwrap_err();
    assert!(error.diagnose().why.contains("0483:DF11"), "{error:?}");
    assert!(error.state().contains("not touched"), "{}", error.state());
    assert!(error.state().contains("said dfuIDLE"), "{}", error.state());
    assert!(world.device.is_untouched());
}

#[tokio::test]
async fn of_two_devices_with_one_serial_number_only_the_one_at_the_place_is_written() {
    let at = |place: &str| {
        let mut settings = DfuSettings::with_application();
        settings.port_chain = place.into();
        SimulatedDfu::new(settings)
    };
    let (one, other) = (at("1-2"), at("1-3"));
    let provider = SimulatedUsb::default().with(&one).with(&other);
    let providers = Providers::default().with(Arc::new(provider));
    let mut world = World::of(DfuSettings::with_application());
    world.providers = providers;
    let image = bytes(5000);

    let by_serial = world.at("usb:1209:0001:READER-7");
    let error = by_serial.load(&image).await.unwrap_err();
    let LoadError::Link {
        source: LinkError::Ambiguous { choices, .. },
        ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(choices, &["usb:1-2", "usb:1-3"]);
    assert!(one.is_untouched() && other.is_untouched());

    let by_place = by_serial.at("usb:1-3");
    verified(by_place.load(&image).await.unwrap());
    assert!(other.memory(0) == image && one.is_untouched());
}

#[tokio::test]
async fn two_devices_that_change_their_ids_at_once_are_each_loaded_with_their_own_image() {
    let at = |place: &str| {
        let mut settings = DfuSettings::with_application();
        settings.port_chain = place.into();
        SimulatedDfu::new(settings)
    };
    let devices = [at("1-2"), at("1-3")];
    let provider = devices
        .iter()
        .fold(SimulatedUsb::default(), SimulatedUsb::with);
    let providers = Providers::default().with(Arc::new(provider));
    let images = [bytes(5000), bytes(7000)];
    let loads = ["usb:1-2", "usb:1-3"]
        .into_iter()
        .zip(&images)
        .map(|(place, image)| {
            let mut world = World::of(DfuSettings::with_application());
            world.providers = providers.clone();
            world.timing.returns = std::time::Duration::from_secs(5);
            let world = world.at(place);
            async move {
                world
                    .loader()
                    .load(&world.context(image, &Arc::default()))
                    .await
            }
        });
    for ended in futures(loads.collect()).await {
        verified(ended.unwrap());
    }
    assert!(devices[0].memory(0) == images[0]);
    assert!(devices[1].memory(0) == images[1]);
}

/// Both at once.
async fn futures<F: Future>(mut all: Vec<F>) -> Vec<F::Output> {
    let (second, first) = (all.pop().unwrap(), all.pop().unwrap());
    let (first, second) = tokio::join!(first, second);
    vec![first, second]
}

#[tokio::test]
async fn a_device_that_leaves_for_an_application_without_usb_is_said_to_be_away() {
    let world = World::of(DfuSettings::st());
    let image = bytes(3000);
    let record: Arc<Record> = Arc::default();
    world.device.set_faults(DfuFaults {
        stays_away: true,
        ..DfuFaults::default()
    });
    let said = verified(world.load_into(&image, &record).await.unwrap());
    assert!(said.contains("an application without USB is not"), "{said}");
}

#[tokio::test]
async fn one_that_is_not_tolerant_and_comes_back_as_its_application_ends_in_sent() {
    let mut settings = DfuSettings::with_application();
    settings.attributes &= !4;
    for attributes in [settings.attributes, settings.attributes & !8] {
        settings.attributes = attributes;
        let world = World::of(settings.clone());
        let image = bytes(5000);
        let reason = sent(world.load(&image).await.unwrap());
        assert!(
            reason.contains("It came back as Reader (1209:0001)"),
            "{reason}"
        );
        assert!(world.device.memory(0) == image && world.device.runs_its_application());
    }
}

#[tokio::test]
async fn one_that_is_not_tolerant_and_stays_a_bootloader_is_read_back_there() {
    let mut settings = DfuSettings::plain();
    settings.attributes &= !4;
    let world = World::of(settings);
    let image = bytes(5000);
    let said = verified(world.load(&image).await.unwrap());
    assert!(said.contains("It came back in its bootloader"), "{said}");
    assert!(world.device.memory(0) == image);
}

// Found by a cut after the last block: the memory is equal, and the bootloader never stored it as a whole.
#[tokio::test]
async fn equal_bytes_in_a_bootloader_that_nobody_saw_start_them_are_sent_again() {
    let world = World::of(DfuSettings::plain());
    let image = bytes(5000);
    verified(world.load(&image).await.unwrap());
    let received = world.device.received_bytes();
    verified(world.load(&image).await.unwrap());
    assert_eq!(world.device.received_bytes(), 2 * received);
}
