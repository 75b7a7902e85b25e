//! How fast a load is that fits itself to the reader, against the best pieces that could be fixed for it.

use std::time::Duration;

use firmdrop_loader::{Loader, SmpFixedPieces, SmpLoader, SmpTiming};
use firmdrop_simulator::reader::{BufferInfo, Faults, Line, Settings};
use tokio::time::Instant;

use super::loaded::assert_verified;
use super::world::{Way, World, new_image};

/// Bytes of code that are sent.
const CODE_BYTES: u32 = 120_000;

/// How long a load took; `None` when it did not end well.
async fn seconds(habit: &(Settings, Faults), loader: SmpLoader) -> Option<f64> {
    let (settings, faults) = habit;
    let world = World::with(Way::Pipe, settings.clone()).await;
    world.reader.set_faults(faults.clone());
    let context = world.context(&new_image(CODE_BYTES), &std::sync::Arc::default());
    let began = Instant::now();
    let outcome = loader.load(&context).await;
    let outcome = outcome.ok()?;
    assert_verified(&outcome);
    Some(began.elapsed().as_secs_f64())
}

/// Habits of readers, each with a name. A request takes some milliseconds on its way, as over an adapter.
fn habits() -> Vec<(&'static str, Settings, Faults)> {
    let usual = || Settings {
        line: Some(Line {
            baud: 115_200,
            latency: Duration::from_millis(8),
        }),
        flash_per_byte: Duration::from_micros(10),
        exact: false,
        ..Settings::default()
    };
    let none = Faults::default;
    vec![
        ("four buffers of 384", usual(), none()),
        (
            "one buffer",
            Settings {
                buffers: 1,
                ..usual()
            },
            none(),
        ),
        (
            "large buffers",
            Settings {
                buffer_bytes: 2475,
                ..usual()
            },
            none(),
        ),
        (
            "room for two lines",
            Settings {
                receives_bytes: Some(186),
                ..usual()
            },
            none(),
        ),
        (
            "says nothing, 256",
            Settings {
                buffer_bytes: 256,
                buffers: 1,
                states: BufferInfo::Nothing,
                ..usual()
            },
            none(),
        ),
        (
            "loses some of several",
            Settings {
                receives_bytes: Some(400),
                ..usual()
            },
            none(),
        ),
        (
            "blocks of 32",
            Settings {
                write_block: 32,
                ..usual()
            },
            none(),
        ),
        (
            "erases sectors",
            Settings {
                erase_sector: Duration::from_millis(85),
                ..usual()
            },
            none(),
        ),
        (
            "a noisy line",
            usual(),
            Faults {
                lost_requests_per_mille: 5,
                ..none()
            },
        ),
    ]
}

/// Pieces that are tried as fixed ones.
fn fixed() -> impl Iterator<Item = SmpFixedPieces> {
    [124, 180, 252, 380, 2471]
        .into_iter()
        .flat_map(|packet_bytes| {
            [1, 2].map(|width| SmpFixedPieces {
                packet_bytes,
                width,
            })
        })
}

pub(crate) async fn a_reader_of_each_habit_is_loaded_nearly_as_fast_as_with_the_best_fixed_pieces()
{
    let loader = SmpLoader::with_timing(SmpTiming::default());
    let mut slow = Vec::new();
    for (name, settings, faults) in habits() {
        let habit = (settings, faults);
        let ours = seconds(&habit, loader).await.unwrap();
        let mut best = (f64::INFINITY, None);
        for pieces in fixed() {
            let took = seconds(&habit, loader.with_fixed_pieces(pieces)).await;
            if let Some(took) = took.filter(|took| *took < best.0) {
                best = (took, Some(pieces));
            }
        }
        println!("habit\t{name}\t{ours:.3}\t{:.3}", best.0);
        let row = format!("{name}: {ours:.1} s, best {best:?}, {:.2}", ours / best.0);
        if ours > best.0 * 1.2 {
            slow.push(row);
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
