//! `ModemManager`, which opens new serial ports and writes AT commands to them to find out whether they are modems.

use std::collections::BTreeSet;

use super::access::{PLUG_IN_AGAIN, RELOAD, RULES};
use crate::devices::{UsbDevice, holders, programs, properties};
use crate::finding::{Finding, FindingState};
use crate::{FileChange, Fix, System};

const PROGRAM: &str = "ModemManager";
/// Its tags for devices and ports that it leaves alone, under every policy: its reference manual, *Modem filter* and
/// *Common udev tags*.
const IGNORE: [&str; 2] = ["ID_MM_DEVICE_IGNORE=1", "ID_MM_PORT_IGNORE=1"];

pub(super) fn check(system: &System, devices: &[UsbDevice]) -> Vec<Finding> {
    let root = &system.root;
    if !programs(root).iter().any(|(_, name)| name == PROGRAM) {
        let what = "ModemManager is not running.";
        return vec![Finding::new("modem", FindingState::Fine, what)];
    }
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for device in devices {
        for port in &device.ports {
            let tags = properties(root, &format!("c{}", port.number)).unwrap_or_default();
            let is_left_alone = IGNORE.iter().any(|tag| tags.iter().any(|it| it == tag));
            if is_left_alone || !seen.insert(device.ids) {
                continue;
            }
            let has_it = holders(root, &port.node)
                .iter()
                .any(|(_, name)| name == PROGRAM);
            found.push(finding(system, device, &port.node, has_it));
        }
    }
    if found.is_empty() {
        let what = "ModemManager runs, and leaves the serial ports that are plugged in alone.";
        found.push(Finding::new("modem", FindingState::Fine, what));
    }
    found
}

fn finding(system: &System, device: &UsbDevice, port: &str, has_it: bool) -> Finding {
    let id = format!("modem-{}", device.ids.dashed());
    let finding = if has_it {
        Finding::new(
            id,
            FindingState::Problem,
            format!(
                "ModemManager has {port} of {} open now.",
                device.shown()
            ),
        )
        .why("It writes AT commands to a port to find out whether a modem is there; nobody else can use the port then.")
    } else {
        Finding::new(
            id,
            FindingState::Notice,
            format!(
                "ModemManager runs, and nothing tells it that {} is no modem.",
                device.shown()
            ),
        )
        .why(format!(
            "It may open {port} when the device is plugged in, and write AT commands to it. Whether it does depends on its policy."
        ))
    };
    let fix = fix(system, device);
    if fix.is_made() {
        return finding
            .why("The rule that keeps it away is there and counts when the device is plugged in.")
            .advice(PLUG_IN_AGAIN);
    }
    finding.fixed_by(Some(fix))
}

fn fix(system: &System, device: &UsbDevice) -> Fix {
    let text = format!(
        "# Written by Firmdrop: USB device {} is no modem, ModemManager leaves it alone.\n\
         ATTRS{{idVendor}}==\"{:04x}\", ATTRS{{idProduct}}==\"{:04x}\", ENV{{ID_MM_DEVICE_IGNORE}}=\"1\", ENV{{ID_MM_PORT_IGNORE}}=\"1\"\n",
        device.ids, device.ids.vendor, device.ids.product
    );
    let path = format!("{RULES}/70-firmdrop-modem-{}.rules", device.ids.dashed());
    Fix::new(
        system,
        format!("modem-{}", device.ids.dashed()),
        format!("Keep ModemManager away from {}", device.ids),
        vec![FileChange::write(system, path, text)],
        &[RELOAD],
    )
    .effect(
        "Devices of these ids are never used as modems on this computer. Others are not touched.",
    )
    .then(PLUG_IN_AGAIN)
}
