//! The device loses its power at every control transfer of a load, before it carries the request out and after.
//! What is said of it then is true, and the next run puts the image onto it.
#![expect(clippy::print_stdout, reason = "the figures of a run")]

use std::time::Duration;

use firmdrop_core::{Diagnose, Outcome};
use firmdrop_simulator::dfu::{Cut, DfuFaults, DfuSettings, Pace};

use super::world::{World, bytes};

const IMAGE_BYTES: u32 = 20_000;

/// Whether a sentence about the device is true.
fn assert_true(state: &str, world: &World) {
    if state.contains("not touched") || state.contains("nothing was written.") {
        assert!(world.device.is_untouched(), "{state}");
    }
    if let Some((_, rest)) = state.split_once("The reader confirmed ") {
        let count = rest.split(' ').next().unwrap();
        let confirmed: u64 = count.replace(',', "").parse().unwrap();
        assert!(confirmed <= world.device.stored_bytes(), "{state}");
    }
    assert!(!state.contains("runs its old image"), "{state}");
    assert!(
        !state.contains("said dfuIDLE"),
        "it said nothing after it lost its power: {state}"
    );
}

/// Cuts at every transfer; how many there were, and how many loads ended in an error.
async fn cut_everywhere(settings: &DfuSettings) -> (u64, u64) {
    let image = bytes(IMAGE_BYTES);
    let world = |faults| {
        let mut world = World::with(settings.clone(), faults);
        // One look after it was asked to leave.
        world.timing.leaves = Duration::ZERO;
        world
    };
    let whole = world(DfuFaults::default());
    whole.load(&image).await.unwrap();
    let requests = whole.device.requests();
    let mut failed = 0;
    for at in 0..requests {
        for acts in [false, true] {
            let cut = Some(Cut { at, acts });
            let faults = DfuFaults {
                cut,
                ..DfuFaults::default()
            };
            let world = world(faults);
            match world.load(&image).await {
                Ok(Outcome::Verified { .. }) => {
                    assert!(
                        world.device.memory(image.len()) == image,
                        "at {at}: not true"
                    );
                }
                Ok(Outcome::Sent { .. }) => {}
                Err(error) => {
                    failed += 1;
                    assert!(error.can_resume(), "at {at}: {error:?}");
                    assert!(!error.diagnose().remedies.is_empty(), "at {at}: {error:?}");
                    assert_true(error.state(), &world);
                }
            }
            world.load_when_back(&image).await;
            assert!(
                world.device.memory(image.len()) == image,
                "at {at}, acts {acts}"
            );
            assert!(
                world.device.starts(),
                "at {at}, acts {acts}: it would not start"
            );
        }
    }
    (requests, failed)
}

async fn every_cut_is_recovered(settings: DfuSettings, least_requests: u64) {
    let pace = Pace {
        block: Duration::from_millis(3),
        ..Pace::default()
    };
    let settings = DfuSettings { pace, ..settings };
    let (requests, failed) = cut_everywhere(&settings).await;
    assert!(requests >= least_requests, "{requests} transfers");
    // Only the last transfers, by which the image is started, may be lost without a failure.
    assert!(failed + 30 >= 2 * requests, "{failed} of {}", 2 * requests);
    println!(
        "{} cuts, {} recovered, {failed} ended in an error first",
        2 * requests,
        2 * requests
    );
}

#[tokio::test(start_paused = true)]
async fn a_bootloader_recovers_from_a_cut_at_every_transfer() {
    every_cut_is_recovered(DfuSettings::plain(), 80).await;
}

#[tokio::test(start_paused = true)]
async fn an_application_recovers_from_a_cut_at_every_transfer() {
    every_cut_is_recovered(DfuSettings::with_application(), 80).await;
}

#[tokio::test(start_paused = true)]
async fn a_device_with_addresses_recovers_from_a_cut_at_every_transfer() {
    every_cut_is_recovered(DfuSettings::st(), 60).await;
}
