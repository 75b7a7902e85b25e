//! What a device holds is stored before it is written, in a file that brings it back.

use firmdrop_core::{Diagnose, Sha256};
use firmdrop_loader::LoadError;
use firmdrop_simulator::dfu::{DfuFaults, DfuSettings};

use super::world::{World, bytes, verified};
use crate::harness::Harness;
use crate::record::{Record, Stop};

/// A world that may store, and its folder.
fn world(settings: DfuSettings, faults: DfuFaults) -> (World, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::with(settings, faults);
    world.save_as = Some(folder.path().join("job"));
    (world, folder)
}

#[tokio::test]
async fn what_was_saved_of_a_memory_with_addresses_brings_the_old_image_back() {
    let (world, folder) = world(DfuSettings::st(), DfuFaults::default());
    let (old, new) = (bytes(70_000), bytes(90_001)[1..].to_vec());
    verified(world.load(&old).await.unwrap());
    verified(world.load_with(&new, &[("save", "yes")]).await.unwrap());
    assert_eq!(world.device.memory(new.len()), new);
    let saved = std::fs::read(folder.path().join("job.hex")).unwrap();
    verified(world.load(&saved).await.unwrap());
    assert_eq!(world.device.memory(old.len()), old);
}

#[tokio::test]
async fn what_was_saved_of_an_image_without_addresses_brings_it_back() {
    let (world, folder) = world(DfuSettings::plain(), DfuFaults::default());
    let (old, new) = (bytes(7000), bytes(5001)[1..].to_vec());
    verified(world.load_with(&old, &[("leave", "no")]).await.unwrap());
    let options = [("save", "yes"), ("leave", "no")];
    verified(world.load_with(&new, &options).await.unwrap());
    let saved = std::fs::read(folder.path().join("job.bin")).unwrap();
    assert_eq!(saved[..old.len()], old);
    verified(world.load_with(&saved, &[("leave", "no")]).await.unwrap());
    assert_eq!(world.device.memory(old.len()), old);
}

#[tokio::test]
async fn a_device_that_does_not_show_its_memory_is_not_written_when_it_was_to_be_saved() {
    const VENDOR: u8 = 11; // errVENDOR, DFU 1.1, 6.1.2
    let protected = DfuFaults {
        protected: Some(VENDOR),
        ..DfuFaults::default()
    };
    let (world, folder) = world(DfuSettings::st(), protected);
    let options = [("save", "yes"), ("read_back", "no")];
    let refused = world.load_with(&bytes(5000), &options).await.unwrap_err();
    let diagnosis = refused.diagnose();
    assert_eq!(diagnosis.state_now, "Nothing was erased or written.");
    assert!(
        diagnosis.why.contains("nothing of it can be saved"),
        "{}",
        diagnosis.why
    );
    assert!(world.is_untouched());
    assert!(!folder.path().join("job.hex").exists());
}

#[tokio::test]
async fn nothing_is_saved_unless_it_was_asked_for() {
    let (world, folder) = world(DfuSettings::st(), DfuFaults::default());
    verified(world.load(&bytes(5000)).await.unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_save_that_ends_early_leaves_no_part_of_a_file() {
    for (settings, stop) in [
        (DfuSettings::st(), Stop::AtByte(4096)),
        (DfuSettings::plain(), Stop::AtPhase("save")),
    ] {
        let (world, folder) = world(settings, DfuFaults::default());
        verified(world.load(&bytes(70_000)).await.unwrap());
        let record = Record::stopping(stop);
        let mut context = world.context(&bytes(90_001)[1..], &record);
        let options = [
            ("save".to_owned(), "yes".into()),
            ("read_back".to_owned(), "no".into()),
        ];
        context.options = options.into_iter().collect();
        let stopped = world.loader().load(&context).await.unwrap_err();
        assert!(matches!(stopped, LoadError::Stopped { .. }), "{stopped:?}");
        assert!(record.phases.lock().unwrap().contains(&"save".to_owned()));
        let left = std::fs::read_dir(folder.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test]
async fn a_saved_file_lies_beside_its_digest_as_sha256sum_writes_it() {
    let (world, folder) = world(DfuSettings::st(), DfuFaults::default());
    verified(world.load(&bytes(5000)).await.unwrap());
    verified(
        world
            .load_with(&bytes(6001)[1..], &[("save", "yes")])
            .await
            .unwrap(),
    );
    let saved = std::fs::read(folder.path().join("job.hex")).unwrap();
    let digest = std::fs::read_to_string(folder.path().join("job.hex.sha256")).unwrap();
    assert_eq!(digest, format!("{}  job.hex\n", Sha256::of(&saved)));
}
