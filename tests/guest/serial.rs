//! Readers behind a USB serial port, which the kernel's own driver for such devices makes.

use firmdrop_simulator::reader::{Settings, SimulatedReader, demo_image};
use firmdrop_test_support::cli_world::{Cli, poll};
use firmdrop_test_support::guest::{in_the_guest, plug_serial};

use crate::rig::{delivery, listed, verified};

const PORT: &str = "smp+serial:/dev/ttyACM0";

#[test]
fn a_reader_behind_a_usb_serial_port_is_loaded_and_comes_back_after_its_restart() {
    in_the_guest(|| {
        let cli = Cli::new();
        assert_eq!(listed(&cli, PORT), None);
        let reader = SimulatedReader::new(Settings::default(), demo_image((1, 0, 0), 4000));
        let plug = plug_serial(&reader, "1-5");
        let view = poll("it is listed", || listed(&cli, PORT));
        assert_eq!(view["reader"]["serial"], "READER-9");
        let image = demo_image((2, 0, 0), 40_000);
        let file = cli.file("new.bin", &image);
        verified(cli.run(&delivery(&file, PORT)));
        assert!(reader.running() == image && reader.is_confirmed());
        drop(plug);
        poll("it is gone", || listed(&cli, PORT).is_none().then_some(()));
    });
}
