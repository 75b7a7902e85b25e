//! Images that are larger than a count, a bank or a memory.

use firmdrop_loader::LoadError;
use firmdrop_simulator::dfu::{DfuFaults, DfuSettings};

use super::world::{World, bytes, sent, verified};

/// More blocks of 64 bytes than a block has numbers.
const MANY_BLOCKS: u32 = 64 * 65_600;

// dfu-rs/dfu-core PR 30: DFU 1.1, 6.1.1, lets the number of a block begin again at 0.
#[tokio::test]
async fn an_image_of_more_blocks_than_numbers_counts_on_from_zero() {
    let mut settings = DfuSettings::plain();
    settings.transfer_bytes = 64;
    settings.capacity_bytes = 8 << 20;
    let world = World::of(settings);
    let image = bytes(MANY_BLOCKS);
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory(0) == image);
}

// vitalyvb/usbd-dfu #8: with ST's extensions block 0 is a command, and a read that counts on from 0 gets the list of
// commands instead of memory.
#[tokio::test]
async fn an_image_of_more_blocks_than_numbers_sets_its_address_anew_with_addresses() {
    let mut settings = DfuSettings::st();
    settings.transfer_bytes = 64;
    settings.alternates = vec!["@Flash/0x00000000/32768*256 g".into()];
    let world = World::of(settings);
    let image = bytes(MANY_BLOCKS);
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory(image.len()) == image);
}

// STM32Cube_MCU_Overall_Offer #11, #19, #34: a table of sectors in the program misses those of an STM32F767 with two
// banks, and the old bytes of the second bank stay. stm32duino/Arduino_Tools #98: nothing is erased at all.
#[tokio::test]
async fn an_image_over_two_banks_erases_the_sectors_that_the_device_lists() {
    let mut settings = DfuSettings::st();
    let bank = "04*016Kg,01*064Kg,03*128Kg";
    settings.alternates = vec![format!("@Internal Flash  /0x08000000/{bank},{bank}")];
    let world = World::of(settings);
    verified(world.load(&bytes(900_000)).await.unwrap());
    let image: Vec<u8> = bytes(700_000).iter().map(|byte| byte ^ 0x55).collect();
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory(image.len()) == image);
}

// xmos/lib_xua #165: an image that is too large is taken, and cut off without a word.
#[tokio::test]
async fn a_device_that_cuts_an_image_off_is_not_believed() {
    let faults = DfuFaults {
        drops_beyond: Some(4096),
        ..DfuFaults::default()
    };
    let world = World::with(DfuSettings::plain(), faults);
    let reason = sent(world.load(&bytes(6000)).await.unwrap());
    assert!(reason.contains("4,096 bytes of 6,000"), "{reason}");
}

// im-tomu/foboot #330: an image that is too large goes over its own beginning.
#[tokio::test]
async fn a_device_that_writes_an_image_over_its_own_beginning_fails_the_load() {
    let faults = DfuFaults {
        wraps_at: Some(4096),
        ..DfuFaults::default()
    };
    let world = World::with(DfuSettings::plain(), faults);
    let error = world.load(&bytes(6000)).await.unwrap_err();
    assert!(matches!(error, LoadError::SlotDiffers { .. }), "{error:?}");
    assert!(error.state().contains("0x0"), "{}", error.state());
}
