//! The rules of a bench, one by one.

use super::*;
use crate::bench::slot::Reason;

/// A bench of these lanes, each at the place of its name.
fn board(names: &[&str]) -> Board {
    Board::new(&setup(names))
}

fn setup(names: &[&str]) -> BenchSetup {
    let lane = |name: &&str| BenchLane {
        name: (*name).to_owned(),
        place: Some(place(name)),
        ..BenchLane::default()
    };
    BenchSetup {
        lanes: names.iter().map(lane).collect(),
        lot: "4711".into(),
        ..BenchSetup::default()
    }
}

fn place(name: &str) -> String {
    format!("usb:{name}")
}

/// A reader at the place of this lane.
fn reader(lane: &str, serial: Option<&str>) -> Seen {
    Seen {
        place: place(lane),
        place_name: format!("Port {lane}"),
        destination: format!("sim:{lane}"),
        name: format!("Reader at {lane}"),
        serial: serial.map(str::to_owned),
        simulated: true,
    }
}

fn now() -> Moment {
    Moment::from_millisecond(0)
}

fn begun(lane: &str, unit: u32, insertion: u64) -> Box<Begun> {
    Box::new(Begun {
        unit,
        attempt: 1,
        lane: lane.into(),
        place: place(lane),
        place_name: String::new(),
        destination: format!("sim:{lane}"),
        reader: String::new(),
        serial: None,
        chip: None,
        same_serial_as: Vec::new(),
        from_version: None,
        simulated: true,
        at: now(),
        job: None,
        insertion,
    })
}

impl Board {
    /// The unit at a lane ends.
    fn ends(&mut self, lane: usize, result: UnitResult) {
        let slot = self.slot_mut(lane).unwrap();
        let insertion = slot.here.as_ref().map_or(0, |here| here.number);
        slot.stage = Stage::Ended {
            begun: begun(&slot.lane.name.clone(), 1, insertion),
            result,
            at: now(),
            reason: Reason::Says(String::new()),
            acknowledged: false,
        };
        self.count(result);
    }

    /// Lanes that are started now.
    fn started(&mut self) -> Vec<usize> {
        let orders = self.orders(now()).into_iter();
        let lane = |order| match order {
            Order::Start { lane, .. } => lane,
            other => panic!("{other:?}"),
        };
        orders.map(lane).collect()
    }
}

const LONG: Duration = Duration::from_secs(3);
const SHORT: Duration = Duration::from_secs(1);

#[test]
fn nothing_starts_before_the_bench_is_armed_and_what_is_there_starts_then() {
    let mut board = board(&["1", "2"]);
    board.update(&[reader("1", None)], Instant::now());
    assert!(board.started().is_empty());
    board.arm().unwrap();
    assert_eq!(board.started(), [0]);
    assert!(board.started().is_empty(), "started twice");
    board.update(&[reader("1", None), reader("2", None)], Instant::now());
    assert_eq!(board.started(), [1]);
}

#[test]
fn a_reader_at_a_place_of_no_lane_is_left_alone() {
    let mut board = board(&["1"]);
    board.arm().unwrap();
    board.update(&[reader("7", None)], Instant::now());
    assert!(board.started().is_empty());
}

#[test]
fn a_unit_that_ended_is_not_started_again_before_it_was_taken_out() {
    let mut board = board(&["1"]);
    board.arm().unwrap();
    let there = [reader("1", None)];
    let begin = Instant::now();
    board.update(&there, begin);
    assert_eq!(board.started(), [0]);
    board.ends(0, UnitResult::Pass);
    board.update(&there, begin);
    assert!(board.started().is_empty());
    // It starts anew by itself: away for a moment, and back.
    board.update(&[], begin);
    board.update(&there, begin + SHORT);
    assert!(board.started().is_empty());
    // Taken out, and the next one.
    board.update(&[], begin + SHORT);
    board.update(&[], begin + SHORT + LONG);
    assert!(matches!(board.slots()[0].stage, Stage::Empty));
    board.update(&there, begin + SHORT + LONG);
    assert_eq!(board.started(), [0]);
}

#[test]
fn another_serial_number_at_a_place_is_another_reader_however_fast_it_came() {
    let mut board = board(&["1"]);
    board.arm().unwrap();
    let begin = Instant::now();
    board.update(&[reader("1", Some("A"))], begin);
    assert_eq!(board.started(), [0]);
    board.ends(0, UnitResult::Pass);
    board.update(&[reader("1", Some("B"))], begin);
    assert_eq!(board.started(), [0]);
}

