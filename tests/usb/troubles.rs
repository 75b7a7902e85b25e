//! Devices that refuse, are in the middle of something, or are somebody else's.

use std::time::Duration;

use firmdrop_core::Diagnose as _;
use firmdrop_link::{Access, LinkError};
use firmdrop_loader::LoadError;
use firmdrop_simulator::dfu::{DfuFaults, DfuSettings, LastBlock, Pace, SimulatedDfu};
use firmdrop_test_support::usb::{below_the_bed, program};

use crate::rig::{STAYS, bytes, load, open, providers, run, until, verified};

fn device(settings: DfuSettings, faults: DfuFaults) -> SimulatedDfu {
    let device = SimulatedDfu::new(settings);
    device.set_faults(faults);
    device
}

// DFU 1.1, table 6.1.2: 7 is errVERIFY. The refused block is a STALL, and its reason is asked for.
#[test]
fn a_device_that_refuses_a_block_is_quoted_and_loaded_by_the_next_run() {
    below_the_bed(|bed| {
        let faults = DfuFaults {
            fails_block: Some((8000, 7)),
            ..DfuFaults::default()
        };
        let device = device(DfuSettings::plain(), faults);
        bed.plug(&device, "1-2");
        let image = bytes(20_000);
        run(async {
            let error = load(&providers(), "usb:1-2", &image, STAYS)
                .await
                .unwrap_err();
            assert!(error.diagnose().why.contains("errVERIFY"), "{error:?}");
            let state = error.state();
            assert!(
                state.contains("confirmed") && state.contains("said"),
                "{state}"
            );
            verified(load(&providers(), "usb:1-2", &image, STAYS).await.unwrap());
        });
        assert!(device.memory(0) == image);
    });
}

#[test]
fn a_device_that_another_program_left_in_the_middle_is_brought_to_rest_and_loaded() {
    below_the_bed(|bed| {
        // dfuDNLOAD-IDLE, dfuUPLOAD-IDLE, dfuERROR.
        for (place, state) in [("1-1", 5), ("1-2", 9), ("1-3", 10)] {
            let faults = DfuFaults {
                found_in: Some(state),
                ..DfuFaults::default()
            };
            let device = device(DfuSettings::st(), faults);
            bed.plug(&device, place);
            let image = bytes(5000);
            let outcome = run(load(&providers(), &format!("usb:{place}"), &image, STAYS));
            verified(outcome.unwrap());
            assert!(device.memory(image.len()) == image);
        }
    });
}

// AN3156, 4: block 0 of such a device is a command.
#[test]
fn a_device_of_st_that_does_not_say_its_memory_gets_no_block() {
    below_the_bed(|bed| {
        let faults = DfuFaults {
            stalls_strings: true,
            ..DfuFaults::default()
        };
        let device = device(DfuSettings::st(), faults);
        bed.plug(&device, "1-2");
        let error = run(load(&providers(), "usb:1-2", &bytes(3000), &[])).unwrap_err();
        assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
        assert!(device.is_untouched() && device.received_bytes() == 0);
    });
}

// The system says EPROTO of a device that left in the middle of a transfer, before it says that it left.
#[test]
fn a_restart_that_breaks_a_transfer_off_is_found_out_by_looking() {
    below_the_bed(|bed| {
        let faults = DfuFaults {
            breaks_off_when_leaving: true,
            last_block: LastBlock::Restarts,
            ..DfuFaults::default()
        };
        let device = device(DfuSettings::with_application(), faults);
        bed.plug(&device, "1-2");
        let image = bytes(20_000);
        let outcome = run(load(&providers(), "usb:1-2", &image, &[])).unwrap();
        let firmdrop_core::Outcome::Sent { reason } = outcome else {
            panic!("{outcome:?}");
        };
        assert!(reason.contains("Reader (1209:0001)"), "{reason}");
        assert!(device.memory(0) == image && device.runs_its_application());
    });
}

#[test]
fn an_interface_of_another_program_is_in_use_until_that_gives_it_back() {
    below_the_bed(|bed| {
        let device = device(DfuSettings::plain(), DfuFaults::default());
        bed.plug(&device, "1-2");
        let image = bytes(5000);
        run(async {
            // Another connection to libusb is another program, as far as the system knows.
            let theirs = open(&providers(), "usb:1-2").await;
            theirs.claim(0).await.unwrap();
            let ours = providers();
            let listed = &ours.discover().await[0].access;
            assert!(matches!(listed, Access::InUse { .. }), "{listed:?}");
            let error = load(&ours, "usb:1-2", &image, STAYS).await.unwrap_err();
            let is_in_use = matches!(
                error,
                LoadError::Link {
                    source: LinkError::InUse { .. },
                    ..
                }
            );
            assert!(is_in_use, "{error:?}");
            assert!(device.is_untouched());
            drop(theirs);
            until("the interface is free", || async {
                (ours.discover().await[0].access == Access::Ready).then_some(())
            })
            .await;
            verified(load(&ours, "usb:1-2", &image, STAYS).await.unwrap());
        });
        assert!(device.memory(0) == image);
    });
}

#[test]
fn a_device_that_dfu_util_loads_is_in_use_and_loaded_when_it_is_done() {
    below_the_bed(|bed| {
        let pace = Pace {
            block: Duration::from_millis(10),
            ..Pace::default()
        };
        let settings = DfuSettings {
            pace,
            ..DfuSettings::plain()
        };
        let device = device(settings, DfuFaults::default());
        bed.plug(&device, "1-2");
        let (theirs, ours) = (tempfile::NamedTempFile::new().unwrap(), bytes(5000));
        std::fs::write(theirs.path(), bytes(60_000)).unwrap();
        let mut peer = program("dfu-util")
            .args(["-d", "1209:df11", "-D"])
            .arg(theirs.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        run(async {
            until("its first block", || async {
                (device.received_bytes() > 0).then_some(())
            })
            .await;
            let error = load(&providers(), "usb:1-2", &ours, STAYS)
                .await
                .unwrap_err();
            assert!(device.received_bytes() < 60_000, "it was done already");
            assert!(format!("{error}").contains("in use"), "{error}");
            assert!(peer.wait().unwrap().success());
            assert!(device.memory(0) == bytes(60_000));
            verified(load(&providers(), "usb:1-2", &ours, STAYS).await.unwrap());
        });
        assert!(device.memory(0) == ours);
    });
}

// A device may call itself anything.
#[test]
fn the_texts_of_a_hostile_device_are_one_short_line() {
    below_the_bed(|bed| {
        let mut settings = DfuSettings::plain();
        settings.bootloader.name = format!("\u{1b}[2J\u{202e}{}\r", "W".repeat(120));
        settings.bootloader.serial = "..\u{0}/\u{7}".into();
        bed.plug(&device(settings, DfuFaults::default()), "1-2");
        run(async {
            let readers = providers().discover().await;
            let shown = format!("{readers:?}");
            let is_odd = |one: char| one.is_control() || one == '\u{202e}';
            assert!(
                !shown.contains(is_odd) && !shown.contains("\\u{"),
                "{shown}"
            );
            assert!(readers[0].name.chars().count() < 150, "{shown}");
        });
    });
}
