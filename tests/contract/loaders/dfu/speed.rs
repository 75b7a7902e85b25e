//! How long a load takes, against what the device itself needs for its blocks.

use std::time::Duration;

use firmdrop_simulator::dfu::{DfuFaults, DfuSettings, Pace};
use tokio::time::Instant;

use super::world::{World, bytes, sent};

const TRANSFER: Duration = Duration::from_millis(1);
const BLOCK: Duration = Duration::from_millis(3);
const SECTOR: Duration = Duration::from_millis(400);

fn paced(settings: DfuSettings) -> DfuSettings {
    let pace = Pace {
        transfer: TRANSFER,
        block: BLOCK,
        sector: SECTOR,
        manifest: Duration::ZERO,
    };
    DfuSettings { pace, ..settings }
}

async fn seconds(settings: DfuSettings, image: &[u8]) -> f64 {
    let world = World::of(paced(settings));
    let began = Instant::now();
    let options = [("read_back", "no"), ("leave", "no")];
    sent(world.load_with(image, &options).await.unwrap());
    assert_eq!(world.device.early_polls(), 0);
    began.elapsed().as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn a_load_takes_hardly_longer_than_the_device_needs_for_its_blocks() {
    let image = bytes(256 * 1024);
    // A block is sent, its status starts the work, and a second one after the poll time ends it.
    let block = 3 * TRANSFER + BLOCK;
    let sector = 3 * TRANSFER + SECTOR;
    for (settings, model) in [
        (DfuSettings::plain(), 256 * block),
        (DfuSettings::st(), 128 * block + 6 * sector),
    ] {
        let took = seconds(settings.clone(), &image).await;
        let share = model.as_secs_f64() / took;
        println!(
            "{:?}: {took:.3} s, {:.1} % of the block model",
            settings.dialect,
            share * 100.0
        );
        assert!(share >= 0.95, "{share:.3} of the block model");
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_there_already_costs_only_its_reading() {
    let image = bytes(256 * 1024);
    let world = World::of(paced(DfuSettings::st()));
    let began = Instant::now();
    world.load(&image).await.unwrap();
    let full = began.elapsed();
    let began = Instant::now();
    world.device.set_faults(DfuFaults::default());
    world.load(&image).await.unwrap();
    let again = began.elapsed();
    println!("{full:?}, again {again:?}");
    assert!(again * 10 < full, "{again:?} of {full:?}");
}
