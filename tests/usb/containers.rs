//! A program in a container or a sandbox: what it sees of the bus is not what it may use.

use firmdrop_core::Diagnose as _;
use firmdrop_link::LinkError;
use firmdrop_simulator::dfu::{DfuSettings, SimulatedDfu};
use firmdrop_test_support::usb::{below_a_quiet_bed, below_the_bed};

use crate::rig::{bytes, load, providers, run, until, verified};

// moby/moby #35359, Yubico/yubihsm-connector #20: in a container nobody says what is plugged in, and libusb shows the bus
// as it was in the beginning.
#[test]
fn a_device_that_comes_back_is_found_where_nobody_says_so() {
    below_a_quiet_bed(|bed| {
        let device = SimulatedDfu::new(DfuSettings::with_application());
        run(async {
            let providers = providers();
            assert_eq!(providers.discover().await, []);
            bed.plug(&device, "1-2");
            until("it is listed", || async {
                (providers.discover().await.len() == 1).then_some(())
            })
            .await;
            let image = bytes(20_000);
            let outcome = load(&providers, "usb:1-2", &image, &[]).await;
            verified(outcome.unwrap());
            assert!(device.memory(0) == image && device.runs_its_application());
            device.unplug();
            until("it is gone", || async {
                providers.discover().await.is_empty().then_some(())
            })
            .await;
        });
    });
}

// libusb #613, probe-rs #2351: the device is listed, and its node was not handed in.
#[test]
fn a_device_whose_node_was_not_handed_in_is_not_said_to_have_left() {
    below_the_bed(|bed| {
        let device = SimulatedDfu::new(DfuSettings::st());
        bed.plug(&device, "1-2");
        bed.hide("1-2");
        run(async {
            let providers = providers();
            let address = providers.parse("usb:1-2").unwrap();
            let refused = providers.open(&address).await.unwrap_err();
            assert!(matches!(refused, LinkError::Withheld { .. }), "{refused:?}");
            let diagnosis = refused.diagnose();
            assert!(diagnosis.why.contains("/dev/bus/usb/001/"), "{diagnosis:?}");
            let advice = format!("{:?}", diagnosis.remedies);
            assert!(advice.contains("container"), "{advice}");
        });
    });
}
