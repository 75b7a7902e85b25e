//! Devices that are exchanged, or changed, between the plan of a load and its start.

use std::sync::Arc;

use firmdrop_core::{Code, Diagnose};
use firmdrop_link::Providers;
use firmdrop_loader::{LoadError, Target};
use firmdrop_simulator::dfu::{DfuSettings, Identity, SimulatedDfu, SimulatedUsb};

use super::world::{World, bytes, verified};
use crate::harness::Harness;
use crate::record::{Record, Stop};

async fn planned(world: &World) -> Target {
    world.loader().probe(&world.probe_context()).await.unwrap()
}

/// Loads at its place another device than the one that was planned.
async fn load_another(planned_for: DfuSettings, other: DfuSettings) -> (LoadError, SimulatedDfu) {
    let world = World::of(planned_for);
    let record = Record::planned_for(planned(&world).await);
    let mut next = World::of(other);
    next.providers =
        Providers::default().with(Arc::new(SimulatedUsb::default().with(&next.device)));
    let error = next.load_into(&bytes(5000), &record).await.unwrap_err();
    (error, next.device)
}

#[tokio::test]
async fn another_device_at_the_place_of_the_planned_one_is_told_by_whatever_differs() {
    let st = DfuSettings::st;
    let identity = |change: fn(&mut Identity)| {
        let mut settings = st();
        change(&mut settings.bootloader);
        settings
    };
    let mut smaller = st();
    smaller.alternates[0] = "@Internal Flash  /0x08000000/04*016Kg,01*064Kg".into();
    let mut hidden = st();
    hidden.attributes &= !2;
    for (other, says) in [
        (
            identity(|one| one.serial = "B".into()),
            "serial number is B, and was 356D38743439",
        ),
        (
            identity(|one| one.serial = String::new()),
            "does not say its serial number",
        ),
        (identity(|one| one.product = 0xDF12), "0483:DF12"),
        (identity(|one| one.release = 0x2300), "23.00"),
        (
            identity(|one| one.name = "GD32 Bootloader".into()),
            "GD32 Bootloader",
        ),
        (smaller, "memory"),
        (hidden, "can be read"),
    ] {
        let (error, device) = load_another(st(), other).await;
        let LoadError::NotAsPlanned { changes, state } = &error else {
            panic!("{says}: {error:?}");
        };
        assert!(changes.contains(says), "{says}: {changes}");
        assert!(state.0.contains("not touched"), "{}", state.0);
        assert_eq!(error.diagnose().code, Code::AnotherAnswers);
        assert!(device.is_untouched());
    }
}

#[tokio::test]
async fn a_bootloader_in_the_place_of_an_application_is_another_form_of_it() {
    let mut bootloader = DfuSettings::with_application();
    bootloader.application = None;
    let (error, device) = load_another(DfuSettings::with_application(), bootloader).await;
    let LoadError::NotAsPlanned { changes, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(
        changes.contains("bootloader, and was application"),
        "{changes}"
    );
    assert!(device.is_untouched());
}

#[tokio::test]
async fn two_devices_of_which_nothing_differs_cannot_be_told_apart() {
    let world = World::of(DfuSettings::st());
    let record = Record::planned_for(planned(&world).await);
    world.device.exchange("356D38743439");
    let image = bytes(5000);
    verified(world.load_into(&image, &record).await.unwrap());
    assert!(world.device.memory(image.len()) == image);
}

#[tokio::test]
async fn a_resume_that_finds_its_device_in_its_bootloader_goes_on_and_with_another_bootloader_it_does_not()
 {
    for (serial, is_same) in [("356D38743439", true), ("B", false)] {
        let world = World::of(DfuSettings::st());
        let target = planned(&world).await;
        let image = bytes(40_000);
        let stopping = Record::stopping(Stop::AtByte(20_000));
        world.load_into(&image, &stopping).await.unwrap_err();
        let began = stopping.phases.lock().unwrap().clone();
        world.device.exchange(serial);
        let record = Record::planned_for_and_after(target, &began);
        let ended = world.load_into(&image, &record).await;
        assert_eq!(ended.is_ok(), is_same, "{ended:?}");
        assert_eq!(world.device.is_untouched(), !is_same);
    }
    let world = World::of(DfuSettings::with_application());
    let target = planned(&world).await;
    let image = bytes(40_000);
    let stopping = Record::stopping(Stop::AtByte(20_000));
    world.load_into(&image, &stopping).await.unwrap_err();
    assert!(!world.device.runs_its_application());
    let began = stopping.phases.lock().unwrap().clone();
    let record = Record::planned_for_and_after(target, &began);
    verified(world.load_into(&image, &record).await.unwrap());
    assert!(world.device.memory(0) == image);
}
