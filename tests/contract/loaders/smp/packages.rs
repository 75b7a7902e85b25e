//! Files that hold images: packages with one for each core, and images inside of other files.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::{Diagnose, ExpectedFile, Fit, NoteKind, Outcome, Sha256};
use firmdrop_image::{Inspection, MemorySource, inspect};
use firmdrop_loader::{LoadContext, LoadError, Loader, Options};
use firmdrop_simulator::reader::{Cut, Faults, Recovery, Request, Settings, demo_image};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::loaded::assert_verified;
use super::world::{Way, World, new_image};
use crate::record::{Record, Stop};

/// Every request that a load of a package makes.
const REQUESTS: [Request; 4] = [
    Request::ReadState,
    Request::Upload,
    Request::WriteState,
    Request::Reset,
];

/// An archive of the `zip` crate.
pub(super) fn zipped(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The images of two cores.
fn images() -> [Vec<u8>; 2] {
    [new_image(9000), demo_image((8, 1, 0), 5000)]
}

/// A package as the nRF Connect SDK makes it; the second core's image comes first.
fn package() -> Vec<u8> {
    let [app, net] = images();
    let manifest = r#"{"format-version": 1, "name": "lamp", "files": [
        {"type": "application", "image_index": "1", "file": "net.bin"},
        {"type": "application", "image_index": "0", "file": "app.bin"}]}"#;
    zipped(
        &[
            ("manifest.json", manifest.as_bytes()),
            ("net.bin", &net),
            ("app.bin", &app),
        ],
        CompressionMethod::Deflated,
    )
}

pub(super) fn inspected(file: &[u8]) -> Inspection {
    inspect(&MemorySource::new(file)).unwrap()
}

pub(super) fn context(world: &World, file: &[u8], record: &Arc<Record>) -> LoadContext {
    LoadContext {
        inspection: inspected(file),
        expected: ExpectedFile {
            size_bytes: file.len() as u64,
            sha256: Sha256::of(file),
        },
        ..world.context(file, record)
    }
}

pub(super) async fn load_into(
    world: &World,
    file: &[u8],
    record: &Arc<Record>,
) -> Result<Outcome, LoadError> {
    world.loader().load(&context(world, file, record)).await
}

pub(super) async fn load(world: &World, file: &[u8]) -> Result<Outcome, LoadError> {
    load_into(world, file, &Arc::default()).await
}

async fn two_cores(way: Way, settings: Settings) -> World {
    let settings = Settings {
        images: 2,
        ..settings
    };
    let world = World::with(way, settings).await;
    world.reader.store(1, 0, demo_image((7, 0, 0), 500));
    world
}

fn assert_both_run(world: &World) {
    let [app, net] = images();
    assert!(world.reader.running() == app, "the first image differs");
    assert!(world.reader.memory_of(1, 0) == net, "the second differs");
    assert!(world.reader.is_confirmed());
}

pub(crate) async fn the_images_of_a_package_are_stored_and_started_by_one_restart(way: Way) {
    let world = two_cores(way, Settings::default()).await;
    let outcome = load(&world, &package()).await.unwrap();
    assert_verified(&outcome);
    let Outcome::Verified { proof } = &outcome else {
        unreachable!()
    };
    for title in ["app.bin (image 0, 2.0.0", "net.bin (image 1, 8.1.0"] {
        assert!(proof.statement.contains(title), "{}", proof.statement);
    }
    assert_both_run(&world);
    let counters = world.reader.counters();
    assert_eq!(counters.restarts, 1);
    let bytes: usize = images().iter().map(Vec::len).sum();
    assert_eq!(counters.upload_bytes, bytes as u64, "no byte twice");
}

