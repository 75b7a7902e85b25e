//! Readers whose bootloader starts images where they lie (direct XIP), and readers that know no `MCUboot` images.

use firmdrop_core::{Diagnose, Fit, Outcome};
use firmdrop_image::Format;
use firmdrop_loader::{LoadError, Loader as _, Options};
use firmdrop_simulator::reader::{Bootloader, Faults, KnownBy, Request, Settings, demo_image};

use super::loaded::assert_verified;
use super::world::{Way, World, inspection, new_image};

const IN_PLACE: [Bootloader; 2] = [
    Bootloader::StartsInPlace { reverts: false },
    Bootloader::StartsInPlace { reverts: true },
];

/// Every such reader, with all flags or only those that are set: direct XIP without and with a way back; and one
/// that lists an image by its bytes, under bootloaders that swap and overwrite.
fn all() -> impl Iterator<Item = Settings> {
    let kinds = [
        (IN_PLACE[0], KnownBy::Trailer),
        (IN_PLACE[1], KnownBy::Trailer),
        (Bootloader::Swaps, KnownBy::Bytes),
        (Bootloader::Overwrites, KnownBy::Bytes),
    ];
    let both = |(bootloader, known_by)| {
        [false, true].map(|frugal| Settings {
            bootloader,
            known_by,
            frugal,
            ..Settings::default()
        })
    };
    kinds.into_iter().flat_map(both)
}

/// A reader of each kind.
pub(super) fn worlds() -> impl Iterator<Item = impl Future<Output = World>> {
    all().map(|settings| World::with(Way::Pipe, settings))
}

async fn world(settings: Settings) -> World {
    World::with(Way::Pipe, settings).await
}

/// Readers that start the newer image, and list both by their trailers.
fn in_place() -> impl Iterator<Item = (bool, bool)> {
    [(false, false), (false, true), (true, false), (true, true)].into_iter()
}

fn settings((reverts, frugal): (bool, bool)) -> Settings {
    Settings {
        bootloader: Bootloader::StartsInPlace { reverts },
        frugal,
        ..Settings::default()
    }
}

pub(crate) async fn one_load_after_the_other_goes_to_the_slot_that_does_not_run() {
    for kind in in_place() {
        let world = world(settings(kind)).await;
        for minor in 1..4_u8 {
            let image = demo_image((1, minor, 0), 3000);
            let outcome = world.load(&image).await;
            assert_verified(
                &outcome.unwrap_or_else(|error| panic!("{kind:?}, {minor}: {error:?}")),
            );
            assert!(world.reader.running() == image, "{kind:?}, {minor}");
            let slot = u32::from(minor % 2 == 1);
            assert!(world.reader.memory(slot) == image, "{kind:?}, {minor}");
            assert!(world.reader.is_confirmed(), "{kind:?}, {minor}");
        }
    }
}

pub(crate) async fn a_version_that_is_not_newer_is_refused_before_a_byte_is_sent() {
    for reverts in [false, true] {
        for version in [(1, 0, 0), (0, 9, 9)] {
            let world = world(settings((reverts, false))).await;
            let error = world.load(&demo_image(version, 2000)).await.unwrap_err();
            assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
            let why = error.diagnose().why;
            assert!(why.contains("never started"), "{why}");
            assert!(world.reader.counters().changed_nothing());
        }
    }
}

pub(crate) async fn a_mark_without_effect_is_said_with_what_may_help() {
    // Such a list does not say what the bootloader does.
    let world = world(settings((true, true))).await;
    let error = world.load(&demo_image((0, 9, 0), 2000)).await.unwrap_err();
    assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
    let diagnosis = error.diagnose();
    assert!(
        format!("{diagnosis:?}").contains("higher version"),
        "{diagnosis:?}"
    );
    assert_eq!(world.reader.counters().of(Request::Reset), 0);
    assert!(world.reader.running() == demo_image((1, 0, 0), 4000));
}

pub(crate) async fn an_image_that_its_bootloader_erases_is_said_not_to_run() {
    for kind in in_place() {
        let world = world(settings(kind)).await;
        let old = world.reader.running();
        world.reader.set_faults(Faults {
            rejects_uploads: true,
            ..Faults::default()
        });
        let error = world.load(&new_image(3000)).await.unwrap_err();
        assert!(
            matches!(error, LoadError::NotActivated { .. }),
            "{kind:?}: {error:?}"
        );
        assert!(error.state().contains("1.0.0"), "{}", error.state());
        assert!(world.reader.running() == old);
    }
}

pub(crate) async fn one_that_is_not_confirmed_is_said_to_be_on_trial() {
    let world = world(settings((true, false))).await;
    world.reader.set_faults(Faults {
        never_confirms: true,
        ..Faults::default()
    });
    let image = new_image(3000);
    let error = world.load(&image).await.unwrap_err();
    assert!(matches!(error, LoadError::NotConfirmed { .. }), "{error:?}");
    world.reader.set_faults(Faults::default());
    // The same run again confirms it; a restart would have erased it.
    assert_verified(&world.load(&image).await.unwrap());
    assert!(world.reader.running() == image && world.reader.is_confirmed());
}

pub(crate) async fn the_plan_says_that_no_older_image_is_started() {
    for reverts in [false, true] {
        let world = world(settings((reverts, false))).await;
        let loader = world.loader();
        let target = loader.probe(&world.probe_context()).await.unwrap();
        assert!(target.refuses_older);
        assert_eq!(target.reverts, Some(reverts));
    }
}

pub(crate) async fn a_reader_that_lists_no_hash_is_never_said_to_run_the_image() {
    for frugal in [false, true] {
        let world = world(Settings {
            known_by: KnownBy::Nothing,
            frugal,
            ..Settings::default()
        })
        .await;
        let image = new_image(3000);
        match world.load(&image).await {
            Ok(Outcome::Sent { .. }) => {}
            Ok(outcome) => panic!("{outcome:?}"),
            Err(error) => {
                let state = error.state();
                assert!(!state.contains("runs the new"), "{state}");
                assert!(world.reader.memory(1) == image, "every byte was stored");
            }
        }
    }
}

pub(crate) async fn a_file_without_a_trailer_is_refused_with_the_reason() {
    let world = world(Settings {
        known_by: KnownBy::Bytes,
        ..Settings::default()
    })
    .await;
    let mut raw = inspection(&new_image(2000));
    raw.format = Format::Raw;
    raw.image_hash = None;
    let loader = world.loader();
    let target = loader.probe(&world.probe_context()).await.unwrap();
    let fit = loader.fit(&raw, Some(&target), &Options::new());
    let Fit::DoesNotFit { why } = fit else {
        panic!("{fit:?}");
    };
    assert!(why.contains("hash in the image's trailer"), "{why}");
    assert!(world.reader.counters().changed_nothing());
}
