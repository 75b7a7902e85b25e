//! Tests of comparisons.

use super::*;
use crate::format::intel_hex::tests::record;
use crate::format::mcuboot::tests::Build;
use crate::{MemorySource, inspect};
use proptest::prelude::*;

const END: &str = ":00000001FF\n";

fn of(before: impl Into<Vec<u8>>, after: impl Into<Vec<u8>>) -> Comparison {
    let open = |bytes: Vec<u8>| -> (Arc<dyn Source>, Inspection) {
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
        let inspection = inspect(source.as_ref()).unwrap();
        (source, inspection)
    };
    let (before, after) = (open(before.into()), open(after.into()));
    compare((&before.0, &before.1), (&after.0, &after.1)).unwrap()
}

fn change<'a>(found: &'a Comparison, what: &str) -> Option<(Option<&'a str>, Option<&'a str>)> {
    let change = found.changes.iter().find(|change| change.what == what)?;
    Some((change.before.as_deref(), change.after.as_deref()))
}

#[test]
fn a_file_is_the_same_as_itself_and_nothing_more_is_said() {
    let found = of(vec![7; 5000], vec![7; 5000]);
    assert!(found.identical);
    assert!(found.changes.is_empty() && found.regions.is_empty() && found.not_compared.is_empty());
}

#[test]
fn records_are_compared_address_by_address_whatever_their_order_and_format() {
    let before = record(0, 0x100, &[1; 16]) + &record(0, 0x200, &[2; 16]) + END;
    let mut other = [1; 16];
    other[5] = 9;
    // The same region in pieces, another byte, a region that grew, a region that is new.
    let after = record(0, 0x200, &[2; 16])
        + &record(0, 0x210, &[3; 8])
        + &record(0, 0x108, &other[8..])
        + &record(0, 0x100, &other[..8])
        + &record(0, 0x400, &[4; 4])
        + END;
    let found = of(before.clone(), after);
    let regions: Vec<_> = found
        .regions
        .iter()
        .map(|r| {
            (
                r.address,
                r.before_bytes,
                r.after_bytes,
                r.changed_bytes,
                r.first_difference,
            )
        })
        .collect();
    assert_eq!(
        regions,
        [
            (Some(0x100), 16, 16, 1, 0x105),
            (Some(0x200), 16, 24, 0, 0x210),
            (Some(0x400), 0, 4, 0, 0x400)
        ]
    );
    // As S-records nothing differs but the format.
    let found = of(
        before,
        s1(0x100, &[1; 16]) + &s1(0x200, &[2; 16]) + "S9030000FC\n",
    );
    assert!(change(&found, "format").is_some());
    assert_eq!((found.regions.len(), found.same_regions), (0, 2));
}

fn s1(at: u16, data: &[u8]) -> String {
    let mut bytes = vec![u8::try_from(data.len() + 3).unwrap()];
    bytes.extend(at.to_be_bytes());
    bytes.extend(data);
    bytes.push(!bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)));
    format!("S1{}\n", crate::bytes::hex(&bytes).to_uppercase())
}

#[test]
fn versions_facts_and_regions_of_two_images_are_told() {
    let old = Build::default().bytes();
    let new = Build {
        version: (2, 0, 1, 0),
        ..Build::default()
    };
    let found = of(old.clone(), new.bytes());
    assert_eq!(
        change(&found, "version"),
        Some((Some("1.2.3+4"), Some("2.0.1+0")))
    );
    assert!(change(&found, "image hash").is_some());
    let names: Vec<_> = found.regions.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["header", "entries behind the code"]);
    assert_eq!(found.same_regions, 1);
    // The same image as HEX: its bytes are compared by their position.
    let rows: String = old
        .chunks(16)
        .zip(0_u16..)
        .map(|(row, i)| record(0, 0xC000 + i * 16, row))
        .collect();
    let found = of(old, rows + END);
    assert_eq!(
        (found.regions.len(), found.same_regions),
        (0, 1),
        "{found:#?}"
    );
    let said: Vec<_> = found.changes.iter().map(|c| c.what.as_str()).collect();
    assert_eq!(said, ["format", "size"]);
    assert!(found.not_compared.is_empty());
}

#[test]
fn text_of_one_side_is_listed() {
    let text =
        |server: &str| [&[0; 9][..], server.as_bytes(), &[0, 1, 2], b"common text\0"].concat();
    let found = of(text("https://old.example"), text("https://new.example"));
    let strings = found.strings.unwrap();
    assert_eq!(strings.removed, ["https://old.example"]);
    assert_eq!(strings.added, ["https://new.example"]);
}

#[test]
fn what_cannot_be_compared_is_said_with_the_reason() {
    let good = record(0, 0, &[1; 4]) + &record(0, 0x100, &[1; 4]) + END;
    let found = of(good.clone(), record(0, 0, &[2; 4]));
    assert!(found.strings.is_none());
    assert!(
        found.not_compared[0].starts_with("The bytes of the second file: "),
        "{found:#?}"
    );
    assert_eq!(
        change(&found, "integrity"),
        Some((Some("intact"), Some("damaged")))
    );
    // Two places on one side, none on the other.
    let found = of(good, vec![7; 100]);
    assert!(
        found.not_compared[0].contains("at which addresses"),
        "{found:#?}"
    );
}

proptest! {
    #[test]
    fn counted_differences_are_those_of_the_bytes(a in prop::collection::vec(0u8..3, 1..400), b in prop::collection::vec(0u8..3, 1..400)) {
        let found = of(a.clone(), b.clone());
        let changed = a.iter().zip(&b).filter(|(a, b)| a != b).count() as u64;
        prop_assert_eq!(found.regions.iter().map(|r| r.changed_bytes).sum::<u64>(), changed);
        prop_assert_eq!(found.identical, a == b);
    }
}
