//! Loads that nothing disturbs, and what is refused before anything is written.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Fit, NoteKind};
use firmdrop_image::Format;
use firmdrop_link::LinkError;
use firmdrop_loader::{LoadError, Loader, Options};
use firmdrop_simulator::reader::{Counters, Settings};

use super::loaded::{assert_loaded, assert_verified};
use super::world::{Way, World, inspection, new_image};
use crate::record::Record;

pub(crate) async fn ends_verified_with_the_readers_memory_identical(way: Way) {
    let world = World::new(way).await;
    let image = new_image(60_000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    let counters = world.reader.counters();
    assert_eq!(counters.upload_bytes, image.len() as u64, "no byte twice");
    assert_eq!(
        counters.dropped, 0,
        "never more in flight than the reader holds"
    );
    assert_eq!(counters.restarts, 1);
}

pub(crate) async fn tells_the_phases_of_the_plan_in_order_and_progress_never_falls(way: Way) {
    let world = World::new(way).await;
    let image = new_image(20_000);
    let record = Arc::new(Record::default());
    let loader = world.loader();
    let plan = loader.plan(&inspection(&image), None, &Options::new());
    let plan = plan.unwrap();
    world.load_into(&image, &record).await.unwrap();
    let planned: Vec<_> = plan.phases.iter().map(|phase| phase.key.clone()).collect();
    assert_eq!(*record.phases.lock().unwrap(), planned);
    let progress = record.progress.lock().unwrap();
    assert!(progress.is_sorted_by_key(|progress| progress.confirmed_bytes));
    let total = image.len() as u64;
    assert!(
        progress
            .iter()
            .all(|now| now.total_bytes == total
                && now.confirmed_bytes + now.in_flight_bytes <= total)
    );
    assert_eq!(progress.last().unwrap().confirmed_bytes, total);
}

/// A later run has to know that bytes may be there, and that the reader may have been restarted. The mark is the
/// first over again, the confirmation the second.
pub(crate) async fn waits_for_the_disk_only_where_a_later_run_would_know_less(way: Way) {
    let world = World::new(way).await;
    let record = Arc::new(Record::default());
    world.load_into(&new_image(20_000), &record).await.unwrap();
    assert_eq!(*record.on_disk.lock().unwrap(), ["upload", "restart"]);
    assert_eq!(
        *record.written.lock().unwrap(),
        ["mark_for_test", "confirm"]
    );
}

pub(crate) async fn writes_nothing_when_the_reader_already_runs_these_bytes(way: Way) {
    let world = World::new(way).await;
    let image = world.reader.memory(0);
    let record = Arc::new(Record::default());
    assert_verified(&world.load_into(&image, &record).await.unwrap());
    assert!(world.reader.counters().changed_nothing());
    assert!(record.has_note(NoteKind::Step));
}

pub(crate) async fn refuses_an_image_of_another_kind_and_touches_nothing(way: Way) {
    let world = World::new(way).await;
    let image = new_image(2000);
    let mut context = world.context(&image, &Arc::default());
    context.inspection.format = Format::Raw;
    context.inspection.image_hash = None;
    let fit = world
        .loader()
        .fit(&context.inspection, None, &Options::new());
    assert!(matches!(fit, Fit::DoesNotFit { .. }));
    let error = world.loader().load(&context).await.unwrap_err();
    assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
    assert_eq!(world.reader.counters(), Counters::default());
}

pub(crate) async fn says_in_words_why_the_reader_refuses_an_image(way: Way) {
    let settings = Settings {
        slot_bytes: 10_000,
        ..Settings::default()
    };
    let world = World::with(way, settings).await;
    let error = world.load(&new_image(20_000)).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::ReaderRefused);
    assert!(
        diagnosis.why.contains("too large for its slot"),
        "{}",
        diagnosis.why
    );
    assert!(diagnosis.state_now.contains("runs its old image"));
}

pub(crate) async fn probing_and_planning_change_nothing(way: Way) {
    let world = World::new(way).await;
    let image = new_image(2000);
    let target = world.loader().probe(&world.probe_context()).await.unwrap();
    assert_eq!(target.version.as_deref(), Some("1.0.0"));
    assert_eq!(target.buffers, Some((384, 4)));
    assert_eq!(target.mode.as_deref(), Some("application"));
    assert_eq!(target.reverts, Some(true));
    assert_eq!(target.slots.len(), 1);
    let inspection = inspection(&image);
    assert_eq!(
        world
            .loader()
            .fit(&inspection, Some(&target), &Options::new()),
        Fit::fits("1.0.0 → 2.0.0+0")
    );
    let plan = world
        .loader()
        .plan(&inspection, Some(&target), &Options::new());
    plan.unwrap();
    assert!(world.reader.counters().changed_nothing());
}

pub(crate) async fn a_reader_is_held_by_one_program_at_a_time(way: Way) {
    let world = World::new(way).await;
    let held = world.open().await.unwrap();
    if way != Way::Network {
        let second = world.open().await;
        assert!(matches!(second, Err(LinkError::Busy { .. })), "{second:?}");
    }
    drop(held);
    world.open().await.unwrap();
}

pub(crate) async fn a_reader_with_one_buffer_gets_one_request_at_a_time(way: Way) {
    let settings = Settings {
        buffers: 1,
        flash_per_byte: Duration::from_micros(1),
        ..Settings::default()
    };
    let world = World::with(way, settings).await;
    let image = new_image(5000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_eq!(world.reader.counters().dropped, 0);
}
