//! Readers that discovery does not see: serial ports that are named by their path.

use firmdrop_api::{BenchLane, BenchSetup, LaneState};
use firmdrop_simulator::reader::{Settings, serve_pty};

use super::world::{World, lane, reader, until};

#[tokio::test(flavor = "multi_thread")]
async fn lanes_of_named_ports_start_when_the_reader_answers_and_are_free_when_it_is_gone() {
    let world = World::of(0);
    let readers = [reader(Settings::default()), reader(Settings::default())];
    readers[1].pull_the_plug();
    let ports = readers
        .each_ref()
        .map(|reader| serve_pty(reader.clone()).unwrap());
    let mut lanes: Vec<BenchLane> = Vec::new();
    for (name, port) in ["1", "2"].into_iter().zip(&ports) {
        let address = format!("smp+serial:{}", port.path().display());
        lanes.push(world.firmdrop.bench_lane(name, &address).await.unwrap());
    }
    let setup = BenchSetup {
        lanes,
        ..world.setup()
    };
    let bench = world.firmdrop.open_bench(setup).await.unwrap();
    bench.arm().await.unwrap();
    let view = until(&bench, "a pass", |view| {
        lane(view, "1").state == LaneState::Pass
    })
    .await;
    assert_eq!(lane(&view, "2").state, LaneState::Empty);
    readers[1].plug_in();
    until(&bench, "a second pass", |view| {
        lane(view, "2").state == LaneState::Pass
    })
    .await;
    readers[0].pull_the_plug();
    let view = until(&bench, "an empty lane", |view| {
        lane(view, "1").state == LaneState::Empty
    })
    .await;
    assert_eq!(view.counts.pass, 2);
    assert_eq!(world.rows().len(), 2);
}
