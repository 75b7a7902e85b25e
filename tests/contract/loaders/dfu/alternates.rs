//! Which alternate setting an image goes to.

use firmdrop_simulator::dfu::{DfuFaults, DfuSettings};

use super::world::{World, bytes, verified};

fn behind(alternate: u8, settings: DfuSettings) -> World {
    let faults = DfuFaults {
        only_behind_alternate: Some(alternate),
        ..DfuFaults::default()
    };
    World::with(settings, faults)
}

// devanlai/dapboot PR 43: one alternate setting for firmware, which is not number 0.
#[tokio::test]
async fn the_only_one_for_firmware_is_chosen_when_others_stand_in_front_of_it() {
    for mut settings in [DfuSettings::plain(), DfuSettings::st()] {
        settings.other_alternates = 2;
        settings.alternates.truncate(1);
        let world = behind(2, settings);
        let image = bytes(3000);
        verified(world.load(&image).await.unwrap());
        assert!(world.device.memory(image.len()) == image);
    }
}

// devanlai/webdfu #14: of several the first one has to be chosen as well; another program may have left another.
#[tokio::test]
async fn the_first_of_several_is_chosen_when_nobody_asks_for_another() {
    let mut settings = DfuSettings::plain();
    settings.alternates = vec!["FLASH".into(), "EEPROM".into()];
    for (number, options) in [(0, None), (1, Some(("alternate", "1")))] {
        let world = behind(number, settings.clone());
        let image = bytes(3000);
        let loaded = world.load_with(&image, options.as_slice()).await;
        verified(loaded.unwrap());
        assert!(world.device.memory(0) == image);
    }
}

// hathach/tinyusb PR 950: partitions behind alternate settings. A restart chooses the first one again.
#[tokio::test]
async fn an_image_is_read_back_behind_a_restart_where_it_was_written() {
    let mut settings = DfuSettings::plain();
    settings.alternates = vec!["FLASH".into(), "EEPROM".into()];
    settings.attributes &= !4;
    let world = behind(1, settings);
    let image = bytes(3000);
    let loaded = world.load_with(&image, &[("alternate", "1")]).await;
    verified(loaded.unwrap());
}
