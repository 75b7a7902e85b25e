//! Files of each kind, and where their bytes are afterwards.

use firmdrop_core::Diagnose;
use firmdrop_loader::{LoadError, Options};
use firmdrop_simulator::dfu::DfuSettings;

use super::world::{World, bytes, verified};
use crate::harness::Harness;

const FLASH: u32 = 0x0800_0000;

/// A file with a DFU suffix.
fn suffixed(mut content: Vec<u8>, version: u16, ids: [u16; 3]) -> Vec<u8> {
    let [vendor, product, release] = ids;
    for field in [release, product, vendor, version] {
        content.extend(field.to_le_bytes());
    }
    content.extend(b"UFD\x10");
    let crc = content.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    });
    content.extend(crc.to_le_bytes());
    content
}

/// An alternate setting, and what goes to which of its addresses.
pub(crate) type Target<'a> = (u8, &'a [(u32, &'a [u8])]);

/// A `DfuSe` file with targets of elements.
pub(crate) fn dfuse(targets: &[Target<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (alternate, elements) in targets {
        let mut data = Vec::new();
        for (address, bytes) in *elements {
            data.extend(address.to_le_bytes());
            data.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
            data.extend(*bytes);
        }
        body.extend(b"Target");
        body.extend([*alternate, 0, 0, 0, 0]);
        body.extend([0; 255]);
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend(u32::try_from(elements.len()).unwrap().to_le_bytes());
        body.extend(data);
    }
    let mut file = b"DfuSe\x01".to_vec();
    file.extend(u32::try_from(11 + body.len()).unwrap().to_le_bytes());
    file.push(u8::try_from(targets.len()).unwrap());
    file.extend(body);
    suffixed(file, 0x011A, [0x0483, 0xDF11, 0])
}

fn hex(pieces: &[(u32, &[u8])]) -> Vec<u8> {
    let mut text = String::new();
    let mut record = |kind: u8, at: u16, data: &[u8]| {
        let [high, low] = at.to_be_bytes();
        let mut line = vec![u8::try_from(data.len()).unwrap(), high, low, kind];
        line.extend(data);
        let sum = line.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        line.push(sum.wrapping_neg());
        text.push(':');
        for byte in line {
            text.extend(format!("{byte:02X}").chars());
        }
        text.push('\n');
    };
    for (begin, data) in pieces {
        for (at, piece) in (*begin..).step_by(16).zip(data.chunks(16)) {
            let [high, middle, rest @ ..] = at.to_be_bytes();
            record(4, 0, &[high, middle]);
            record(0, u16::from_be_bytes(rest), piece);
        }
    }
    record(1, 0, &[]);
    text.into_bytes()
}

#[tokio::test]
async fn a_hex_file_goes_to_its_addresses_without_a_detour() {
    let world = World::of(DfuSettings::st());
    let (one, two) = (bytes(5000), bytes(3000));
    let file = hex(&[(FLASH, &one), (FLASH + 0x1_0004, &two)]);
    let said = verified(world.load(&file).await.unwrap());
    assert!(said.contains("every byte"), "{said}");
    assert!(world.device.memory_at(FLASH.into(), one.len()) == one);
    assert!(
        world
            .device
            .memory_at(u64::from(FLASH) + 0x1_0004, two.len())
            == two
    );
}

#[tokio::test]
async fn a_raw_file_goes_where_it_is_asked_to_and_otherwise_to_the_first_writable_memory() {
    let image = bytes(3000);
    let world = World::of(DfuSettings::st());
    let ended = world
        .load_with(&image, &[("load_address", "0x08008000")])
        .await;
    verified(ended.unwrap());
    assert!(world.device.memory_at(0x0800_8000, image.len()) == image);
    let mut settings = DfuSettings::st();
    settings.alternates = vec!["@Internal Flash  /0x08000000/01*016Ka,03*016Kg".into()];
    let world = World::of(settings);
    verified(world.load(&image).await.unwrap());
    assert!(world.device.memory_at(0x0800_4000, image.len()) == image);
}

#[tokio::test]
async fn a_container_with_several_targets_goes_to_each_alternate_setting() {
    let (flash, more) = (bytes(3000), bytes(100));
    let mut settings = DfuSettings::st();
    settings
        .alternates
        .push("@External Flash /0x90000000/16*004Kg".into());
    let world = World::of(settings);
    let file = dfuse(&[(0, &[(FLASH, &flash)]), (3, &[(0x9000_1000, &more)])]);
    verified(world.load(&file).await.unwrap());
    assert!(world.device.memory_at(FLASH.into(), flash.len()) == flash);
    assert!(world.device.memory_at(0x9000_1000, more.len()) == more);
}

#[tokio::test]
async fn option_bytes_are_written_only_when_that_is_asked_for() {
    let (flash, option) = (bytes(300), [0x0F_u8; 16]);
    let file = dfuse(&[(0, &[(FLASH, &flash)]), (1, &[(0x1FFF_C000, &option)])]);
    let world = World::of(DfuSettings::st());
    let error = world.load(&file).await.unwrap_err();
    assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
    assert!(
        error.diagnose().why.contains("option_bytes=write"),
        "{error:?}"
    );
    assert!(world.device.is_untouched());
    let ended = world.load_with(&file, &[("option_bytes", "write")]).await;
    verified(ended.unwrap());
    assert_eq!(world.device.memory_at(0x1FFF_C000, 16), option);
}

#[tokio::test]
async fn an_image_outside_of_the_memory_is_refused_with_its_address_and_nothing_is_touched() {
    let world = World::of(DfuSettings::st());
    let file = hex(&[(0x0900_0000, &bytes(100))]);
    let error = world.load(&file).await.unwrap_err();
    assert!(error.diagnose().why.contains("0x09000000"), "{error:?}");
    assert!(world.device.is_untouched());
    let plain = World::of(DfuSettings::plain());
    let file = hex(&[(0, &bytes(100)), (0x1000, &bytes(100))]);
    let error = plain.load(&file).await.unwrap_err();
    assert!(
        error.diagnose().why.contains("one run of bytes"),
        "{error:?}"
    );
    assert!(plain.device.is_untouched());
}

#[tokio::test]
async fn the_suffix_is_checked_and_is_not_a_part_of_the_image() {
    let content = bytes(3000);
    let file = suffixed(content.clone(), 0x0110, [0x1209, 0xDF11, 0x0200]);
    let world = World::of(DfuSettings::plain());
    verified(world.load(&file).await.unwrap());
    assert!(world.device.memory(0) == content);

    let other = suffixed(content.clone(), 0x0110, [0x0483, 0xDF11, 0xFFFF]);
    let world = World::of(DfuSettings::plain());
    let error = world.load(&other).await.unwrap_err();
    let why = error.diagnose().why;
    assert!(
        why.contains("0483:DF11") && why.contains("1209:DF11"),
        "{why}"
    );
    assert!(world.device.is_untouched());

    let mut damaged = file;
    damaged[10] ^= 1;
    let error = world.load(&damaged).await.unwrap_err();
    assert!(error.diagnose().why.contains("damaged"), "{error:?}");
    assert!(world.device.is_untouched());
}

#[tokio::test]
async fn mass_erase_empties_what_lies_beside_the_image() {
    let world = World::of(DfuSettings::st());
    verified(
        world
            .load_with(&bytes(100), &[("load_address", "0x08010000")])
            .await
            .unwrap(),
    );
    verified(
        world
            .load_with(&bytes(200), &[("erase", "all")])
            .await
            .unwrap(),
    );
    assert_eq!(world.device.memory_at(0x0801_0000, 100), [0xFF; 100]);
    // Also when the image is there already.
    let again = World::of(DfuSettings::st());
    verified(
        again
            .load_with(&bytes(100), &[("load_address", "0x08010000")])
            .await
            .unwrap(),
    );
    verified(again.load(&bytes(200)).await.unwrap());
    verified(
        again
            .load_with(&bytes(200), &[("erase", "all")])
            .await
            .unwrap(),
    );
    assert_eq!(again.device.memory_at(0x0801_0000, 100), [0xFF; 100]);
    assert!(again.device.memory(200) == bytes(200));
    let beside = World::of(DfuSettings::st());
    verified(
        beside
            .load_with(&bytes(100), &[("load_address", "0x08010000")])
            .await
            .unwrap(),
    );
    verified(beside.load(&bytes(200)).await.unwrap());
    assert!(beside.device.memory_at(0x0801_0000, 100) == bytes(100));
}

#[tokio::test]
async fn a_plan_of_an_identified_device_knows_its_memory() {
    let world = World::of(DfuSettings::st());
    let target = world.loader().probe(&world.probe_context()).await.unwrap();
    assert_eq!(target.version.as_deref(), Some("22.00"));
    let areas: Vec<_> = target.memory.iter().map(|area| area.address).collect();
    assert_eq!(
        areas,
        [
            0x0800_0000,
            0x0801_0000,
            0x0802_0000,
            0x1FFF_C000,
            0x1FFF_7800,
            0x1FFF_7A00
        ]
    );
    let context = world.context(&bytes(100_000), &std::sync::Arc::default());
    let plan = world
        .loader()
        .plan(&context.inspection, Some(&target), &Options::new());
    let erase = plan
        .unwrap()
        .phases
        .iter()
        .find(|phase| phase.key == "erase")
        .cloned();
    assert_eq!(erase.and_then(|erase| erase.usual_seconds), Some(7));
}

#[tokio::test]
async fn without_reading_back_the_outcome_is_never_verified() {
    for settings in [DfuSettings::plain(), DfuSettings::st()] {
        let world = World::of(settings);
        let image = bytes(3000);
        let ended = world
            .load_with(&image, &[("read_back", "no"), ("leave", "no")])
            .await;
        let reason = super::world::sent(ended.unwrap());
        assert!(
            reason.contains("asked not to be read") && reason.contains("stays"),
            "{reason}"
        );
        assert!(world.device.memory(image.len()) == image);
    }
}
