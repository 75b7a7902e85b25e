//! What programs of others say of a file, each asked for the formats it reads.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use firmdrop_image::{Format, Inspection};
use serde_json::Value;

use super::File;
use crate::outside::{self, Outside};

/// One program's answer.
pub(crate) enum Said {
    /// It refuses the file, with its words.
    Refused(String),
    /// It takes the file and says no more that could be compared.
    Accepted,
    /// Where its bytes belong: start and length, in the order of the addresses.
    Segments(Vec<(u64, u64)>),
    /// Bytes from the first address to the last.
    Span(u64),
}

/// Programs, and what those said that were asked for all files at once.
pub(crate) struct Tools<'a> {
    outside: &'a Outside,
    read: HashMap<PathBuf, Value>,
}

/// Bytes that `objcopy` may write for a file whose parts lie far apart.
const WIDEST: u64 = 16 << 20;

impl<'a> Tools<'a> {
    /// Asks Python's readers, once for all text files.
    pub(crate) fn new(outside: &'a Outside, files: &[File]) -> Self {
        let is_text = |path: &Path| {
            let bytes = std::fs::read(path).unwrap();
            bytes.starts_with(b":") || bytes.starts_with(b"S0")
        };
        let paths: Vec<PathBuf> = files
            .iter()
            .map(|file| file.path.clone())
            .filter(|path| is_text(path))
            .collect();
        let script = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../tests/real_firmware/agreement/readers.py");
        let mut arguments = vec![script];
        arguments.extend(paths.clone());
        let answers = outside::run(&outside::python_program("python"), arguments);
        let answers = answers
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        Self {
            outside,
            read: paths.into_iter().zip(answers).collect(),
        }
    }

    /// What each program that knows the format says.
    pub(crate) fn ask(&mut self, found: &Inspection, path: &Path) -> Vec<(&'static str, Said)> {
        let file = path.to_str().unwrap();
        match found.format {
            Format::IntelHex => {
                let mut said = vec![
                    ("srec_info", srec_info(path, "-intel")),
                    ("objcopy", self.objcopy(found, file, "ihex")),
                    ("fwupdtool", fwupdtool(file, "ihex")),
                ];
                said.extend(self.python(path));
                said
            }
            Format::SRecord => {
                let mut said = vec![
                    ("srec_info", srec_info(path, "-motorola")),
                    ("objcopy", self.objcopy(found, file, "srec")),
                    ("fwupdtool", fwupdtool(file, "srec")),
                ];
                said.extend(
                    self.python(path)
                        .into_iter()
                        .filter(|(tool, _)| *tool == "bincopy"),
                );
                said
            }
            Format::Dfu => vec![
                ("dfu-suffix", accepts("dfu-suffix", &["--check", file])),
                ("fwupdtool", fwupdtool(file, "dfu")),
            ],
            Format::Elf => vec![
                ("readelf", Said::Segments(outside::readelf(path).segments)),
                ("fwupdtool", fwupdtool(file, "elf")),
            ],
            Format::Compressed => vec![("gzip", accepts("gzip", &["--test", file]))],
            Format::Archive if found.summary.contains("abinet") => vec![
                (
                    "cabextract",
                    accepts("cabextract", &["--test", "--quiet", file]),
                ),
                ("fwupdtool", fwupdtool(file, "cabinet")),
            ],
            Format::Archive | Format::NordicPackage | Format::McumgrPackage => {
                let python = outside::python_program("python");
                let test = ["-m", "zipfile", "--test", file];
                vec![("zipfile", accepts(&python, &test))]
            }
            Format::Named if found.summary.starts_with("PCI option ROM") => {
                vec![("fwupdtool", fwupdtool(file, "oprom"))]
            }
            _ => Vec::new(),
        }
    }

    /// How much `objcopy` writes when all of it is to be one run of bytes.
    fn objcopy(&self, found: &Inspection, file: &str, format: &str) -> Said {
        let made = self.outside.path("binary");
        let addresses = || found.segments.iter().filter_map(|segment| segment.address);
        let (first, last) = (addresses().min(), addresses().max());
        let is_wide = last.unwrap_or_default() - first.unwrap_or_default() > WIDEST;
        let output = if is_wide { "srec" } else { "binary" };
        let arguments = ["-I", format, "-O", output, file, made.to_str().unwrap()];
        match accepts("objcopy", &arguments) {
            Said::Accepted if !is_wide => Said::Span(std::fs::metadata(&made).unwrap().len()),
            said => said,
        }
    }

    fn python(&self, path: &Path) -> Vec<(&'static str, Said)> {
        let Some(answer) = self.read.get(path) else {
            return Vec::new();
        };
        let said = |tool: &'static str| {
            let answer = &answer[tool];
            let said = answer["error"].as_str().map_or_else(
                || Said::Segments(segments(&answer["segments"])),
                |error| Said::Refused(error.to_owned()),
            );
            (tool, said)
        };
        ["intelhex", "bincopy"].map(said).into()
    }
}

fn segments(list: &Value) -> Vec<(u64, u64)> {
    let pairs = list.as_array().unwrap().iter();
    let mut pairs: Vec<_> = pairs
        .map(|pair| (pair[0].as_u64().unwrap(), pair[1].as_u64().unwrap()))
        .collect();
    pairs.sort_unstable();
    pairs
}

fn accepts(program: &str, arguments: &[&str]) -> Said {
    match outside::refusal(program, arguments) {
        None => Said::Accepted,
        Some(why) => Said::Refused(why),
    }
}

fn fwupdtool(file: &str, kind: &str) -> Said {
    accepts("fwupdtool", &["firmware-parse", file, kind])
}

fn srec_info(path: &Path, format: &str) -> Said {
    match accepts("srec_info", &[path.to_str().unwrap(), format]) {
        Said::Accepted => Said::Segments(outside::srec_info(path, format).segments),
        refused => refused,
    }
}
