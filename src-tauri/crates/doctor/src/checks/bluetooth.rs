//! Is there a radio for Bluetooth readers, is it on, and does the system's service run?

use crate::devices::programs;
use crate::finding::{Finding, FindingState};
use crate::{FileChange, Fix, System};

const ID: &str = "bluetooth";
const SERVICE: &str = "bluetoothd";

pub(super) fn check(system: &System) -> Finding {
    let root = &system.root;
    let notice = |what: &str| Finding::new(ID, FindingState::Notice, what);
    let only = "Readers on USB, serial lines and the network do not need it.";
    let blocked = switches(system);
    if let Some(by_hand) = blocked.iter().find(|switch| switch.hard) {
        let what = format!(
            "Bluetooth is switched off by a switch of this computer ({}).",
            by_hand.name
        );
        return notice(&what)
            .why(only)
            .advice("Use the switch, or the key with the sign of an antenna.");
    }
    if !blocked.is_empty() {
        let fix = switch_on(system, &blocked);
        return notice("Bluetooth is switched off.")
            .why(only)
            .advice("Switch Bluetooth on in the system's settings.")
            .fixed_by(Some(fix));
    }
    if root.names("/sys/class/bluetooth").is_empty() {
        return notice("This computer has no Bluetooth adapter that the system knows.")
            .why(only)
            .advice("Plug in a Bluetooth adapter if a reader is to be loaded over Bluetooth.");
    }
    if !programs(root).iter().any(|(_, name)| name == SERVICE) {
        return notice("The system's Bluetooth service (bluetoothd) is not running.")
            .why(only)
            .advice(
                "Install it (package bluez) and start it: systemctl start bluetooth, as root.",
            );
    }
    Finding::new(
        ID,
        FindingState::Fine,
        "There is a Bluetooth adapter, nothing blocks it, and the service runs.",
    )
}

/// A block of the radio: rfkill, `Documentation/ABI/stable/sysfs-class-rfkill`.
struct Switch {
    name: String,
    hard: bool,
}

/// The blocks of Bluetooth that are on.
fn switches(system: &System) -> Vec<Switch> {
    let root = &system.root;
    let names = root.names("/sys/class/rfkill").into_iter();
    let blocks = names.filter_map(|name| {
        let says = |file: &str| {
            let text = root.text(&format!("/sys/class/rfkill/{name}/{file}"))?;
            Some(text.trim().to_owned())
        };
        if says("type")? != "bluetooth" {
            return None;
        }
        let on = |file: &str| says(file).as_deref() == Some("1");
        let (hard, soft) = (on("hard"), on("soft"));
        (hard || soft).then_some(Switch { name, hard })
    });
    blocks.collect()
}

fn switch_on(system: &System, blocked: &[Switch]) -> Fix {
    let files = blocked.iter().map(|switch| {
        let path = format!("/sys/class/rfkill/{}/soft", switch.name);
        FileChange {
            in_place: true,
            ..FileChange::write(system, path, "0\n".to_owned())
        }
    });
    Fix::new(
        system,
        "bluetooth-on".to_owned(),
        "Switch Bluetooth on".to_owned(),
        files.collect(),
        &[],
    )
    .effect("The radio is on until it is switched off, or the computer restarts.")
}
