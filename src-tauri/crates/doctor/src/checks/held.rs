//! Which other programs have a serial port open.

use crate::System;
use crate::devices::{UsbDevice, holders};
use crate::finding::{Finding, FindingState};

/// Has a check of its own.
const NOT_HERE: &str = "ModemManager";

pub(super) fn check(system: &System, devices: &[UsbDevice]) -> Vec<Finding> {
    let ports = devices.iter().flat_map(|device| &device.ports);
    let held = ports.filter_map(|port| {
        let mut by = holders(&system.root, &port.node);
        by.retain(|(_, name)| name != NOT_HERE);
        let (number, name) = by.first()?;
        let id = format!("held-{}", port.node.trim_start_matches("/dev/"));
        let what = format!("{} is open in {name} (process {number}).", port.node);
        Some(
            Finding::new(id, FindingState::Problem, what)
                .why("A port can be used by one program at a time.")
                .advice(format!("Close the port in {name}, or end that program.")),
        )
    });
    held.collect()
}