#[test]
fn two_readers_with_one_serial_number_are_two_lanes_that_name_each_other() {
    let mut board = board(&["1", "2", "3"]);
    board.arm().unwrap();
    let same = [
        reader("1", Some("X")),
        reader("2", Some("Y")),
        reader("3", Some("X")),
    ];
    board.update(&same, Instant::now());
    let orders = board.orders(now());
    let chips = orders.iter().map(|order| match order {
        Order::Start { reader, .. } => (reader.seen.place.clone(), reader.chip.clone()),
        other => panic!("{other:?}"),
    });
    let chips: Vec<_> = chips.collect();
    // What is not unique identifies nothing.
    let expected = [("1", None), ("2", Some("Y")), ("3", None)];
    let expected = expected.map(|(lane, chip)| (place(lane), chip.map(str::to_owned)));
    assert_eq!(chips, expected);
    assert_eq!(board.slots()[0].same_serial_as, ["3"]);
    assert!(board.slots()[1].same_serial_as.is_empty());
    assert_eq!(board.slots()[2].same_serial_as, ["1"]);
}

#[test]
fn a_reader_that_restarts_during_its_job_is_not_taken_for_another() {
    let mut board = board(&["1"]);
    board.arm().unwrap();
    let begin = Instant::now();
    board.update(&[reader("1", None)], begin);
    assert_eq!(board.started(), [0]);
    board.update(&[], begin);
    board.update(&[], begin + LONG);
    board.update(&[reader("1", None)], begin + LONG + LONG);
    board.ends(0, UnitResult::Pass);
    board.update(&[reader("1", None)], begin + LONG + LONG);
    assert!(board.started().is_empty());
}

#[test]
fn the_line_stops_after_so_many_fails_and_starts_again_when_it_is_armed() {
    let mut board = Board::new(&BenchSetup {
        stop_after: Some(2),
        ..setup(&["1", "2", "3"])
    });
    board.arm().unwrap();
    board.update(&[reader("1", None), reader("2", None)], Instant::now());
    assert_eq!(board.started(), [0, 1]);
    board.ends(0, UnitResult::Fail);
    assert!(board.is_armed());
    board.ends(1, UnitResult::Fail);
    assert!(!board.is_armed() && board.stopped_why().is_some());
    board.update(&[reader("3", None)], Instant::now());
    assert!(board.started().is_empty());
    board.arm().unwrap();
    assert_eq!((board.fails(), board.started()), (0, vec![2]));
}

#[test]
fn a_failed_unit_is_tried_again_as_the_same_unit() {
    let mut board = board(&["1"]);
    board.arm().unwrap();
    board.update(&[reader("1", None)], Instant::now());
    board.started();
    board.ends(0, UnitResult::Pass);
    assert!(board.retry(0).is_err(), "a pass is no failure");
    board.ends(0, UnitResult::Fail);
    board.retry(0).unwrap();
    let orders = board.orders(now());
    assert!(matches!(
        orders[..],
        [Order::Start {
            again: Some((1, 1)),
            ..
        }]
    ));
    board.ends(0, UnitResult::Fail);
    board.disarm(None);
    assert!(board.retry(0).is_err(), "nothing is written while disarmed");
}

#[test]
fn a_failure_that_is_held_lets_nothing_start_before_a_user_has_seen_it() {
    let mut board = Board::new(&BenchSetup {
        holds_fails: true,
        ..setup(&["1"])
    });
    board.arm().unwrap();
    let begin = Instant::now();
    board.update(&[reader("1", None)], begin);
    board.started();
    board.ends(0, UnitResult::Fail);
    // The failed one is taken out, and the next one plugged in.
    board.update(&[], begin);
    board.update(&[], begin + LONG);
    assert!(board.slots()[0].is_unacknowledged_fail());
    board.update(&[reader("1", None)], begin + LONG);
    assert!(board.started().is_empty());
    board.acknowledge(0).unwrap();
    assert_eq!(board.started(), [0]);
}

