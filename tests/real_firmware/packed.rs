//! What `xz`, `zstd` and `gcab` packed, unpacked here; and whether `xz`, `zstd` and `cabextract` find damage
//! where the inspection does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use firmdrop_image::{Format, Integrity, MemorySource, Source, inspect, part_bytes};

use crate::outside::{Outside, installed, run, tries};

/// One way to pack a file, and the program that says whether the result is whole.
struct Way {
    ending: &'static str,
    pack: fn(&Path, &Path),
    whole: fn(&str) -> bool,
}

fn through(program: &str, options: &[&str], from: &Path, to: &Path) {
    let copy = to.with_extension("");
    std::fs::copy(from, &copy).unwrap();
    run(program, [options, &[copy.to_str().unwrap()]].concat());
    let made = to.parent().unwrap().join(to.file_name().unwrap());
    assert!(made.exists(), "{program} made no {}", made.display());
}

fn xz(level: &'static str, check: &'static str, from: &Path, to: &Path) {
    through("xz", &["--force", level, check], from, to);
}

fn zstd(level: &'static str, from: &Path, to: &Path) {
    through("zstd", &["--force", "--quiet", "--check", level], from, to);
}

fn gcab(options: &[&str], from: &Path, to: &Path) {
    let arguments = [options, &[to.to_str().unwrap(), from.to_str().unwrap()]].concat();
    run("gcab", arguments);
}

const WAYS: &[Way] = &[
    Way {
        ending: "xz",
        pack: |from, to| xz("-0", "--check=crc32", from, to),
        whole: |file| tries("xz", &["--test", file]),
    },
    Way {
        ending: "xz",
        pack: |from, to| xz("-9", "--check=sha256", from, to),
        whole: |file| tries("xz", &["--test", file]),
    },
    Way {
        ending: "xz",
        pack: |from, to| xz("--block-size=4096", "--check=crc64", from, to),
        whole: |file| tries("xz", &["--test", file]),
    },
    Way {
        ending: "zst",
        pack: |from, to| zstd("-1", from, to),
        whole: |file| tries("zstd", &["--test", "--quiet", file]),
    },
    Way {
        ending: "zst",
        pack: |from, to| zstd("-19", from, to),
        whole: |file| tries("zstd", &["--test", "--quiet", file]),
    },
    Way {
        ending: "cab",
        pack: |from, to| gcab(&["--create", "--nopath"], from, to),
        whole: |file| tries("cabextract", &["--test", "--quiet", file]),
    },
    Way {
        ending: "cab",
        pack: |from, to| gcab(&["--create", "--nopath", "--zip"], from, to),
        whole: |file| tries("cabextract", &["--test", "--quiet", file]),
    },
];

/// Files whose format is known, so that they are parts of what they are packed in.
fn firmware() -> Vec<PathBuf> {
    let files = installed(&["ihex", "elf", "dfu"]);
    assert!(files.len() > 10, "only {} files", files.len());
    files
}

#[test]
fn every_file_that_others_packed_comes_out_as_it_went_in() {
    let outside = Outside::new();
    for file in firmware() {
        for way in WAYS {
            let packed = outside.path(&format!("packed.{}", way.ending));
            let _ = std::fs::remove_file(&packed);
            (way.pack)(&file, &packed);
            let source: Arc<dyn Source> =
                Arc::new(MemorySource::new(std::fs::read(&packed).unwrap()));
            let found = inspect(source.as_ref()).unwrap();
            let format = if way.ending == "cab" {
                Format::Archive
            } else {
                Format::Compressed
            };
            let stated = (found.format, found.integrity(), found.parts.len());
            let expected = (format, Integrity::Intact, 1);
            assert_eq!(stated, expected, "{}: {found:#?}", file.display());
            let taken = part_bytes(&source, &found, 0).unwrap();
            assert!(taken == std::fs::read(&file).unwrap(), "{}", file.display());
        }
    }
}

#[test]
fn xz_zstd_and_cabextract_find_damage_where_the_inspection_does() {
    let outside = Outside::new();
    let file = firmware().remove(0);
    let mut refused = 0;
    for (number, way) in WAYS.iter().enumerate() {
        let packed = outside.path(&format!("whole.{}", way.ending));
        let _ = std::fs::remove_file(&packed);
        (way.pack)(&file, &packed);
        let whole = std::fs::read(&packed).unwrap();
        assert!((way.whole)(packed.to_str().unwrap()));
        let changed = outside.path(&format!("changed.{}", way.ending));
        // Places all over the file, the first and the last bytes among them.
        let spread = (0..40).map(|at| at * whole.len() / 40);
        let ends = (6..24).chain(whole.len() - 20..whole.len());
        for at in spread.chain(ends).filter(|at| *at >= 6) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << ((at + number) % 8);
            std::fs::write(&changed, &bytes).unwrap();
            let theirs = (way.whole)(changed.to_str().unwrap());
            let found = inspect(&MemorySource::new(bytes)).unwrap();
            let ours = found.integrity() == Integrity::Intact;
            // The name of a file in a cabinet, its date and reserved fields have no checksum; programs read
            // some of them and not others.
            if way.ending == "cab" && at < 80 {
                continue;
            }
            assert_eq!(ours, theirs, "{} at {at}: {found:#?}", way.ending);
            refused += u32::from(!ours);
        }
    }
    assert!(refused > 300, "only {refused}");
}