pub(crate) async fn the_only_image_inside_of_another_file_is_loaded(way: Way) {
    let image = new_image(6000);
    let mut hex = String::new();
    for (row, line) in image.chunks(16).zip(0_u16..) {
        let [high, low] = (0x4000 + line * 16).to_be_bytes();
        let mut record = vec![u8::try_from(row.len()).unwrap(), high, low, 0];
        record.extend_from_slice(row);
        let sum = record
            .iter()
            .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        record.push(sum.wrapping_neg());
        hex.push(':');
        for byte in record {
            write!(hex, "{byte:02X}").unwrap();
        }
        hex.push('\n');
    }
    hex.push_str(":00000001FF\n");
    let zip = zipped(
        &[("read me.txt", b"a lamp"), ("app.bin", &image)],
        CompressionMethod::Stored,
    );
    for file in [hex.into_bytes(), zip] {
        let world = World::new(way).await;
        let found = inspected(&file);
        let plan = world.loader().plan(&found, None, &Options::new()).unwrap();
        let only = |risk: &String| risk.starts_with("Only ") && risk.contains("inside the file");
        assert!(plan.risks.iter().any(only), "{:?}", plan.risks);
        assert_verified(&load(&world, &file).await.unwrap());
        assert!(world.reader.running() == image && world.reader.is_confirmed());
        assert_verified(&load(&world, &file).await.unwrap());
        assert_eq!(world.reader.counters().restarts, 1, "it ran already");
    }
}

pub(crate) async fn the_plan_of_a_package_has_the_phases_of_its_load_and_counts_every_byte() {
    let world = two_cores(Way::Pipe, Settings::default()).await;
    let loader = world.loader();
    let target = loader.probe(&world.probe_context()).await.unwrap();
    let fit = loader.fit(&inspected(&package()), Some(&target), &Options::new());
    let Fit::Fits { note } = fit else {
        panic!("{fit:?}");
    };
    assert!(note.contains("app.bin: 1.0.0 → 2.0.0"), "{note}");
    assert!(note.contains("net.bin: 7.0.0 → 8.1.0"), "{note}");
    let plan = loader.plan(&inspected(&package()), Some(&target), &Options::new());
    let plan = plan.unwrap();
    assert!(plan.impact.starts_with("2 images"), "{}", plan.impact);
    let total: u64 = plan.phases.iter().map(|phase| phase.bytes).sum();
    let bytes: usize = images().iter().map(Vec::len).sum();
    assert_eq!(total, bytes as u64);

    let record = Arc::new(Record::default());
    load_into(&world, &package(), &record).await.unwrap();
    let rank = |key: &String| plan.phases.iter().position(|phase| phase.key == *key);
    let phases = record.phases.lock().unwrap();
    assert!(phases.iter().all(|key| rank(key).is_some()), "{phases:?}");
    assert!(phases.is_sorted_by_key(rank), "{phases:?}");
    let progress = record.progress.lock().unwrap();
    assert!(progress.is_sorted_by_key(|progress| progress.confirmed_bytes));
    assert!(progress.iter().all(|now| now.total_bytes == total));
    assert_eq!(progress.last().unwrap().confirmed_bytes, total);
}

pub(crate) async fn a_package_that_is_stopped_at_any_phase_is_finished_by_a_resume() {
    for phase in [
        "connect",
        "upload",
        "mark_for_test",
        "restart",
        "find_again",
    ] {
        let world = two_cores(Way::Pipe, Settings::default()).await;
        let record = Record::stopping(Stop::AtPhase(phase));
        let error = load_into(&world, &package(), &record).await.unwrap_err();
        assert!(matches!(error, LoadError::Stopped { .. }), "{error:?}");
        let began = record.phases.lock().unwrap().clone();
        let resumed = load_into(&world, &package(), &Record::after(&began)).await;
        assert_verified(&resumed.unwrap_or_else(|error| panic!("{phase}: {error:?}")));
        assert_both_run(&world);
        assert_eq!(world.reader.counters().restarts, 1, "{phase}");
    }
}

pub(crate) async fn a_package_is_finished_whatever_request_the_link_breaks_at() {
    for request in REQUESTS {
        let world = two_cores(Way::Pipe, Settings::default()).await;
        world.reader.set_faults(Faults {
            cut: Some(Cut::InsteadOfAnswering(request)),
            ..Faults::default()
        });
        let record = Arc::new(Record::default());
        let outcome = match load_into(&world, &package(), &record).await {
            Ok(outcome) => outcome,
            Err(error) => {
                assert!(error.can_resume(), "{request:?}: {error:?}");
                let began = record.phases.lock().unwrap().clone();
                let resumed = load_into(&world, &package(), &Record::after(&began)).await;
                resumed.unwrap_or_else(|error| panic!("{request:?}: {error:?}"))
            }
        };
        assert_verified(&outcome);
        assert_both_run(&world);
        assert_eq!(world.reader.counters().restarts, 1, "{request:?}");
    }
}