#[test]
fn an_acknowledged_failure_that_is_still_plugged_in_is_not_written_again() {
    let mut board = board(&["1"]);
    board.arm().unwrap();
    board.update(&[reader("1", None)], Instant::now());
    board.started();
    board.ends(0, UnitResult::Fail);
    board.acknowledge(0).unwrap();
    board.update(&[reader("1", None)], Instant::now());
    assert!(board.started().is_empty());
}

#[test]
fn a_lane_that_carries_out_one_unit_starts_no_second() {
    let mut board = Board::new(&BenchSetup {
        once: true,
        ..setup(&["1"])
    });
    board.arm().unwrap();
    let begin = Instant::now();
    board.update(&[reader("1", Some("A"))], begin);
    assert_eq!(board.started(), [0]);
    board.ends(0, UnitResult::Pass);
    assert!(board.is_done());
    board.update(&[reader("1", Some("B"))], begin);
    assert!(board.started().is_empty());
}

#[test]
fn lanes_learn_the_places_that_appear_in_their_order() {
    let untaught = |name: &str| BenchLane {
        name: name.into(),
        ..BenchLane::default()
    };
    let mut board = Board::new(&BenchSetup {
        lanes: vec![untaught("1"), untaught("2")],
        ..BenchSetup::default()
    });
    assert!(board.arm().is_err(), "no lane has a place");
    let old = reader("old", None);
    board.update(std::slice::from_ref(&old), Instant::now());
    board.teach(std::slice::from_ref(&old)).unwrap();
    let all = |more: &[&str]| {
        let more = more.iter().map(|name| reader(name, None));
        std::iter::once(old.clone()).chain(more).collect::<Vec<_>>()
    };
    assert!(
        !board.update(&all(&[]), Instant::now()),
        "it was there before"
    );
    assert!(board.update(&all(&["b"]), Instant::now()));
    assert_eq!(board.teaches(), Some(1));
    // The same place again teaches nothing.
    assert!(!board.update(&all(&[]), Instant::now()));
    assert!(!board.update(&all(&["b"]), Instant::now()));
    assert!(board.update(&all(&["b", "a"]), Instant::now()));
    assert_eq!(board.teaches(), None);
    let places: Vec<_> = board
        .slots()
        .iter()
        .map(|slot| slot.lane.place.clone())
        .collect();
    assert_eq!(places, [Some(place("b")), Some(place("a"))]);
    // What was there before is taught once it was taken out and plugged in again.
    board.forget(1).unwrap();
    board.teach(&all(&["b", "a"])).unwrap();
    board.update(&[reader("b", None), reader("a", None)], Instant::now());
    assert!(board.update(&all(&["b", "a"]), Instant::now()));
    assert_eq!(board.slots()[1].lane.place, Some(place("old")));
}

#[test]
fn what_is_there_at_the_first_look_is_not_taught_however_early_teaching_began() {
    let mut board = Board::new(&BenchSetup {
        lanes: vec![BenchLane {
            name: "1".into(),
            ..BenchLane::default()
        }],
        ..BenchSetup::default()
    });
    board.teach(&[]).unwrap();
    assert!(!board.update(&[reader("old", None)], Instant::now()));
    let both = [reader("old", None), reader("new", None)];
    assert!(board.update(&both, Instant::now()));
    assert_eq!(board.slots()[0].lane.place, Some(place("new")));
}

#[test]
fn a_job_that_was_left_is_resumed_unless_another_reader_is_there() {
    let left = |chip: Option<&str>| Stage::Unfinished {
        begun: Box::new(Begun {
            chip: chip.map(str::to_owned),
            ..*begun("1", 5, 0)
        }),
        why: String::new(),
    };
    for (chip, serial, is_resumed) in [
        (None, None, true),
        (Some("A"), Some("A"), true),
        (Some("A"), None, true),
        (None, Some("B"), true),
        (Some("A"), Some("B"), false),
    ] {
        let mut board = board(&["1"]);
        board.slot_mut(0).unwrap().stage = left(chip);
        board.update(&[reader("1", serial)], Instant::now());
        assert!(board.orders(now()).is_empty(), "it waits to be armed");
        board.arm().unwrap();
        let orders = board.orders(now());
        let resumed = matches!(orders[..], [Order::Resume { lane: 0, .. }]);
        let abandoned = matches!(orders[..], [Order::Abandon { lane: 0, .. }]);
        assert_eq!(
            (resumed, abandoned),
            (is_resumed, !is_resumed),
            "{chip:?} {serial:?}"
        );
    }
}
