//! Loads of a device whose USB stack and DFU others wrote: embassy-usb. It does not let its image be read, so that no
//! load of it is *Verified*; its flash says here what it got.

use embassy_usb::class::dfu::consts::{DfuAttributes, Status};

use firmdrop_core::{Code, Diagnose as _};
use firmdrop_loader::DfuTiming;
use firmdrop_test_support::usb::{EmbassyDevice, EmbassySettings, below_the_bed, program};
use std::time::Duration;

use crate::rig::{bytes, load, load_in, providers, run, sent};

fn device(more: DfuAttributes) -> EmbassyDevice {
    EmbassyDevice::new(EmbassySettings {
        attributes: (DfuAttributes::CAN_DOWNLOAD | more).bits(),
        ..EmbassySettings::default()
    })
}

// It restarts before it answers the request for its status that ends the load.
#[test]
fn an_application_of_embassy_that_detaches_is_loaded_and_comes_back() {
    below_the_bed(|bed| {
        let device = device(DfuAttributes::WILL_DETACH);
        bed.plug(&device, "1-2");
        let image = bytes(50_000);
        let said = sent(run(load(&providers(), "usb:1209:0001", &image, &[])).unwrap());
        assert!(said.contains("left the bus by itself"), "{said}");
        assert!(
            said.contains("came back as Embassy reader (1209:0001)"),
            "{said}"
        );
        assert!(device.memory() == image && device.runs_its_application());
    });
}

// embassy PR 6257: it says `dfuMANIFEST` until it is reset. dfu-util asks it for ever.
#[test]
fn an_application_of_embassy_that_waits_for_a_reset_is_reset_twice_and_comes_back() {
    below_the_bed(|bed| {
        let device = device(DfuAttributes::empty());
        bed.plug(&device, "1-2");
        let image = bytes(50_000);
        let timing = DfuTiming {
            stores: Duration::from_millis(500),
            ..DfuTiming::default()
        };
        let said = sent(run(load_in(timing, &providers(), "usb:1-2", &image, &[])).unwrap());
        assert!(said.contains("said that it stores the image"), "{said}");
        assert!(
            said.contains("came back as Embassy reader (1209:0001)"),
            "{said}"
        );
        assert!(device.memory() == image && device.runs_its_application());
    });
}

#[test]
fn a_bootloader_of_embassy_that_stays_is_loaded() {
    below_the_bed(|bed| {
        let device = device(DfuAttributes::MANIFESTATION_TOLERANT);
        bed.plug(&device, "1-2");
        let image = bytes(50_000);
        let said = sent(run(load(&providers(), "usb:1-2", &image, &[])).unwrap());
        assert!(said.contains("does not let its image be read"), "{said}");
        assert!(said.contains("is in its bootloader"), "{said}");
        assert!(device.memory() == image && !device.runs_its_application());
    });
}

#[test]
fn a_block_that_embassy_refuses_ends_the_load_with_its_status_and_the_next_load_is_whole() {
    below_the_bed(|bed| {
        let device = EmbassyDevice::new(EmbassySettings {
            refuses: Some((3, Status::ErrVerify)),
            ..EmbassySettings::default()
        });
        bed.plug(&device, "1-2");
        let image = bytes(50_000);
        let error = run(load(&providers(), "usb:1-2", &image, &[])).unwrap_err();
        let diagnosis = error.diagnose();
        assert_eq!(diagnosis.code, Code::ReaderRefused);
        assert!(diagnosis.why.contains("errVERIFY"), "{diagnosis:?}");
        let state = diagnosis.state_now;
        assert!(state.contains("waits in its bootloader"), "{state}");
        assert!(!device.runs_its_application());
        device.refuse(None);
        sent(run(load(&providers(), "usb:1-2", &image, &[])).unwrap());
        assert!(device.memory() == image && device.runs_its_application());
    });
}

#[test]
fn dfu_util_and_this_loader_leave_one_image_on_a_device_of_embassy() {
    below_the_bed(|bed| {
        let image = bytes(50_000);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &image).unwrap();
        let device = device(DfuAttributes::MANIFESTATION_TOLERANT | DfuAttributes::WILL_DETACH);
        bed.plug(&device, "1-2");
        let ended = program("dfu-util")
            .args(["-d", "1209:0001,1209:df11", "-D"])
            .arg(file.path())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&ended.stdout);
        assert!(device.memory() == image, "{printed}");
        let other = bytes(60_000);
        sent(run(load(&providers(), "usb:1-2", &other, &[])).unwrap());
        assert!(device.memory() == other);
    });
}
