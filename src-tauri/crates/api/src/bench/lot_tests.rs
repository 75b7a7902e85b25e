//! Logs of lots: opened again, cut, locked.

use super::*;

fn image(name: &str) -> LotImage {
    LotImage {
        name: name.into(),
        sha256: Sha256::of(name.as_bytes()),
        version: Some("1.1.0".into()),
    }
}

fn open(folder: &Path) -> Lot {
    Lot::open(folder, "4711", image("puck.bin"), None).unwrap()
}

fn begun(unit: u32, attempt: u32, chip: Option<&str>) -> Begun {
    Begun {
        unit,
        attempt,
        lane: "A1".into(),
        place: "usb:1-1".into(),
        place_name: "Hub A".into(),
        destination: "sim:one".into(),
        reader: "Gate".into(),
        serial: chip.map(str::to_owned),
        chip: chip.map(str::to_owned),
        same_serial_as: Vec::new(),
        from_version: None,
        simulated: true,
        at: at(0),
        job: Some(JobId::new()),
        insertion: 0,
    }
}

fn at(second: i64) -> Moment {
    Moment::from_millisecond(second * 1000)
}

/// A lot with a unit that passed, one that failed, and one that has not ended.
fn three_units(folder: &Path) {
    let mut lot = open(folder);
    for (unit, result) in [(1, UnitResult::Pass), (2, UnitResult::Fail)] {
        let begun = begun(unit, 1, Some(if unit == 1 { "A" } else { "B" }));
        lot.begin(begun.clone()).unwrap();
        lot.end(&begun, result, RecordDetails::default(), at(40))
            .unwrap();
    }
    lot.begin(begun(3, 1, None)).unwrap();
}

#[test]
fn a_lot_that_is_opened_again_knows_what_ended_what_did_not_and_which_chip_passed() {
    let folder = tempfile::tempdir().unwrap();
    three_units(folder.path());
    let mut lot = open(folder.path());
    let counts = lot.counts(None, at(60));
    assert_eq!((counts.pass, counts.fail), (1, 1));
    let unfinished: Vec<u32> = lot.unfinished().iter().map(|begun| begun.unit).collect();
    assert_eq!(unfinished, [3]);
    assert_eq!((lot.passed("A"), lot.passed("B")), (Some(1), None));
    assert_eq!(lot.number(None), (4, 1));
    assert_eq!(lot.number(Some((2, 1))), (2, 2));
}

#[test]
fn a_log_that_was_cut_anywhere_opens_with_the_lines_that_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    three_units(folder.path());
    let path = folder.path().join("4711.jsonl");
    let whole = std::fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(7) {
        std::fs::write(&path, &whole[..length]).unwrap();
        let lot = open(folder.path());
        let counts = lot.counts(None, at(60));
        let lines = whole[..length].split(|byte| *byte == b'\n').count() - 1;
        let expected = [(0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (1, 1)][lines];
        assert_eq!((counts.pass, counts.fail), expected, "cut at {length}");
        drop(lot);
        // What was opened once opens again.
        open(folder.path());
    }
}

#[test]
fn a_log_that_is_too_large_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    three_units(folder.path());
    let file = File::options()
        .write(true)
        .open(folder.path().join("4711.jsonl"))
        .unwrap();
    file.set_len(LARGEST_BYTES + 1).unwrap();
    let refused = Lot::open(folder.path(), "4711", image("puck.bin"), None).unwrap_err();
    assert!(refused.why.contains("more than"), "{refused:?}");
    assert_eq!(file.metadata().unwrap().len(), LARGEST_BYTES + 1);
}

#[test]
fn a_lot_is_of_one_image() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let other = Lot::open(folder.path(), "4711", image("other.bin"), None).unwrap_err();
    assert!(other.why.contains("puck.bin"), "{other:?}");
}

#[test]
fn a_lot_is_open_once_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let second = Lot::open(folder.path(), "4711", image("puck.bin"), None);
    assert!(
        second
            .unwrap_err()
            .what_happened
            .contains("another Firmdrop")
    );
    drop(first);
    open(folder.path());
}

#[test]
fn a_record_that_begins_late_gets_the_units_that_ended_before() {
    let folder = tempfile::tempdir().unwrap();
    three_units(folder.path());
    let path = folder.path().join("record.csv");
    let mut lot = open(folder.path());
    lot.write_record(&path).unwrap();
    let last = lot.unfinished().remove(0);
    lot.end(&last, UnitResult::Pass, RecordDetails::default(), at(80))
        .unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let results = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(3).unwrap());
    assert_eq!(results.collect::<Vec<_>>(), ["PASS", "FAIL", "PASS"]);
}

#[test]
fn a_label_is_made_by_the_template_or_of_lot_and_unit() {
    let folder = tempfile::tempdir().unwrap();
    let unit = begun(7, 1, Some("X"));
    assert_eq!(open(folder.path()).label(&unit, at(0)), "4711-7");
    let template = Label::parse("{date}/{serial}").unwrap();
    let lot = Lot::open(folder.path(), "4711", image("puck.bin"), Some(template)).unwrap();
    assert_eq!(lot.label(&unit, at(0)), "1970-01-01/X");
}

#[test]
fn a_serial_number_that_two_readers_reported_makes_no_reader_a_done_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut lot = open(folder.path());
    let first = begun(1, 1, Some("X"));
    lot.begin(first.clone()).unwrap();
    lot.end(&first, UnitResult::Pass, RecordDetails::default(), at(1))
        .unwrap();
    assert_eq!(lot.passed("X"), Some(1));
    // Another lane reports the number too: it is nobody's any more.
    let second = Begun {
        serial: Some("X".into()),
        same_serial_as: vec!["A1".into()],
        ..begun(2, 1, None)
    };
    lot.begin(second.clone()).unwrap();
    assert_eq!(lot.passed("X"), None);
    let record = lot
        .end(&second, UnitResult::Pass, RecordDetails::default(), at(2))
        .unwrap();
    assert!(record.warning.unwrap().contains("lane A1"));
    drop(lot);
    assert_eq!(open(folder.path()).passed("X"), None, "after a restart");
}
