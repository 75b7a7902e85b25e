//! What was done stays done: over a restart of the program, and for a chip that is known.

use firmdrop_api::{BenchSetup, LaneState};
use firmdrop_simulator::reader::Settings;

use super::world::{World, lane, reader, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_lot_goes_on_after_a_restart_with_its_counters_and_knows_what_was_done() {
    let world = World::with(vec![
        reader(Settings {
            serial: Some("A".into()),
            ..Settings::default()
        }),
        reader(Settings {
            serial: Some("B".into()),
            ..Settings::default()
        }),
    ]);
    world.readers[1].pull_the_plug();
    let bench = world.firmdrop.open_bench(world.setup()).await.unwrap();
    bench.arm().await.unwrap();
    until(&bench, "a pass", |view| view.counts.pass == 1).await;
    world.firmdrop.close_bench().unwrap();

    let world = world.opened_again();
    let bench = world.firmdrop.open_bench(world.setup()).await.unwrap();
    assert_eq!(bench.view().counts.pass, 1);
    assert!(!bench.view().armed, "it is off after a restart");
    bench.arm().await.unwrap();
    let view = until(&bench, "a skip", |view| {
        lane(view, "1").state == LaneState::Skip
    })
    .await;
    assert_eq!(
        lane(&view, "1").why.as_deref(),
        Some("Already done: unit 1")
    );
    world.readers[1].plug_in();
    let view = until(&bench, "the next unit", |view| view.counts.pass == 2).await;
    assert_eq!(lane(&view, "2").unit, Some(2));
    assert_eq!(world.rows().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_lost_rows_gets_them_back_when_the_lot_is_opened() {
    let world = World::of(2);
    let bench = world.firmdrop.open_bench(world.setup()).await.unwrap();
    bench.arm().await.unwrap();
    until(&bench, "the end of all lanes", |view| view.done).await;
    world.firmdrop.close_bench().unwrap();
    let rows = world.rows();
    // Killed between the log of the lot and the record, in the middle of a row.
    let text = std::fs::read_to_string(world.path("record.csv")).unwrap();
    let cut = text.trim_end().rfind('\n').unwrap() + 20;
    std::fs::write(world.path("record.csv"), &text[..cut]).unwrap();
    let world = world.opened_again();
    world.firmdrop.open_bench(world.setup()).await.unwrap();
    assert_eq!(world.rows(), rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_taught_by_plugging_in_and_are_stored() {
    let world = World::of(2);
    for reader in &world.readers {
        reader.pull_the_plug();
    }
    let mut setup = world.setup();
    for lane in &mut setup.lanes {
        lane.place = None;
    }
    let bench = world.firmdrop.open_bench(setup.clone()).await.unwrap();
    assert!(
        bench.arm().await.is_err(),
        "a lane without a place never writes"
    );
    bench.teach().await.unwrap();
    // The second reader first: lane 1 is where it was plugged in.
    for (number, lane_name) in [(2, "1"), (1, "2")] {
        until(&bench, "the lane that is asked for", |view| {
            view.teaching.as_deref() == Some(lane_name)
        })
        .await;
        world.readers[number - 1].plug_in();
        until(&bench, "a lane that learned", |view| {
            lane(view, lane_name).state != LaneState::NotTaught
        })
        .await;
    }
    let view = until(&bench, "the end of teaching", |view| {
        view.teaching.is_none()
    })
    .await;
    let places: Vec<_> = view
        .setup
        .lanes
        .iter()
        .map(|lane| lane.place.clone())
        .collect();
    assert_eq!(places, [Some("sim:2".to_owned()), Some("sim:1".to_owned())]);
    assert_eq!(
        world.firmdrop.bench_setup(),
        BenchSetup {
            ..view.setup.clone()
        }
    );
    for reader in &world.readers {
        assert!(reader.counters().changed_nothing());
    }
}
