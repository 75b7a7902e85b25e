//! Many loads begun together.

use firmdrop_engine::{Against, Chain, Destination, Engine};
use firmdrop_simulator::reader::{Settings, SimulatedReader, SimulatedReaders, demo_image};

use super::engine_world::{World, assert_verified, plan, settled};

/// Readers on the bench.
const LANES: u32 = 32;

fn name(number: u32) -> String {
    format!("reader-{number}")
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_loads_begun_together_all_end_verified_each_in_its_lane() {
    let world = World::start().await;
    let image = world.reader_image();
    let readers: Vec<SimulatedReader> = (1..=LANES)
        .map(|_| SimulatedReader::new(Settings::default(), demo_image((1, 0, 0), 64 * 1024)))
        .collect();
    let bench = (1..).zip(&readers);
    let bench = bench.fold(SimulatedReaders::default(), |bench, (number, reader)| {
        bench.with(name(number), reader)
    });
    let engine = Engine::open(world.options_with(bench)).unwrap();
    let mut plans = Vec::new();
    for number in 1..=LANES {
        let to = Destination::new("sim", name(number));
        plans.push(plan(&engine, &image, &to).await);
    }
    for id in engine.submit_batch(&plans).await {
        assert_verified(&settled(&engine, &id.unwrap()).await.state);
    }
    for reader in &readers {
        assert_eq!(reader.slot_sha256(0), image.expected.sha256);
    }
    let lanes = engine.jobs(100).unwrap().into_iter();
    let mut lanes: Vec<u32> = lanes.map(|job| job.lane.unwrap().number).collect();
    lanes.sort_unstable();
    assert_eq!(lanes, (1..=LANES).collect::<Vec<_>>());
    let report = engine.ledger().verify(Chain::Demo, &Against::default());
    let report = report.unwrap();
    assert_eq!((report.entries, report.findings), (LANES, Vec::new()));
}
