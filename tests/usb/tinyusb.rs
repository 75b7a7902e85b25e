//! Loads of a device whose USB stack and DFU others wrote: TinyUSB, whose application makes room for its bootloader.

use firmdrop_core::Diagnose as _;
use firmdrop_test_support::usb::{TinyUsbDevice, TinyUsbSettings, below_the_bed, program};

use crate::rig::{STAYS, bytes, load, providers, run, sent, verified};

/// Download and upload; it says nothing after it stored an image, and waits for a reset.
const WAITS_FOR_A_RESET: u8 = 0b0011;
/// The same, and it leaves the bus by itself.
const LEAVES: u8 = 0b1011;

fn bootloader() -> TinyUsbSettings {
    TinyUsbSettings {
        is_bootloader: true,
        ..TinyUsbSettings::default()
    }
}

#[test]
fn an_application_on_tinyusb_makes_room_for_its_bootloader_and_runs_again() {
    below_the_bed(|bed| {
        for (place, restarts_at_once) in [("1-1", false), ("1-2", true)] {
            let device = TinyUsbDevice::new(TinyUsbSettings {
                restarts_at_once,
                ..TinyUsbSettings::default()
            });
            bed.plug(&device, place);
            let image = bytes(50_000);
            let address = format!("usb:{place}");
            let said = verified(run(load(&providers(), &address, &image, &[])).unwrap());
            assert!(device.memory() == image, "{said}");
            assert!(device.runs_its_application(), "{said}");
        }
    });
}

#[test]
fn a_bootloader_on_tinyusb_is_loaded_twice_and_holds_the_second_image() {
    below_the_bed(|bed| {
        let device = TinyUsbDevice::new(bootloader());
        bed.plug(&device, "1-2");
        for count in [20_000, 9_001, 1024] {
            let image = bytes(count);
            verified(run(load(&providers(), "usb:cafe:4021", &image, STAYS)).unwrap());
            assert!(device.memory() == image);
        }
    });
}

#[test]
fn a_bootloader_on_tinyusb_that_waits_for_a_reset_is_reset() {
    below_the_bed(|bed| {
        let device = TinyUsbDevice::new(TinyUsbSettings {
            attributes: WAITS_FOR_A_RESET,
            ..bootloader()
        });
        bed.plug(&device, "1-2");
        let image = bytes(20_000);
        let said = sent(run(load(&providers(), "usb:1-2", &image, &[])).unwrap());
        assert!(device.memory() == image, "{said}");
        assert!(device.runs_its_application(), "{said}");
    });
}

#[test]
fn a_bootloader_on_tinyusb_that_leaves_by_itself_is_found_again() {
    below_the_bed(|bed| {
        let device = TinyUsbDevice::new(TinyUsbSettings {
            attributes: LEAVES,
            ..bootloader()
        });
        bed.plug(&device, "1-2");
        let image = bytes(20_000);
        let said = sent(run(load(&providers(), "usb:1-2", &image, &[])).unwrap());
        assert!(device.memory() == image, "{said}");
        assert!(device.runs_its_application(), "{said}");
    });
}

#[test]
fn a_block_that_tinyusb_cannot_program_ends_the_load_with_its_status_and_the_next_load_is_whole() {
    below_the_bed(|bed| {
        let device = TinyUsbDevice::new(TinyUsbSettings {
            refuses: Some(7),
            ..bootloader()
        });
        bed.plug(&device, "1-2");
        let image = bytes(20_000);
        let error = run(load(&providers(), "usb:1-2", &image, STAYS)).unwrap_err();
        assert!(error.diagnose().why.contains("errPROG"), "{error:?}");
        assert!(error.state().contains("7,168"), "{}", error.state());
        assert!(device.memory().is_empty());
        verified(run(load(&providers(), "usb:1-2", &image, STAYS)).unwrap());
        assert!(device.memory() == image);
    });
}

#[test]
fn dfu_util_and_this_loader_leave_one_image_on_a_device_on_tinyusb() {
    below_the_bed(|bed| {
        let image = bytes(20_000);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &image).unwrap();
        let device = TinyUsbDevice::new(bootloader());
        bed.plug(&device, "1-2");
        let ended = program("dfu-util")
            .args(["-d", "cafe:4021", "-D"])
            .arg(file.path())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&ended.stdout);
        assert!(device.memory() == image, "{printed}");
        verified(run(load(&providers(), "usb:1-2", &image, STAYS)).unwrap());
        assert!(device.memory() == image);
    });
}
