//! Tests of the plan: what fits where, and what is said before anything is touched.

use firmdrop_image::{MemorySource, inspect};

use super::*;
use crate::dfu::words::APPLICATION;
use crate::{MemoryArea, UsbIds};

fn raw(bytes: usize) -> Inspection {
    inspect(&MemorySource::new(vec![0x11; bytes])).unwrap()
}

/// Four bytes at 0x08000000, with the address record.
fn hex() -> Inspection {
    let text = b":020000040800F2\n:0400000001020304F2\n:00000001FF\n";
    inspect(&MemorySource::new(text.as_slice())).unwrap()
}

fn suffixed(vendor: u16, product: u16) -> Inspection {
    let mut bytes = vec![7; 100];
    for field in [0x0200, product, vendor, 0x0110] {
        bytes.extend(u16::to_le_bytes(field));
    }
    bytes.extend(b"UFD\x10");
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_JAMCRC).checksum(&bytes);
    bytes.extend(crc.to_le_bytes());
    inspect(&MemorySource::new(bytes)).unwrap()
}

fn target(mode: &str, memory: &[(u64, u64, bool)]) -> Target {
    let areas = memory
        .iter()
        .map(|(address, length_bytes, writable)| MemoryArea {
            name: "Internal Flash".into(),
            address: *address,
            length_bytes: *length_bytes,
            sector_bytes: 16_384,
            readable: true,
            erasable: *writable,
            writable: *writable,
        });
    Target {
        mode: Some(mode.into()),
        usb: Some(UsbIds {
            vendor: 0x1209,
            product: 0xDF11,
            release: 0x0100,
        }),
        memory: areas.collect(),
        shows_memory: Some(true),
        ..Target::default()
    }
}

fn fit_of(image: &Inspection, target: &Target) -> Fit {
    fit(image, Some(target), &Options::new())
}

#[test]
fn a_file_for_another_device_does_not_fit_its_bootloader_and_may_fit_its_application() {
    let bootloader = target(BOOTLOADER, &[]);
    assert!(matches!(
        fit_of(&suffixed(0x1209, 0xDF11), &bootloader),
        Fit::Fits { .. }
    ));
    let Fit::DoesNotFit { why } = fit_of(&suffixed(0x0483, 0xDF11), &bootloader) else {
        panic!("it was taken");
    };
    assert!(
        why.contains("0483:DF11") && why.contains("1209:DF11"),
        "{why}"
    );
    let application = fit_of(&suffixed(0x0483, 0xDF11), &target(APPLICATION, &[]));
    assert!(
        matches!(application, Fit::CannotTell { .. }),
        "{application:?}"
    );
    assert!(matches!(
        fit_of(&suffixed(0xFFFF, 0xFFFF), &bootloader),
        Fit::CannotTell { .. }
    ));
}

#[test]
fn a_file_with_addresses_fits_where_its_memory_is() {
    let flash = target(BOOTLOADER, &[(0x0800_0000, 65_536, true)]);
    assert!(matches!(fit_of(&hex(), &flash), Fit::Fits { .. }));
    let other = target(
        BOOTLOADER,
        &[(0x0800_0000, 16_384, false), (0x0800_4000, 65_536, true)],
    );
    let Fit::DoesNotFit { why } = fit_of(&hex(), &other) else {
        panic!("it was taken");
    };
    assert!(why.contains("0x08000000"), "{why}");
}

#[test]
fn a_plan_says_where_a_file_without_addresses_goes() {
    let flash = target(BOOTLOADER, &[(0x0800_0000, 65_536, true)]);
    let planned = plan(&raw(40_000), Some(&flash), &Options::new()).unwrap();
    assert!(planned.risks.iter().any(|risk| risk.contains("0x08000000")));
    let keys: Vec<_> = planned
        .phases
        .iter()
        .map(|phase| phase.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            phase::CHECK,
            phase::ERASE,
            phase::WRITE,
            phase::READ_BACK,
            phase::LEAVE
        ]
    );
    let erase = &planned.phases[1];
    assert_eq!(erase.usual_seconds, Some(3));
    let at = Options::from_iter([("load_address".to_owned(), "0x08004000".into())]);
    let planned = plan(&raw(40_000), Some(&flash), &at).unwrap();
    assert!(
        planned
            .risks
            .iter()
            .any(|risk| risk.contains("0x08004000, as asked for"))
    );
}

#[test]
fn a_reader_that_does_not_let_itself_be_read_is_never_promised_to_end_verified() {
    let silent = Target {
        shows_memory: Some(false),
        ..target(BOOTLOADER, &[])
    };
    let planned = plan(&raw(100), Some(&silent), &Options::new()).unwrap();
    assert!(planned.verified_when.starts_with("Never"));
    assert!(
        planned
            .phases
            .iter()
            .all(|phase| phase.key != phase::READ_BACK)
    );
    assert!(
        planned
            .phases
            .iter()
            .any(|phase| phase.key == phase::MANIFEST)
    );
}

#[test]
fn a_write_is_not_said_to_be_stopped_without_harm() {
    let planned = plan(&raw(100), None, &Options::new()).unwrap();
    let write = planned
        .phases
        .iter()
        .find(|phase| phase.key == phase::WRITE);
    assert!(write.is_some_and(|write| !write.can_stop && write.bytes == 100));
}
