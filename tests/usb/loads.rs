//! Whole loads over the real libusb.

use std::time::{Duration, Instant};

use firmdrop_simulator::dfu::{DfuFaults, DfuSettings, Pace, SimulatedDfu};

use crate::rig::{STAYS, bytes, load, providers, run, until, verified};
use firmdrop_test_support::usb::below_the_bed;

#[test]
fn an_application_is_restarted_in_its_bootloader_loaded_and_found_again() {
    below_the_bed(|bed| {
        let device = SimulatedDfu::new(DfuSettings::with_application());
        bed.plug(&device, "1-2");
        let image = bytes(50_000);
        let outcome = run(load(&providers(), "usb:1209:0001", &image, &[]));
        let said = verified(outcome.unwrap());
        assert!(
            said.contains("It came back as Reader (1209:0001)"),
            "{said}"
        );
        assert!(device.memory(0) == image && device.runs_its_application());
    });
}

// DFU 1.1, 5.1: libusb says "not found" of a device that a reset made another one.
#[test]
fn an_application_that_restarts_with_a_reset_of_the_bus_is_reset() {
    below_the_bed(|bed| {
        let mut settings = DfuSettings::with_application();
        settings.attributes &= !8;
        let device = SimulatedDfu::new(settings);
        bed.plug(&device, "1-2");
        let image = bytes(20_000);
        let outcome = run(load(&providers(), "usb:1-2", &image, &[]));
        verified(outcome.unwrap());
        assert!(device.memory(0) == image && device.runs_its_application());
    });
}

#[test]
fn two_devices_with_one_serial_number_are_loaded_at_once_each_with_its_own_image() {
    below_the_bed(|bed| {
        let devices = ["1-2", "1-3"].map(|place| {
            let device = SimulatedDfu::new(DfuSettings::with_application());
            bed.plug(&device, place);
            device
        });
        let (one, other) = (bytes(30_000), bytes(40_000));
        run(async {
            let providers = providers();
            let loads = (
                load(&providers, "usb:1-2", &one, &[]),
                load(&providers, "usb:1-3", &other, &[]),
            );
            let (first, second) = tokio::join!(loads.0, loads.1);
            verified(first.unwrap());
            verified(second.unwrap());
        });
        assert!(devices[0].memory(0) == one && devices[1].memory(0) == other);
    });
}

#[test]
fn a_bootloader_alone_on_its_port_is_loaded_and_read_back() {
    below_the_bed(|bed| {
        let device = SimulatedDfu::new(DfuSettings::plain());
        bed.plug(&device, "1-2");
        let image = bytes(50_000);
        verified(run(load(&providers(), "usb:1-2", &image, STAYS)).unwrap());
        assert!(device.memory(0) == image);
    });
}

// The interface is this program's own until the last block was taken: it is given back before the device is read.
#[test]
fn a_device_that_waits_for_a_reset_is_read_back_behind_it() {
    below_the_bed(|bed| {
        let mut settings = DfuSettings::plain();
        settings.attributes &= !4;
        let device = SimulatedDfu::new(settings);
        bed.plug(&device, "1-2");
        let image = bytes(20_000);
        let outcome = run(load(&providers(), "usb:1-2", &image, &[]));
        let said = verified(outcome.unwrap());
        assert!(said.contains("came back in its bootloader"), "{said}");
        assert!(device.memory(0) == image);
    });
}

#[test]
fn a_device_with_addresses_is_loaded_and_read_back() {
    below_the_bed(|bed| {
        let device = SimulatedDfu::new(DfuSettings::st());
        bed.plug(&device, "1-2");
        let image = bytes(100_000);
        let outcome = run(load(&providers(), "usb:1-2", &image, STAYS));
        verified(outcome.unwrap());
        assert!(device.memory(image.len()) == image);
    });
}

#[test]
fn a_device_that_is_unplugged_in_mid_write_is_told_truthfully_and_loaded_by_the_next_run() {
    below_the_bed(|bed| {
        let device = SimulatedDfu::new(DfuSettings::with_application());
        device.set_faults(DfuFaults {
            cut_at_byte: Some(20_000),
            ..DfuFaults::default()
        });
        bed.plug(&device, "1-2");
        let image = bytes(50_000);
        run(async {
            let providers = providers();
            let error = load(&providers, "usb:1-2", &image, &[]).await.unwrap_err();
            assert!(error.can_resume(), "{error:?}");
            assert!(error.state().contains("not known"), "{}", error.state());
            let outcome = until("the device is back and loaded", || async {
                load(&providers, "usb:1-2", &image, &[]).await.ok()
            })
            .await;
            verified(outcome);
        });
        assert!(device.memory(0) == image);
    });
}

#[test]
fn its_own_poll_times_and_its_transfers_are_what_a_load_takes() {
    below_the_bed(|bed| {
        let block = Duration::from_millis(3);
        let settings = DfuSettings {
            pace: Pace {
                block,
                ..Pace::default()
            },
            ..DfuSettings::plain()
        };
        let device = SimulatedDfu::new(settings);
        bed.plug(&device, "1-2");
        let image = bytes(256 * 1024);
        let options = [("read_back", "no"), ("leave", "no")];
        let began = Instant::now();
        run(load(&providers(), "usb:1-2", &image, &options)).unwrap();
        let took = began.elapsed();
        assert!(device.memory(0) == image);
        assert_eq!(device.early_polls(), 0);
        // Longer than twice the flash itself is this computer's doing, or a wait that nobody asked for.
        assert!(took < Duration::from_secs(20), "{took:?}");
    });
}
