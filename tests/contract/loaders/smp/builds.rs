//! Builds of `MCUboot`'s serial recovery, by their options and the size of what they receive.

use firmdrop_simulator::reader::{Recovery, Settings};

use super::world::{Way, World};

/// `BOOT_SERIAL_MAX_RECEIVE_SIZE`: from the smallest that is in use to a USB port's.
const RECEIVED_BYTES: [usize; 5] = [128, 256, 512, 1024, 4096];

/// Every build, each with one of the sizes.
pub(super) fn all() -> impl Iterator<Item = Settings> {
    let sizes = RECEIVED_BYTES.into_iter().cycle();
    Recovery::matrix().zip(sizes).map(settings)
}

/// Builds in which every three options, and every option with every size, meet in every combination.
pub(super) fn sample() -> impl Iterator<Item = Settings> {
    let sizes = RECEIVED_BYTES.into_iter().cycle();
    Recovery::sample().zip(sizes).map(settings)
}

fn settings((recovery, buffer_bytes): (Recovery, usize)) -> Settings {
    Settings {
        recovery: Some(recovery),
        buffer_bytes,
        buffers: 1,
        ..Settings::default()
    }
}

/// A reader of each build of the sample.
pub(super) fn sample_of_worlds() -> impl Iterator<Item = impl Future<Output = World>> {
    sample().map(|settings| World::with(Way::Pipe, settings))
}
