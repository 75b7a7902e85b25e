//! Records: rows, cuts, foreign text.

use super::*;

fn unit(number: u32, reader: &str) -> UnitRecord {
    let at = |second: i64| Moment::from_millisecond(second * 1000);
    UnitRecord {
        lot: "4711".into(),
        unit: number,
        attempt: 1,
        result: "PASS".into(),
        label: format!("4711-{number}"),
        lane: "A1".into(),
        place: "Hub A, port 1".into(),
        destination: "sim:one".into(),
        reader: reader.into(),
        serial: None,
        from_version: Some("1.0.0".into()),
        to_version: Some("1.1.0".into()),
        image: "puck.bin".into(),
        sha256: "00".into(),
        // As finely as a clock says it.
        began: serde_json::from_str("\"2026-11-29T10:00:00.056897222Z\"").unwrap(),
        ended: at(41),
        seconds: 41.0,
        code: None,
        cause: None,
        state_now: None,
        proof: Some("It runs it.".into()),
        job: None,
        simulated: false,
        warning: None,
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn each_unit_is_one_row_however_often_the_record_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["lot.csv", "lot.jsonl"] {
        let path = folder.path().join(name);
        for _ in 0..2 {
            let mut record = RecordFile::open(&path).unwrap();
            record.append_new(&unit(1, "Gate")).unwrap();
            record.append_new(&unit(1, "Gate")).unwrap();
            record.append_new(&unit(2, "Gate")).unwrap();
        }
        let rows = if name.ends_with("csv") { 3 } else { 2 };
        assert_eq!(read(&path).lines().count(), rows, "{name}");
    }
}

#[test]
fn half_a_row_at_the_end_is_dropped_and_written_again_at_every_length() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["lot.csv", "lot.jsonl"] {
        let path = folder.path().join(name);
        let fill = || {
            let mut record = RecordFile::open(&path).unwrap();
            record.append_new(&unit(1, "Gate, \"new\"")).unwrap();
            record.append_new(&unit(2, "Gate")).unwrap();
        };
        fill();
        let whole = read(&path);
        for length in 0..whole.len() {
            std::fs::write(&path, &whole.as_bytes()[..length]).unwrap();
            fill();
            assert_eq!(read(&path), whole, "{name} cut at {length}");
        }
    }
}

#[test]
fn a_file_with_something_else_in_it_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("notes.csv", "name,colour\nGate,red\n"),
        ("half.csv", "my notes"),
        ("notes.jsonl", "{\"name\":\"Gate\"}\n"),
        ("half.jsonl", "my notes"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let refusal = RecordFile::open(&path).unwrap_err();
        assert!(refusal.what_happened.contains(name), "{refusal:?}");
        assert_eq!(read(&path), text);
    }
}

#[test]
fn a_record_that_two_homes_append_to_has_the_units_of_both() {
    let folder = tempfile::tempdir().unwrap();
    let second = UnitRecord {
        began: Moment::from_millisecond(7_000),
        ..unit(1, "Door, \"old\"")
    };
    for name in ["lot.csv", "lot.jsonl"] {
        let path = folder.path().join(name);
        for unit in [&unit(1, "Gate, \"new\""), &second, &second] {
            RecordFile::open(&path).unwrap().append_new(unit).unwrap();
        }
        let rows = if name.ends_with("csv") { 3 } else { 2 };
        assert_eq!(read(&path).lines().count(), rows, "{name}");
    }
}

#[test]
fn a_unit_that_could_not_be_written_is_written_in_front_of_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lot.csv");
    let mut record = RecordFile::open(&path).unwrap();
    let writable = std::mem::replace(&mut record.file, File::open(&path).unwrap());
    record.append_new(&unit(1, "Gate")).unwrap_err();
    record.append_new(&unit(2, "Gate")).unwrap_err();
    record.file = writable;
    record.append_new(&unit(3, "Gate")).unwrap();
    let text = read(&path);
    let units = text.lines().skip(1).map(|line| cells(line).swap_remove(1));
    assert_eq!(units.collect::<Vec<_>>(), ["1", "2", "3"]);
}

#[cfg(unix)]
#[test]
fn a_record_has_one_bench_that_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lot.csv");
    let first = RecordFile::open(&path).unwrap();
    let second = RecordFile::open(&path).unwrap_err();
    assert!(second.what_happened.contains("Another bench"), "{second:?}");
    first.release();
    RecordFile::open(&path).unwrap();
}

// A device has no end, and a pipe no beginning.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_and_neither_read_nor_waited_for() {
    for path in ["/dev/zero", "/dev/null", "/dev", "/dev/ptmx"] {
        let refused = RecordFile::open(Path::new(path)).unwrap_err();
        assert!(refused.what_happened.contains("is no file"), "{refused:?}");
    }
}

#[test]
fn foreign_text_is_one_cell_and_no_formula() {
    assert_eq!(cell("Gate 7"), "Gate 7");
    assert_eq!(cell("a,b"), "\"a,b\"");
    assert_eq!(cell("5\" reader"), "\"5\"\" reader\"");
    assert_eq!(cell("=1+1"), "'=1+1");
    assert_eq!(cell("-1,2"), "\"'-1,2\"");
    assert_eq!(cell("two\nlines"), "two lines");
}

#[test]
fn every_field_of_a_record_is_a_column() {
    let value = serde_json::to_value(unit(1, "Gate")).unwrap();
    let mut fields: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut columns = COLUMNS.to_vec();
    fields.sort_unstable();
    columns.sort_unstable();
    assert_eq!(fields, columns);
}
