//! Interfaces that say they are something else than they are.

use firmdrop_core::Diagnose;
use firmdrop_loader::LoadError;
use firmdrop_simulator::dfu::{DfuFaults, DfuSettings, LastBlock};

use super::world::{World, bytes, verified};

// o-murphy/pydfuutil #15 (dfu-util: "Runtime device already in DFU state"): the bootloader's interface says the
// protocol of an application, or none.
#[tokio::test]
async fn a_bootloader_that_says_the_protocol_of_an_application_is_known_by_its_state() {
    for protocol in [0, 1] {
        for found_in in [None, Some(5), Some(9), Some(10)] {
            for mut settings in [DfuSettings::plain(), DfuSettings::st()] {
                settings.bootloader_protocol = protocol;
                let faults = DfuFaults {
                    found_in,
                    ..DfuFaults::default()
                };
                let world = World::with(settings, faults);
                let image = bytes(3000);
                verified(world.load(&image).await.unwrap());
                assert!(world.device.memory(image.len()) == image);
            }
        }
    }
}

// qmk_firmware #22050, dfu-programmer #59, #83: Atmel's bootloaders have the class, and commands of their own in each
// block: bytes of an image would be carried out.
#[tokio::test]
async fn a_bootloader_of_atmel_gets_no_block_and_the_program_for_it_is_named() {
    for product in [0x2FD6, 0x2FF4, 0x2FFF] {
        let mut settings = DfuSettings::plain();
        settings.bootloader.vendor = 0x03EB;
        settings.bootloader.product = product;
        let world = World::of(settings);
        let error = world.load(&bytes(3000)).await.unwrap_err();
        assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
        let why = error.diagnose().why;
        assert!(
            why.contains("FLIP") && why.contains("dfu-programmer"),
            "{why}"
        );
        assert!(world.device.is_untouched() && world.device.received_bytes() == 0);
    }
}

// STMicroelectronics/stm32-mw-usb-device #23, gd32-dfu-utils PR 6: it leaves before it says that it does.
#[tokio::test]
async fn a_device_of_st_that_leaves_without_a_word_is_verified_by_what_was_read() {
    let faults = DfuFaults {
        last_block: LastBlock::Restarts,
        ..DfuFaults::default()
    };
    let world = World::with(DfuSettings::st(), faults);
    let image = bytes(3000);
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory(image.len()) == image);
}

// platformio/platform-ststm32 #566: an address for a device that takes none is no reason to speak ST's extensions.
#[tokio::test]
async fn an_address_that_is_asked_for_sends_a_plain_device_no_command() {
    let world = World::of(DfuSettings::plain());
    let image = bytes(3000);
    let loaded = world
        .load_with(&image, &[("load_address", "0x08000000")])
        .await;
    verified(loaded.unwrap());
    assert!(world.device.memory(0) == image);
}
