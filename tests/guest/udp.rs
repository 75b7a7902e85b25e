//! Readers on the network of the virtual computer.

use firmdrop_simulator::reader::{Settings, SimulatedReader, demo_image, serve_udp};
use firmdrop_test_support::cli_world::Cli;
use firmdrop_test_support::guest::in_the_guest;

use crate::rig::{delivery, verified};

#[test]
fn a_reader_on_the_network_is_loaded_and_verified() {
    in_the_guest(|| {
        let cli = Cli::new();
        let reader = SimulatedReader::new(Settings::default(), demo_image((1, 0, 0), 4000));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let server = runtime.block_on(serve_udp(reader.clone())).unwrap();
        let image = demo_image((2, 0, 0), 40_000);
        let file = cli.file("new.bin", &image);
        let to = format!("smp+udp:{}", server.address());
        verified(cli.run(&delivery(&file, &to)));
        assert!(reader.running() == image && reader.is_confirmed());
    });
}
