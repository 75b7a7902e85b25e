//! The payload of real firmware, compared with what independent tools take out of it.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use firmdrop_image::{Integrity, MemorySource, Payload, inspect, payload};

use super::outside::{self, Outside, installed};

fn open(path: &Path) -> Payload {
    let source = Arc::new(MemorySource::new(std::fs::read(path).unwrap()));
    let inspection = inspect(source.as_ref()).unwrap();
    payload(source, &inspection, None).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn bytes(payload: &Payload, segment: usize) -> Vec<u8> {
    let mut all = Vec::new();
    let ended = payload.stream(segment, 0, &mut |piece| {
        all.extend_from_slice(piece);
        ControlFlow::Continue(())
    });
    assert_eq!(ended.unwrap(), ControlFlow::Continue(()));
    all
}

fn is_sound(path: &Path) -> bool {
    let source = MemorySource::new(std::fs::read(path).unwrap());
    inspect(&source).unwrap().integrity() == Integrity::Intact
}

#[test]
fn each_segment_of_a_hex_file_has_the_bytes_that_srec_cat_takes_from_it() {
    let outside = Outside::new();
    let mut compared = 0;
    for file in installed(&["hex", "ihex"]) {
        if !is_sound(&file) {
            continue;
        }
        let payload = open(&file);
        for (number, segment) in payload.segments().iter().enumerate() {
            let begin = segment.address.unwrap();
            let end = begin + segment.length_bytes;
            let cut = outside.path("segment");
            let [begin, end, back] = [
                format!("{begin:#x}"),
                format!("{end:#x}"),
                format!("-{begin:#x}"),
            ];
            outside::run(
                "srec_cat",
                [
                    file.to_str().unwrap(),
                    "-intel",
                    "-crop",
                    &begin,
                    &end,
                    "-offset",
                    &back,
                    "-o",
                    cut.to_str().unwrap(),
                    "-binary",
                ],
            );
            let same = bytes(&payload, number) == std::fs::read(&cut).unwrap();
            assert!(same, "{} at {begin}", file.display());
            compared += 1;
        }
    }
    assert!(compared > 15, "only {compared} segments");
}

#[test]
fn what_objcopy_made_into_records_comes_out_as_it_was() {
    let outside = Outside::new();
    for file in installed(&["bin"]) {
        let original = std::fs::read(&file).unwrap();
        for target in ["ihex", "srec"] {
            let made = outside.path(target);
            let arguments = [
                "-I",
                "binary",
                "-O",
                target,
                "--change-addresses=0x08004000",
            ];
            outside::convert("objcopy", &arguments, &file, &made);
            let payload = open(&made);
            assert_eq!(payload.segments().len(), 1);
            assert!(bytes(&payload, 0) == original, "{}", file.display());
        }
    }
}

#[test]
fn loaded_segments_of_elf_files_have_the_bytes_readelf_points_at() {
    for file in installed(&["elf"]) {
        let whole = std::fs::read(&file).unwrap();
        let payload = open(&file);
        let expected = outside::loads(&file);
        let found: Vec<_> = payload.segments().iter().enumerate().collect();
        assert_eq!(found.len(), expected.len(), "{}", file.display());
        for ((number, segment), (address, offset, length)) in found.into_iter().zip(expected) {
            assert_eq!(segment.address, Some(address), "{}", file.display());
            let place = usize::try_from(offset).unwrap();
            let length = usize::try_from(length).unwrap();
            assert!(bytes(&payload, number) == whole[place..place + length]);
        }
    }
}

#[test]
fn the_payload_of_a_dfu_file_is_what_stands_before_its_suffix() {
    for file in installed(&["dfu"]) {
        let whole = std::fs::read(&file).unwrap();
        assert!(bytes(&open(&file), 0) == whole[..whole.len() - 16]);
    }
}
