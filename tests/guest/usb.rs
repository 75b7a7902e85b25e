//! USB devices on a real bus: the kernel enumerates them, and the real libusb finds and loads them.

use firmdrop_simulator::dfu::{DfuSettings, SimulatedDfu};
use firmdrop_test_support::cli_world::{Cli, bytes, poll};
use firmdrop_test_support::guest::{in_the_guest, plug};
use firmdrop_test_support::usb::{TinyUsbDevice, TinyUsbSettings, program};

use crate::rig::{delivery, listed, verified};

#[test]
fn a_device_is_loaded_over_the_kernels_own_usb_and_holds_the_image() {
    in_the_guest(|| {
        let cli = Cli::new();
        assert_eq!(listed(&cli, "dfu+usb:1-2"), None);
        let device = SimulatedDfu::new(DfuSettings::st());
        let plug = plug(&device, "1-2");
        let view = poll("it is listed", || listed(&cli, "dfu+usb:1-2"));
        assert_eq!(view["reader"]["serial"], "356D38743439");
        let image = bytes(60_000, 1);
        let file = cli.file("new.bin", &image);
        verified(cli.run(&delivery(&file, "dfu+usb:1-2")));
        assert!(device.memory(image.len()) == image);
        drop(plug);
        poll("it is gone", || {
            listed(&cli, "dfu+usb:1-2").is_none().then_some(())
        });
    });
}

// The kernel enumerates its application, and then its bootloader, whose ids are others.
#[test]
fn an_application_on_tinyusb_makes_room_for_its_bootloader_and_is_loaded() {
    in_the_guest(|| {
        let cli = Cli::new();
        for (length, restarts_at_once) in [(30_000, false), (30_001, true)] {
            let device = TinyUsbDevice::new(TinyUsbSettings {
                restarts_at_once,
                ..TinyUsbSettings::default()
            });
            let _plug = plug(&device, "1-5");
            poll("it is listed", || listed(&cli, "dfu+usb:1-5"));
            let image = bytes(length, 1);
            let file = cli.file("new.bin", &image);
            let mut load = delivery(&file, "dfu+usb:1-5").to_vec();
            // A reset of a port does not reach the device behind this controller.
            load.extend(["--option", "leave=no"]);
            verified(cli.run(&load));
            assert!(device.memory() == image);
            assert!(!device.runs_its_application());
        }
    });
}

#[test]
fn dfu_util_loads_the_same_devices() {
    in_the_guest(|| {
        let device = SimulatedDfu::new(DfuSettings::plain());
        let _plug = plug(&device, "1-4");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new.bin");
        let image = bytes(40_000, 3);
        std::fs::write(&file, &image).unwrap();
        let ended = poll("dfu-util finds it", || {
            let mut dfu_util = program("dfu-util");
            let ended = dfu_util.args(["-d", "1209:df11", "-D"]).arg(&file).output();
            let ended = ended.unwrap();
            let said = String::from_utf8_lossy(&ended.stderr).into_owned();
            (!said.contains("No DFU capable USB device")).then_some((ended.status, said))
        });
        assert!(ended.0.success(), "{}", ended.1);
        assert!(device.memory(0) == image);
    });
}
