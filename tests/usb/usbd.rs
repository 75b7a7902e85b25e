//! Loads of a device with ST's extensions whose USB stack others wrote: usb-device with usbd-dfu.

use firmdrop_test_support::usb::{UsbdDevice, below_the_bed, program};

use crate::rig::{STAYS, bytes, load, providers, run, verified};

#[test]
fn a_device_of_usbd_is_erased_loaded_read_back_and_started() {
    below_the_bed(|bed| {
        let device = UsbdDevice::new();
        bed.plug(&device, "1-2");
        let image = bytes(20_000);
        let said = verified(run(load(&providers(), "usb:0483:df11", &image, &[])).unwrap());
        assert!(device.memory(image.len()) == image, "{said}");
        assert!(device.runs_its_application(), "{said}");
    });
}

#[test]
fn a_device_of_usbd_is_loaded_twice_and_holds_the_second_image() {
    below_the_bed(|bed| {
        let device = UsbdDevice::new();
        bed.plug(&device, "1-2");
        for count in [20_000, 9_001] {
            let image = bytes(count);
            verified(run(load(&providers(), "usb:1-2", &image, STAYS)).unwrap());
            assert!(device.memory(image.len()) == image);
        }
        assert!(!device.runs_its_application());
    });
}

#[test]
fn dfu_util_and_this_loader_leave_one_image_on_a_device_of_usbd() {
    below_the_bed(|bed| {
        let image = bytes(20_000);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &image).unwrap();
        let device = UsbdDevice::new();
        bed.plug(&device, "1-2");
        let ended = program("dfu-util")
            .args(["-d", "0483:df11", "-s", "0x08000000", "-D"])
            .arg(file.path())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&ended.stdout);
        assert!(device.memory(image.len()) == image, "{printed}");
        let held = verified(run(load(&providers(), "usb:1-2", &image, STAYS)).unwrap());
        assert!(held.contains("before"), "{held}");
    });
}
