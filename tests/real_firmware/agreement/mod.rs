//! Every file with a firmware's ending in some twenty packages: what the inspection says, and what programs of
//! others say. docs/inspect.md has the table; what they do not agree on is listed here, with the reason.

pub(crate) mod esp;
mod files;
mod tools;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use firmdrop_image::{Format, Inspection, Integrity};

use crate::{look, outside::Outside};
use files::File;
use tools::{Said, Tools};

/// An answer that is not the inspection's, and which is right by the format's specification.
struct Known {
    tool: &'static str,
    /// Part of the file's name.
    file: &'static str,
    /// Part of the answer.
    says: &'static str,
    why: &'static str,
}

const KNOWN: &[Known] = &[
    Known {
        tool: "bincopy",
        file: ".ihx",
        says: "expected type 1..5",
        why: "symbols stand behind the end record, where the file has ended (Intel, 1988, section 3)",
    },
    Known {
        tool: "fwupdtool",
        file: ".ihx",
        says: "invalid address",
        why: "records may stand in any order; it wants rising addresses",
    },
    Known {
        tool: "fwupdtool",
        file: ".hex",
        says: "hole of",
        why: "parts may lie far apart; it fills what lies between",
    },
    Known {
        tool: "fwupdtool",
        file: ".elf",
        says: "ei_class was not valid",
        why: "it reads ELF of 64 bits alone",
    },
    Known {
        tool: "fwupdtool",
        file: ".elf",
        says: "failed to cut",
        why: "a section of the type NOBITS has no bytes in the file (gABI, sections); it looks for them",
    },
    Known {
        tool: "srec_info",
        file: "optiboot_atmega",
        says: "accepts it",
        why: "two records write different values to one address; srec_cat refuses the file",
    },
    Known {
        tool: "objcopy",
        file: "optiboot_atmega",
        says: "accepts it",
        why: "the same",
    },
    Known {
        tool: "dfu-suffix",
        file: "hackrf_",
        says: "Valid DFU suffix needed",
        why: "a boot header was put in front of a finished file; the inspection warns",
    },
    Known {
        tool: "fwupdtool",
        file: "hackrf_",
        says: "CRC failed",
        why: "the same",
    },
];

impl Known {
    fn explains(&self, name: &str, tool: &str, what: &str) -> bool {
        self.tool == tool && name.contains(self.file) && what.contains(self.says)
    }
}

/// Agreement of one program over one format.
#[derive(Default)]
struct Row {
    asked: u32,
    agreed: u32,
}

#[test]
fn programs_of_others_agree_with_the_inspection_except_where_the_specification_decides() {
    let outside = Outside::new();
    let files = files::all();
    let mut tools = Tools::new(&outside, &files);
    let mut rows: BTreeMap<(String, &str), Row> = BTreeMap::new();
    let mut packages: BTreeMap<&str, BTreeMap<String, u32>> = BTreeMap::new();
    let mut differences = Vec::new();
    for file in &files {
        let found = look(&file.path);
        let name = file.path.file_name().unwrap().to_str().unwrap();
        let kind = title(&found);
        let integrity = found.integrity().words();
        let counts = packages.entry(&file.package).or_default();
        *counts.entry(format!("{kind}, {integrity}")).or_default() += 1;
        for (tool, said) in tools.ask(&found, &file.path) {
            let row = rows.entry((kind.clone(), tool)).or_default();
            row.asked += 1;
            match difference(&found, &said) {
                None => row.agreed += 1,
                Some(what) => differences.push((name.to_owned(), tool, what)),
            }
        }
    }
    report(&rows, &packages, &differences);
    let unexplained: Vec<_> = differences
        .iter()
        .filter(|(name, tool, what)| !KNOWN.iter().any(|known| known.explains(name, tool, what)))
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    let asked: u32 = rows.values().map(|row| row.asked).sum();
    assert!(asked > 300, "only {asked} answers");
}

fn title(found: &Inspection) -> String {
    match found.format {
        Format::Archive | Format::Compressed | Format::Named => {
            let start = found.summary.split([',', ':']).next().unwrap();
            start.split(" for ").next().unwrap().to_owned()
        }
        format => format.title().to_owned(),
    }
}

/// What is different between the inspection and what a program said, in words.
fn difference(found: &Inspection, said: &Said) -> Option<String> {
    let is_whole = found.integrity() != Integrity::Damaged;
    match said {
        Said::Refused(why) if is_whole => Some(format!("refuses it: {why}")),
        Said::Refused(_) => None,
        _ if !is_whole => Some("accepts it".to_owned()),
        Said::Accepted => None,
        Said::Segments(theirs) => {
            let mut ours: Vec<(u64, u64)> = found
                .segments
                .iter()
                .map(|segment| (segment.address.unwrap_or_default(), segment.length_bytes))
                .collect();
            ours.sort_unstable();
            (ours != *theirs).then(|| format!("has segments {theirs:X?}, not {ours:X?}"))
        }
        Said::Span(theirs) => {
            let start = found
                .segments
                .iter()
                .filter_map(|segment| segment.address)
                .min();
            let ends = found.segments.iter();
            let end = ends
                .filter_map(|segment| Some(segment.address? + segment.length_bytes))
                .max();
            let ours = end.unwrap_or_default() - start.unwrap_or_default();
            (ours != *theirs).then(|| format!("writes {theirs} bytes, not {ours}"))
        }
    }
}

/// Writes the table below the target folder, for whoever writes the documents.
fn report(
    rows: &BTreeMap<(String, &str), Row>,
    packages: &BTreeMap<&str, BTreeMap<String, u32>>,
    differences: &[(String, &str, String)],
) {
    let mut text =
        String::from("| format | program | files | agree |\n| --- | --- | --- | --- |\n");
    for ((kind, tool), row) in rows {
        writeln!(
            text,
            "| {kind} | `{tool}` | {} | {} |",
            row.asked, row.agreed
        )
        .unwrap();
    }
    text.push('\n');
    for (package, counts) in packages {
        writeln!(text, "| {package} | {counts:?} |").unwrap();
    }
    text.push('\n');
    for (name, tool, what) in differences {
        let known = KNOWN.iter().find(|known| known.explains(name, tool, what));
        let why = known.map_or("", |known| known.why);
        writeln!(text, "| {name} | `{tool}` {what} | {why} |").unwrap();
    }
    std::fs::write(files::report(), text).unwrap();
}
