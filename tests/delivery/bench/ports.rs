//! Readers that discovery does not see, serial ports that are named by their path; and ports that may not be opened yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use firmdrop_api::{BenchLane, BenchSetup, Firmdrop, FirmdropOptions, Home, LaneState};
use firmdrop_link::{Link, LinkAddress, LinkError, Provider, Reader, Watch};
use firmdrop_simulator::reader::{Settings, SimulatedReaders, serve_pty};

use super::world::{World, lane, reader, until};

/// Ports that the system refuses so many times.
#[derive(Debug)]
struct RefusedAtFirst {
    ports: Arc<SimulatedReaders>,
    refusals: AtomicU32,
}

#[async_trait]
impl Provider for RefusedAtFirst {
    fn channel(&self) -> &'static str {
        self.ports.channel()
    }

    fn watch(self: Arc<Self>) -> Watch {
        Arc::clone(&self.ports).watch()
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        self.ports.discover().await
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let before = self
            .refusals
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        match before {
            Ok(_) => Err(LinkError::Denied {
                place: address.to_string(),
                why: "Permission denied".into(),
            }),
            Err(_) => self.ports.open(address).await,
        }
    }
}

// arduino/Arduino #11797: a node is there before its rule was carried out.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_whose_port_may_not_be_opened_yet_has_not_failed() {
    let mut world = World::of(1);
    let ports = SimulatedReaders::default().with("1", &world.readers[0]);
    let refused = RefusedAtFirst {
        ports: Arc::new(ports),
        refusals: AtomicU32::new(3),
    };
    let home = Home::open(world.path("another-home")).unwrap();
    world.firmdrop = Firmdrop::open(FirmdropOptions::new(home, vec![Arc::new(refused)])).unwrap();
    let bench = world.firmdrop.open_bench(world.setup()).await.unwrap();
    bench.arm().await.unwrap();
    let view = until(&bench, "an end", |view| view.counts.done > 0).await;
    assert_eq!(lane(&view, "1").state, LaneState::Pass);
    assert!(world.is_loaded(1));
}

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
