//! brltty, which takes USB adapters whose chips are also in Braille displays.

use std::collections::BTreeMap;

use super::access::{PLUG_IN_AGAIN, RELOAD, RULES};
use crate::devices::{Ids, UsbDevice};
use crate::finding::{Finding, FindingState};
use crate::{FileChange, Fix, System};

/// Where rules for devices lie, the folder that counts first: udev(7). A file hides those of its name behind it.
const FOLDERS: [&str; 5] = [
    RULES,
    "/run/udev/rules.d",
    "/usr/local/lib/udev/rules.d",
    "/usr/lib/udev/rules.d",
    "/lib/udev/rules.d",
];

/// A file of brltty's rules.
struct Rules {
    name: String,
    path: String,
    text: String,
}

pub(super) fn check(system: &System, devices: &[UsbDevice]) -> Vec<Finding> {
    let files = rules(system);
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for device in devices {
        let of_device: Vec<_> = files
            .iter()
            .filter(|file| file.text.lines().any(|line| takes(line, device)))
            .collect();
        if of_device.is_empty() || seen.contains(&device.ids) {
            continue;
        }
        seen.push(device.ids);
        found.push(finding(system, device, &of_device));
    }
    if found.is_empty() {
        let what = if files.is_empty() {
            "No brltty rules found."
        } else {
            "brltty takes none of the devices that are plugged in."
        };
        found.push(Finding::new("braille", FindingState::Fine, what));
    }
    found
}

fn rules(system: &System) -> Vec<Rules> {
    let mut by_name = BTreeMap::new();
    for folder in FOLDERS {
        let names = system.root.names(folder).into_iter();
        for name in names.filter(|name| name.contains("brltty") && is_rules(name)) {
            by_name.entry(name).or_insert(folder);
        }
    }
    let files = by_name.into_iter().filter_map(|(name, folder)| {
        let path = format!("{folder}/{name}");
        let text = system.root.text(&path)?;
        Some(Rules { name, path, text })
    });
    files.collect()
}

/// udev(7): a file of rules, by its name.
fn is_rules(name: &str) -> bool {
    std::path::Path::new(name)
        .extension()
        .is_some_and(|end| end == "rules")
}

/// Whether a line of brltty's rules takes a device: `ENV{PRODUCT}=="1a86/7523/*"`, perhaps with texts that the device
/// has to have.
fn takes(line: &str, device: &UsbDevice) -> bool {
    let line = line.trim_start();
    if line.starts_with('#') {
        return false;
    }
    let Ids { vendor, product } = device.ids;
    let is_meant = line.split(',').any(|part| {
        let value = part.trim().strip_prefix("ENV{PRODUCT}==\"");
        // The kernel writes ids without leading zeros.
        value.is_some_and(|value| value.starts_with(&format!("{vendor:x}/{product:x}/")))
    });
    is_meant
        && line.split(", ").all(|part| {
            let of = |kind: &str| part.trim().strip_prefix(kind)?.split_once("}==\"");
            let Some((name, value)) = of("ATTRS{").or_else(|| of("ATTR{")) else {
                return true;
            };
            let said = device.attribute(name).unwrap_or_default();
            let patterns = value.trim_end_matches('"').split('|');
            patterns.into_iter().any(|pattern| matches(pattern, &said))
        })
}

/// Whether a text is what a pattern with stars means.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(head) else {
        return false;
    };
    let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    rest.is_empty() || starts.into_iter().any(|at| matches(rest, &text[at..]))
}

fn finding(system: &System, device: &UsbDevice, files: &[&Rules]) -> Finding {
    let has_port = !device.ports.is_empty();
    let state = if has_port {
        FindingState::Notice
    } else {
        FindingState::Problem
    };
    let why = if has_port {
        "Its rules name these ids. Shortly after the device is plugged in, brltty takes it from its serial port."
    } else {
        "Its rules name these ids, and the device has no serial port: brltty took it, or the device never had one."
    };
    Finding::new(
        format!("braille-{}", device.ids.dashed()),
        state,
        format!("brltty takes {} for a Braille display.", device.shown()),
    )
    .why(why)
    .fixed_by(fix(system, device, files))
}

/// Copies of brltty's files in which the lines for this device are comments. A copy in the first folder counts in the
/// place of the original.
fn fix(system: &System, device: &UsbDevice, files: &[&Rules]) -> Option<Fix> {
    let changes: Vec<_> = files
        .iter()
        .map(|file| {
            let lines = file.text.split_inclusive('\n').map(|line| {
                if takes(line, device) {
                    format!("# no Braille display here: {line}")
                } else {
                    line.to_owned()
                }
            });
            let path = format!("{RULES}/{}", file.name);
            let copy_of = (path != file.path).then(|| file.path.clone());
            FileChange {
                original: copy_of.is_some().then(|| file.text.clone()),
                copy_of,
                ..FileChange::write(system, path, lines.collect())
            }
        })
        .collect();
    let is_new = !changes.is_empty();
    let fix = Fix::new(
        system,
        format!("braille-{}", device.ids.dashed()),
        format!("Keep brltty away from {}", device.ids),
        changes,
        &[RELOAD],
    )
    .effect("A Braille display with exactly these ids is not found any more; all others stay as they are. The copy hides later versions of brltty's own file.")
    .then(PLUG_IN_AGAIN);
    is_new.then_some(fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(folder: &std::path::Path) -> UsbDevice {
        std::fs::write(folder.join("manufacturer"), "Silicon Labs\n").unwrap();
        UsbDevice {
            ids: Ids {
                vendor: 0x0403,
                product: 0x6001,
            },
            name: String::new(),
            folder: folder.to_owned(),
            node: String::new(),
            takes_firmware: false,
            ports: Vec::new(),
        }
    }

    #[test]
    fn a_line_takes_a_device_by_its_ids_and_by_the_texts_that_it_asks_for() {
        let folder = tempfile::tempdir().unwrap();
        let device = device(folder.path());
        let ids = "ENV{PRODUCT}==\"403/6001/*\"";
        let end = "ENV{BRLTTY_BRAILLE_DRIVER}=\"bm\", GOTO=\"brltty_usb_run\"\n";
        for (line, is_taken) in [
            (format!("{ids}, {end}"), true),
            (format!("  {ids}, {end}"), true),
            (format!("# {ids}, {end}"), false),
            (format!("ENV{{PRODUCT}}==\"403/6010/*\", {end}"), false),
            (
                format!("{ids}, ATTRS{{manufacturer}}==\"Silicon*\", {end}"),
                true,
            ),
            (
                format!("{ids}, ATTRS{{manufacturer}}==\"Other|Silicon Labs\", {end}"),
                true,
            ),
            (
                format!("{ids}, ATTRS{{manufacturer}}==\"Another Company\", {end}"),
                false,
            ),
            ("SUBSYSTEM==\"usb\", GOTO=\"x\"".into(), false),
        ] {
            assert_eq!(takes(&line, &device), is_taken, "{line}");
        }
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, is_match) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "abe", false),
            ("*", "", true),
            ("*ö*", "größe", true),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), is_match, "{pattern} {text}");
        }
    }
}
