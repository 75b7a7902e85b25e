//! What a radio does to requests and answers, and a load all the same.

use firmdrop_loader::{LoadError, Loader as _, SmpFixedPieces};
use firmdrop_simulator::reader::{Radio, Settings, SimulatedReader, demo_image};

use super::{
    loaded::{assert_loaded, assert_verified},
    world::{Way, World, new_image},
};

async fn world(settings: Settings, radio: Radio) -> World {
    let reader = SimulatedReader::new(settings, demo_image((1, 0, 0), 4000));
    World::over(Way::Radio, reader, radio).await
}

/// Radios of every kind that carries.
fn radios() -> [(&'static str, Radio); 6] {
    let usual = Radio::default();
    let mtu = |mtu_bytes, says_mtu_bytes| Radio {
        mtu_bytes,
        says_mtu_bytes,
        ..Radio::default()
    };
    [
        ("the least MTU", mtu(23, 23)),
        ("an MTU that is said to be larger", mtu(185, 517)),
        ("an MTU that is said to be much larger", mtu(23, 517)),
        ("an MTU that is said to be none", mtu(247, 0)),
        (
            "values that are notified twice",
            Radio {
                notifies_twice: true,
                mtu_bytes: 64,
                says_mtu_bytes: 64,
                ..usual.clone()
            },
        ),
        (
            "answers in pieces of three bytes",
            Radio {
                notifies_bytes: Some(3),
                ..usual
            },
        ),
    ]
}

pub(crate) async fn a_reader_behind_a_radio_of_any_kind_is_loaded() {
    for (name, radio) in radios() {
        let world = world(Settings::default(), radio).await;
        let image = new_image(12_000);
        let outcome = world.load(&image).await;
        assert_verified(&outcome.unwrap_or_else(|error| panic!("{name}: {error:?}")));
        assert_loaded(&world, &image);
        let counters = world.reader.counters();
        assert_eq!(counters.dropped, 0, "{name}");
        let again = counters.upload_bytes - image.len() as u64;
        assert_eq!(again, 0, "{name}: sent again");
    }
}

pub(crate) async fn never_more_requests_are_on_their_way_than_the_reader_has_buffers() {
    for buffers in [1, 2, 3, 4, 8] {
        let settings = Settings {
            buffers,
            flash_per_byte: std::time::Duration::from_micros(10),
            ..Settings::default()
        };
        let radio = Radio {
            one_way: std::time::Duration::from_millis(15),
            ..Radio::default()
        };
        let world = world(settings, radio).await;
        let image = new_image(20_000);
        assert_verified(&world.load(&image).await.unwrap());
        let dropped = world.reader.counters().dropped;
        // A second request to a reader with one buffer is a try, taken back when it fails.
        assert!(
            dropped <= u32::from(buffers == 1) * 3,
            "{buffers}: {dropped}"
        );
    }
}

pub(crate) async fn a_reader_that_is_away_from_the_air_is_not_touched() {
    let world = world(Settings::default(), Radio::default()).await;
    world.reader.pull_the_plug();
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(matches!(error, LoadError::Link { .. }), "{error:?}");
    assert!(error.state().contains("not touched"), "{error:?}");
}

/// How long the image takes with so many requests on their way at once; as fits the reader, when none is named.
async fn time_of(world: &World, image: &[u8], width: Option<usize>) -> std::time::Duration {
    let loader = match width {
        Some(width) => world.loader().with_fixed_pieces(SmpFixedPieces {
            packet_bytes: 384,
            width,
        }),
        None => world.loader(),
    };
    let began = tokio::time::Instant::now();
    let context = world.context(image, &std::sync::Arc::default());
    assert_verified(&loader.load(&context).await.unwrap());
    began.elapsed()
}

pub(crate) async fn three_requests_at_once_take_little_more_than_a_third_of_the_time() {
    let image = new_image(400_000);
    // Time that passes in whole milliseconds says nothing about a round trip of one.
    for round_trip in [5, 16, 30] {
        let mut times = Vec::new();
        for width in [Some(1), Some(3), None] {
            let settings = Settings {
                exact: false,
                ..Settings::default()
            };
            let radio = Radio {
                one_way: std::time::Duration::from_micros(500 * round_trip),
                ..Radio::default()
            };
            let world = world(settings, radio).await;
            times.push(time_of(&world, &image, width).await.as_secs_f64());
            assert_eq!(world.reader.counters().dropped, 0, "{round_trip}");
        }
        let [one, three, fitted] = times[..] else {
            unreachable!("three were measured");
        };
        println!("{round_trip} ms: one {one:.3} s, three {three:.3} s, as fits {fitted:.3} s");
        // Finding the reader again after its restart takes the same time for each.
        assert!(one > 2.0 * three, "{round_trip} ms: {one} and {three}");
        assert!(
            fitted < 1.2 * three,
            "{round_trip} ms: {fitted} and {three}"
        );
    }
}
