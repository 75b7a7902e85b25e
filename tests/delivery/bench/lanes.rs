//! Many lanes at once, with what goes wrong on a bench.

use std::time::Duration;

use firmdrop_api::{BenchSetup, LaneState};
use firmdrop_simulator::reader::{Faults, Settings};

use super::world::{World, lane, reader, states, until};

/// The lane whose reader is unplugged.
const UNPLUGGED: usize = 5;
/// The lane whose reader refuses.
const REFUSING: usize = 9;
/// What a refusal is answered with. Zephyr, `mgmt_defines.h`, `MGMT_ERR_EBADSTATE`.
const BAD_STATE: i32 = 6;

#[tokio::test(flavor = "multi_thread")]
async fn of_sixteen_lanes_with_two_equal_serials_one_unplugged_and_one_refusing_fourteen_pass() {
    let settings = |number: usize| Settings {
        name: format!("Gate {number}"),
        // Lanes 2 and 3 report one number.
        serial: Some(format!("4E1A{:02}", if number == 3 { 2 } else { number })),
        flash_per_byte: Duration::from_micros(if number == UNPLUGGED { 40 } else { 2 }),
        ..Settings::default()
    };
    let world = World::with((1..=16).map(|number| reader(settings(number))).collect());
    world.readers[REFUSING - 1].set_faults(Faults {
        refuses_uploads: Some(BAD_STATE),
        ..Faults::default()
    });
    let bench = world.firmdrop.open_bench(world.setup()).await.unwrap();
    bench.arm().await.unwrap();
    let unplugged = UNPLUGGED.to_string();
    until(&bench, "a lane in the middle of its write", |view| {
        lane(view, &unplugged).progress.confirmed_bytes > 0
    })
    .await;
    world.readers[UNPLUGGED - 1].pull_the_plug();
    let view = until(&bench, "the end of all lanes", |view| view.done).await;

    let fails: Vec<&str> = view
        .lanes
        .iter()
        .filter(|lane| lane.state != LaneState::Pass)
        .map(|lane| lane.name.as_str())
        .collect();
    assert_eq!(fails, ["5", "9"], "{:#?}", states(&view));
    let code = |name: &str| {
        let diagnosis = lane(&view, name).diagnosis.as_ref().unwrap();
        (diagnosis.code.to_string(), diagnosis.what_happened.clone())
    };
    assert!(
        ["FD-301", "FD-304"].contains(&code("5").0.as_str()),
        "{:?}",
        code("5")
    );
    assert_eq!(code("9").0, "FD-307", "{:?}", code("9"));
    assert_eq!(lane(&view, "2").same_serial_as, ["3"]);
    assert_eq!(lane(&view, "3").same_serial_as, ["2"]);
    assert_eq!((view.counts.pass, view.counts.fail), (14, 2));
    for number in 1..=16 {
        let is_loaded = ![UNPLUGGED, REFUSING].contains(&number);
        assert_eq!(world.is_loaded(number), is_loaded, "reader {number}");
    }

    // One record for each unit, each with its own lane and cause.
    let rows = world.rows();
    assert_eq!(rows.len(), 16);
    let mut units: Vec<u32> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
    units.sort_unstable();
    assert_eq!(units, (1..=16).collect::<Vec<_>>());
    for row in &rows {
        let number: usize = row[5].parse().unwrap();
        let expected = match number {
            UNPLUGGED | REFUSING => "FAIL",
            _ => "PASS",
        };
        assert_eq!(row[3], expected, "{row:?}");
        assert_eq!(row[7], format!("sim:{number}"), "{row:?}");
        assert_eq!(row[8], format!("Gate {number}"), "{row:?}");
        assert_eq!(
            (row[10].as_str(), row[11].as_str()),
            ("1.0.0", "1.1.0+0"),
            "{row:?}"
        );
    }
    assert_only_2_and_3_are_warned_of(&rows);
    let refused = rows.iter().find(|row| row[5] == "9").unwrap();
    assert!(refused.contains(&"FD-307".to_owned()), "{refused:?}");

    // Every unit was an ordinary job, in its own lane of one batch.
    let jobs = world.firmdrop.jobs(100).unwrap();
    let mut lanes: Vec<u32> = jobs
        .iter()
        .map(|job| job.lane.clone().unwrap().number)
        .collect();
    lanes.sort_unstable();
    assert_eq!(lanes, (1..=16).collect::<Vec<_>>());
}

/// Both of the equal numbers passed, and each names the other.
fn assert_only_2_and_3_are_warned_of(rows: &[Vec<String>]) {
    for row in rows {
        let other = match row[5].as_str() {
            "2" => "lane 3;",
            "3" => "lane 2;",
            _ => "",
        };
        let warning = row.last().unwrap();
        assert_eq!(warning.is_empty(), other.is_empty(), "{row:?}");
        assert!(warning.contains(other), "{row:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_plugged_in_is_written_and_its_lane_is_free_when_it_is_taken_out() {
    let world = World::of(2);
    world.readers[1].pull_the_plug();
    let bench = world.firmdrop.open_bench(world.setup()).await.unwrap();
    bench.arm().await.unwrap();
    let view = until(&bench, "a pass", |view| {
        lane(view, "1").state == LaneState::Pass
    })
    .await;
    assert_eq!(lane(&view, "2").state, LaneState::Empty);
    world.readers[1].plug_in();
    until(&bench, "another", |view| {
        lane(view, "2").state == LaneState::Pass
    })
    .await;
    world.readers[0].pull_the_plug();
    until(&bench, "an empty lane", |view| {
        lane(view, "1").state == LaneState::Empty
    })
    .await;
    // The one that was done comes back: it says what it runs, and is not written again.
    world.readers[0].plug_in();
    let view = until(&bench, "a skip", |view| {
        lane(view, "1").state == LaneState::Skip
    })
    .await;
    assert_eq!(lane(&view, "1").why.as_deref(), Some("Already on 1.1.0"));
    assert_eq!((view.counts.done, world.rows().len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_stops_after_the_fails_that_were_allowed_and_failed_units_are_tried_again() {
    let world = World::of(3);
    for reader in &world.readers[..2] {
        reader.set_faults(Faults {
            refuses_uploads: Some(BAD_STATE),
            ..Faults::default()
        });
    }
    world.readers[2].pull_the_plug();
    let setup = BenchSetup {
        stop_after: Some(2),
        ..world.setup()
    };
    let bench = world.firmdrop.open_bench(setup).await.unwrap();
    bench.arm().await.unwrap();
    let view = until(&bench, "the stop", |view| !view.armed && view.idle).await;
    assert!(view.stopped.is_some());
    world.readers[2].plug_in();
    let view = until(&bench, "a reader that waits", |view| {
        lane(view, "3").present
    })
    .await;
    assert_eq!(lane(&view, "3").state, LaneState::Waiting);
    assert!(
        bench.retry_failed().await.is_err(),
        "nothing is written while disarmed"
    );

    for reader in &world.readers {
        reader.set_faults(Faults::default());
    }
    bench.arm().await.unwrap();
    bench.retry_failed().await.unwrap();
    let view = until(&bench, "three passes", |view| view.counts.pass == 3).await;
    assert_eq!(view.counts.fail, 0, "a unit counts by its last try");
    let tries: Vec<(String, String)> = world
        .rows()
        .iter()
        .map(|row| (row[1].clone(), row[2].clone()))
        .collect();
    for again in [("1", "2"), ("2", "2")] {
        assert!(
            tries.contains(&(again.0.into(), again.1.into())),
            "{tries:?}"
        );
    }
}
