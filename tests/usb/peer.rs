//! dfu-util loads the simulated devices: they do not only agree with the loader that was written beside them.

use std::time::Duration;

use firmdrop_simulator::dfu::{DfuSettings, Pace, SimulatedDfu};

use crate::rig::bytes;
use firmdrop_test_support::usb::{below_the_bed, program};

/// Runs dfu-util; what it printed, and how it ended.
fn dfu_util(arguments: &[&str]) -> (bool, String) {
    let ended = program("dfu-util").args(arguments).output().unwrap();
    let out = String::from_utf8_lossy(&ended.stdout).into_owned();
    (
        ended.status.success(),
        out + &String::from_utf8_lossy(&ended.stderr),
    )
}

fn file(image: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), image).unwrap();
    file
}

#[test]
fn dfu_util_lists_what_is_listed_here() {
    below_the_bed(|bed| {
        bed.plug(&SimulatedDfu::new(DfuSettings::st()), "1-2");
        let (_, said) = dfu_util(&["-l"]);
        for part in [
            "[0483:df11]",
            "path=\"1-2\"",
            "@Internal Flash",
            "serial=\"356D38743439\"",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    });
}

#[test]
fn dfu_util_loads_a_plain_device_and_reads_it_back() {
    below_the_bed(|bed| {
        let pace = Pace {
            block: Duration::from_millis(3),
            ..Pace::default()
        };
        let device = SimulatedDfu::new(DfuSettings {
            pace,
            ..DfuSettings::plain()
        });
        bed.plug(&device, "1-2");
        let image = bytes(256 * 1024);
        let (ok, said) = dfu_util(&[
            "-d",
            "1209:df11",
            "-D",
            file(&image).path().to_str().unwrap(),
        ]);
        assert!(ok, "{said}");
        assert!(device.memory(0) == image);
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.bin");
        let (ok, said) = dfu_util(&["-d", "1209:df11", "-U", copy.to_str().unwrap()]);
        assert!(ok, "{said}");
        assert!(std::fs::read(&copy).unwrap() == image, "{said}");
    });
}

#[test]
fn dfu_util_loads_a_device_with_addresses() {
    below_the_bed(|bed| {
        let device = SimulatedDfu::new(DfuSettings::st());
        bed.plug(&device, "1-2");
        let image = bytes(60_000);
        let (ok, said) = dfu_util(&[
            "-d",
            "0483:df11",
            "-a",
            "0",
            "-s",
            "0x08000000",
            "-D",
            file(&image).path().to_str().unwrap(),
        ]);
        assert!(ok, "{said}");
        assert!(device.memory(image.len()) == image, "{said}");
    });
}

#[test]
fn dfu_util_restarts_an_application_in_its_bootloader() {
    below_the_bed(|bed| {
        let device = SimulatedDfu::new(DfuSettings::with_application());
        bed.plug(&device, "1-2");
        let image = bytes(20_000);
        let (_, said) = dfu_util(&[
            "-d",
            "1209:0001,1209:df11",
            "-R",
            "-D",
            file(&image).path().to_str().unwrap(),
        ]);
        assert!(device.memory(0) == image, "{said}");
    });
}
