//! Packages with an image for each of two slots, for bootloaders that start images where they lie.

use firmdrop_core::{Diagnose, Fit};
use firmdrop_loader::{LoadError, Loader as _, Options};
use firmdrop_simulator::reader::{Bootloader, Recovery, Settings, demo_image};
use zip::CompressionMethod;

use super::loaded::assert_verified;
use super::packages::{context, inspected, load, load_into, zipped};
use super::world::{Way, World};
use crate::record::Record;

/// The same program twice, as the nRF Connect SDK packs it, and the package of both.
fn package(major: u8) -> ([Vec<u8>; 2], Vec<u8>) {
    let images = [0, 1].map(|slot| demo_image((major, 0, 0), 9000 + slot * 16));
    let manifest = r#"{"format-version": 1, "name": "lamp", "files": [
        {"type": "application", "image_index": "0", "slot": "1", "file": "second.bin"},
        {"type": "application", "image_index": "0", "slot": "0", "file": "first.bin"}]}"#;
    let [first, second] = &images;
    let files = [
        ("manifest.json", manifest.as_bytes()),
        ("first.bin", &first[..]),
        ("second.bin", &second[..]),
    ];
    let package = zipped(&files, CompressionMethod::Deflated);
    (images, package)
}

fn in_place() -> impl Iterator<Item = Settings> {
    let kinds = [(false, false), (false, true), (true, false), (true, true)];
    kinds.into_iter().map(|(reverts, frugal)| Settings {
        bootloader: Bootloader::StartsInPlace { reverts },
        frugal,
        ..Settings::default()
    })
}

pub(crate) async fn the_image_for_the_slot_that_does_not_run_is_sent() {
    for settings in in_place() {
        let world = World::with(Way::Pipe, settings.clone()).await;
        for (major, slot) in [(2, 1), (3, 0), (4, 1)] {
            let (images, package) = package(major);
            assert_verified(&load(&world, &package).await.unwrap());
            assert!(world.reader.running() == images[slot], "{settings:?}");
        }
        // Whichever of the two runs already is enough.
        let (_, package) = package(4);
        let before = world.reader.counters().upload_bytes;
        assert_verified(&load(&world, &package).await.unwrap());
        assert_eq!(world.reader.counters().upload_bytes, before);
    }
}

pub(crate) async fn a_plan_for_two_slots_counts_one_image_and_says_that_the_reader_decides() {
    let settings = in_place().next().unwrap();
    let world = World::with(Way::Pipe, settings).await;
    let (images, package) = package(2);
    let target = world.loader().probe(&world.probe_context()).await.unwrap();
    let file = inspected(&package);
    let none = Options::new();
    let fit = world.loader().fit(&file, Some(&target), &none);
    assert!(matches!(fit, Fit::Fits { .. }), "{fit:?}");
    let plan = world.loader().plan(&file, Some(&target), &none).unwrap();
    let bytes: u64 = plan.phases.iter().map(|phase| phase.bytes).sum();
    assert_eq!(bytes, images[1].len() as u64);
    let risks = plan.risks.join(" ");
    assert!(
        risks.contains("each of two slots") && risks.contains("second.bin"),
        "{risks}"
    );
    assert_eq!(world.loader().sent_images(&file, &none).len(), 1);
}

pub(crate) async fn a_reader_whose_bootloader_moves_images_gets_none_of_two_slots() {
    for bootloader in [Bootloader::Swaps, Bootloader::Overwrites] {
        let settings = Settings {
            bootloader,
            ..Settings::default()
        };
        let world = World::with(Way::Pipe, settings).await;
        let (_, package) = package(2);
        let target = world.loader().probe(&world.probe_context()).await.unwrap();
        let file = inspected(&package);
        let fit = world.loader().fit(&file, Some(&target), &Options::new());
        assert!(matches!(fit, Fit::DoesNotFit { .. }), "{fit:?}");
        let error = load(&world, &package).await.unwrap_err();
        assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
        assert!(error.diagnose().why.contains("where they lie"));
        assert!(world.reader.counters().changed_nothing());
    }
}

pub(crate) async fn recovery_gets_the_image_for_the_first_slot() {
    let settings = Settings {
        recovery: Some(Recovery::default()),
        ..in_place().next().unwrap()
    };
    let world = World::with(Way::Pipe, settings).await;
    let (images, package) = package(2);
    assert_verified(&load(&world, &package).await.unwrap());
    assert!(world.reader.running() == images[0]);
}

pub(crate) async fn a_resume_after_the_restart_knows_the_image_that_it_sent() {
    let settings = in_place().last().unwrap();
    let world = World::with(Way::Pipe, settings).await;
    let (images, package) = package(2);
    let target = world.loader().probe(&world.probe_context()).await.unwrap();
    let record = Record::stopping(crate::record::Stop::AtPhase("find_again"));
    let error = load_into(&world, &package, &record).await.unwrap_err();
    assert!(error.can_resume(), "{error:?}");
    let began = record.phases.lock().unwrap().clone();
    let record = Record::planned_for_and_after(target, &began);
    let context = context(&world, &package, &record);
    assert_verified(&world.loader().load(&context).await.unwrap());
    assert!(world.reader.running() == images[1]);
}