pub(crate) async fn an_image_that_is_there_already_is_not_sent_again() {
    let [app, net] = images();
    let world = two_cores(Way::Pipe, Settings::default()).await;
    world.reader.store(1, 0, net);
    let record = Arc::new(Record::default());
    assert_verified(&load_into(&world, &package(), &record).await.unwrap());
    assert_both_run(&world);
    let counters = world.reader.counters();
    assert_eq!(counters.upload_bytes, app.len() as u64);
    assert!(record.has_note(NoteKind::Resumed));
    let progress = record.progress.lock().unwrap();
    let last = progress.last().unwrap();
    assert_eq!(last.confirmed_bytes, last.total_bytes);
}

pub(crate) async fn a_package_whose_images_run_already_writes_nothing() {
    let [_, net] = images();
    let world = two_cores(Way::Pipe, Settings::default()).await;
    world.reader.store(1, 0, net);
    assert_verified(&load(&world, &package()).await.unwrap());
    let before = world.reader.counters();
    assert_verified(&load(&world, &package()).await.unwrap());
    let after = world.reader.counters();
    for request in [Request::Upload, Request::WriteState, Request::Reset] {
        assert_eq!(after.of(request), before.of(request), "{request:?}");
    }
}

/// An image that depends on another version than there is (`MCUboot`, `boot_verify_dependencies`).
pub(crate) async fn no_image_is_confirmed_when_the_bootloader_starts_only_some() {
    let world = two_cores(Way::Pipe, Settings::default()).await;
    let old = world.reader.running();
    world.reader.set_faults(Faults {
        rejects_uploads_of: Some(1),
        ..Faults::default()
    });
    let error = load(&world, &package()).await.unwrap_err();
    let LoadError::Refused { why, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(why.contains("does not run net.bin"), "{why}");
    let state = error.state();
    assert!(
        state.contains("7.0.0") && state.contains("2.0.0"),
        "{state}"
    );
    assert!(
        state.contains("None of the new images was confirmed"),
        "{state}"
    );
    assert!(!world.reader.is_confirmed());
    world.reader.restart();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(world.reader.running() == old, "the trial ended");
}

pub(crate) async fn an_image_on_trial_is_not_lost_by_the_restart_for_another() {
    let [app, net] = images();
    // What is listed of the second image, and what an earlier run of the load began; whether it may go on.
    for (second, began, is_finished) in [
        (Some(demo_image((7, 0, 0), 500)), "upload", false),
        (Some(demo_image((7, 0, 0), 500)), "restart", false),
        (None, "upload", false),
        (None, "restart", true),
        (Some(net), "upload", true),
    ] {
        let world = two_cores(Way::Pipe, Settings::default()).await;
        world.reader.store(1, 0, second.clone().unwrap_or_default());
        world.reader.set_faults(Faults {
            never_confirms: true,
            ..Faults::default()
        });
        let trial = world.load_image(&app, Some(0)).await.unwrap_err();
        assert!(matches!(trial, LoadError::NotConfirmed { .. }), "{trial:?}");
        world.reader.set_faults(Faults::default());
        let before = world.reader.counters();
        let record = Record::after(&[began.to_owned()]);
        let ended = load_into(&world, &package(), &record).await;
        match &ended {
            Err(error) => {
                assert!(error.can_resume() && !is_finished, "{began}: {error:?}");
                let why = error.diagnose().why;
                assert!(why.contains("app.bin") && why.contains("on trial"), "{why}");
            }
            Ok(Outcome::Verified { .. }) => assert!(second.is_some() && is_finished),
            Ok(Outcome::Sent { reason }) => {
                assert!(second.is_none() && is_finished, "{reason}");
                assert!(reason.contains("net.bin"), "{reason}");
            }
        }
        let after = world.reader.counters();
        assert_eq!(after.restarts, before.restarts, "{began}");
        assert_eq!(after.of(Request::Upload), before.of(Request::Upload));
        assert!(world.reader.running() == app, "it runs as before");
        assert_eq!(world.reader.is_confirmed(), is_finished, "{began}");
    }
}

pub(crate) async fn a_failure_after_the_first_image_says_what_is_stored() {
    let [app, _] = images();
    let world = two_cores(Way::Pipe, Settings::default()).await;
    let record = Record::stopping(Stop::AtByte(app.len() as u64 + 1000));
    let error = load_into(&world, &package(), &record).await.unwrap_err();
    let state = error.state();
    let first = "the reader listed app.bin (image 0, 2.0.0+0) as stored and not marked";
    assert!(state.contains(first), "{state}");

    let world = two_cores(Way::Pipe, Settings::default()).await;
    world.load_image(&app, Some(0)).await.unwrap();
    let record = Record::stopping(Stop::AtByte(app.len() as u64 + 1000));
    let error = load_into(&world, &package(), &record).await.unwrap_err();
    let first = "the reader listed app.bin (image 0, 2.0.0+0) as running";
    assert!(error.state().contains(first), "{}", error.state());

    let world = two_cores(Way::Pipe, Settings::default()).await;
    world.reader.set_faults(Faults {
        refuses_marks: Some(3),
        ..Faults::default()
    });
    let error = load(&world, &package()).await.unwrap_err();
    assert!(error.state().contains("may be marked"), "{}", error.state());
}

pub(crate) async fn recovery_stores_every_image_of_a_package_and_one_restart_starts_them() {
    let [app, net] = images();
    for numbers_slots in [false, true] {
        let says = Recovery {
            slot_info: true,
            direct: numbers_slots,
            ..Recovery::default()
        };
        let settings = Settings {
            recovery: Some(says),
            ..Settings::default()
        };
        let world = two_cores(Way::Pipe, settings).await;
        assert_planned_phases(&world, &package()).await;
        assert!(world.reader.memory_of(0, 0) == app);
        assert!(world.reader.memory_of(1, 0) == net);
        assert_eq!(world.reader.counters().restarts, 1);
    }
}

/// Loads it, and sees that its phases are those of the plan, in order.
async fn assert_planned_phases(world: &World, file: &[u8]) {
    let target = world.loader().probe(&world.probe_context()).await.unwrap();
    let plan = world
        .loader()
        .plan(&inspected(file), Some(&target), &Options::new())
        .unwrap();
    let record = Record::planned_for(target);
    assert_verified(&load_into(world, file, &record).await.unwrap());
    let rank = |key: &String| plan.phases.iter().position(|phase| phase.key == *key);
    let phases = record.phases.lock().unwrap();
    assert!(phases.iter().all(|key| rank(key).is_some()), "{phases:?}");
    assert!(phases.is_sorted_by_key(rank), "{phases:?}");
}

pub(crate) async fn recovery_that_is_stopped_between_two_images_is_finished_by_a_resume() {
    let [app, net] = images();
    let says = Recovery {
        slot_info: true,
        ..Recovery::default()
    };
    let settings = Settings {
        recovery: Some(says),
        ..Settings::default()
    };
    let world = two_cores(Way::Pipe, settings).await;
    let target = world.loader().probe(&world.probe_context()).await.unwrap();
    let record = Record::stopping(Stop::AtByte(app.len() as u64 + 1000));
    let error = load_into(&world, &package(), &record).await.unwrap_err();
    assert!(error.can_resume(), "{error:?}");
    assert!(error.state().contains("other images"), "{}", error.state());
    assert_eq!(world.reader.counters().restarts, 0);
    let began = record.phases.lock().unwrap().clone();
    let before = world.reader.counters().upload_bytes;
    let record = Record::planned_for_and_after(target, &began);
    assert_verified(&load_into(&world, &package(), &record).await.unwrap());
    assert_eq!(
        world.reader.counters().upload_bytes - before,
        net.len() as u64
    );
    assert!(world.reader.memory_of(0, 0) == app && world.reader.memory_of(1, 0) == net);
}

pub(crate) async fn recovery_that_does_not_say_how_it_numbers_its_slots_gets_no_image_of_a_package()
{
    let settings = Settings {
        recovery: Some(Recovery::default()),
        ..Settings::default()
    };
    let world = two_cores(Way::Pipe, settings).await;
    let error = load(&world, &package()).await.unwrap_err();
    assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
    assert!(error.diagnose().why.contains("numbers its slots"));
    assert!(world.reader.counters().changed_nothing());
}
