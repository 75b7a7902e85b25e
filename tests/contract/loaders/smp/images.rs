//! Readers with two images, for two cores: the right one is replaced, or none.

use firmdrop_core::Diagnose;
use firmdrop_loader::LoadError;
use firmdrop_simulator::reader::{Recovery, Settings, demo_image};

use super::loaded::assert_verified;
use super::world::{Way, World, new_image};

/// What the second image is before.
fn other_core() -> Vec<u8> {
    demo_image((7, 0, 0), 500)
}

async fn with_two_images(way: Way, recovery: Option<Recovery>) -> World {
    let settings = Settings {
        images: 2,
        recovery,
        ..Settings::default()
    };
    let world = World::with(way, settings).await;
    world.reader.store(1, 0, other_core());
    world
}

pub(crate) async fn of_two_images_none_is_replaced_that_was_not_named(way: Way) {
    for recovery in [None, Some(Recovery::default())] {
        let world = with_two_images(way, recovery).await;
        let error = world.load(&new_image(3000)).await.unwrap_err();
        assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
        let why = error.diagnose().why;
        assert!(why.contains("2 images") && why.contains("7.0.0"), "{why}");
        assert!(world.reader.counters().changed_nothing());
    }
}

pub(crate) async fn the_named_image_is_replaced_and_the_other_is_not(way: Way) {
    let says = Recovery {
        slot_info: true,
        ..Recovery::default()
    };
    let direct = Recovery {
        direct: true,
        ..says
    };
    for recovery in [None, Some(says), Some(direct)] {
        let world = with_two_images(way, recovery).await;
        let first = world.reader.memory(0);
        let image = new_image(3000);
        let outcome = world.load_image(&image, Some(1)).await;
        assert_verified(&outcome.unwrap_or_else(|error| panic!("{recovery:?}: {error:?}")));
        assert!(world.reader.memory_of(1, 0) == image, "{recovery:?}");
        assert!(world.reader.memory(0) == first, "{recovery:?}");
    }
}

pub(crate) async fn recovery_that_does_not_say_how_it_numbers_its_slots_gets_no_second_image(
    way: Way,
) {
    let world = with_two_images(way, Some(Recovery::default())).await;
    let error = world
        .load_image(&new_image(3000), Some(1))
        .await
        .unwrap_err();
    assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
    assert!(error.diagnose().why.contains("upload_number"), "{error:?}");
    assert!(world.reader.counters().changed_nothing());
}
