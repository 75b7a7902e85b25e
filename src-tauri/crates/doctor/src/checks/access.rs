//! May the user open the serial ports and firmware interfaces that are plugged in?

use std::collections::BTreeMap;

use super::permission::{self, Permission};
use crate::devices::{Ids, UsbDevice};
use crate::finding::{Finding, FindingState};
use crate::user::groups;
use crate::{FileChange, Fix, System};

/// Where rules for devices of this computer's owner lie: udev(7).
pub(super) const RULES: &str = "/etc/udev/rules.d";
/// Makes the device manager read its rules.
pub(super) const RELOAD: &[&str] = &["udevadm", "control", "--reload"];
pub(super) const PLUG_IN_AGAIN: &str = "Unplug the device and plug it in again.";

pub(super) fn check(system: &System, devices: &[UsbDevice]) -> Vec<Finding> {
    let mut seen = 0;
    let mut found = Vec::new();
    // One for each kind of device: the rule is for the kind.
    let mut refused = BTreeMap::<Ids, (&UsbDevice, String, Permission)>::new();
    for device in devices {
        for node in nodes(device) {
            seen += 1;
            match permission::of(&system.user, &system.root.path(&node)) {
                Permission::Granted => {}
                Permission::NoNode => found.push(no_node(device, &node)),
                why @ Permission::Refused { .. } => {
                    refused.entry(device.ids).or_insert((device, node, why));
                }
            }
        }
    }
    found.extend(
        refused
            .values()
            .map(|(device, node, why)| no_permission(system, device, node, why)),
    );
    if found.is_empty() {
        let what = match seen {
            0 => "No serial port or firmware interface on USB is plugged in.".to_owned(),
            1 => "The reader on USB may be opened.".to_owned(),
            many => format!("All {many} nodes of readers on USB may be opened."),
        };
        found.push(Finding::new("access", FindingState::Fine, what));
    }
    found
}

/// The nodes through which a reader is loaded.
fn nodes(device: &UsbDevice) -> Vec<String> {
    let usb = device.takes_firmware.then(|| device.node.clone());
    let ports = device.ports.iter().map(|port| port.node.clone());
    usb.into_iter().chain(ports).collect()
}

fn no_node(device: &UsbDevice, node: &str) -> Finding {
    let id = format!("node-{}", device.ids.dashed());
    Finding::new(
        id,
        FindingState::Problem,
        format!(
            "{} is plugged in, and {node} is not there.",
            device.shown()
        ),
    )
    .why("The kernel lists the device. In a container its node has to be handed in; elsewhere the device manager makes it.")
    .advice("Hand the device to the container, or start the device manager (systemd-udevd).")
}

fn no_permission(system: &System, device: &UsbDevice, node: &str, why: &Permission) -> Finding {
    let Permission::Refused {
        group,
        listed,
        mode,
    } = why
    else {
        return no_node(device, node);
    };
    let user = &system.user.name;
    let groups = groups(&system.root);
    let group = group.and_then(|gid| groups.iter().find(|group| group.gid == gid));
    let finding = Finding::new(
        format!("access-{}", device.ids.dashed()),
        FindingState::Problem,
        format!("{user} may not open {node} of {}.", device.shown()),
    );
    let belongs = group.map_or_else(
        || format!("Its permissions are {mode:04o}, which lets only its owner use it."),
        |group| {
            let name = &group.name;
            format!("It belongs to the group {name} with the permissions {mode:04o}, and {user} is not in it.")
        },
    );
    if let (true, Some(group)) = (*listed, group) {
        let why = format!(
            "{user} was added to the group {} after signing in.",
            group.name
        );
        return finding.why(why).advice("Sign out and in again.");
    }
    let membership = group.and_then(|group| membership(system, &group.name));
    let rule = rule(system, device);
    if rule.is_made() {
        return finding
            .why(format!("{belongs} The rule for this device is there and counts when the device is plugged in."))
            .advice(PLUG_IN_AGAIN)
            .fixed_by(membership);
    }
    finding
        .why(belongs)
        .fixed_by(Some(rule))
        .fixed_by(membership)
}

/// A rule for just this kind of device: udev(7); `uaccess` is the tag of systemd-logind.
fn rule(system: &System, device: &UsbDevice) -> Fix {
    let Ids { vendor, product } = device.ids;
    let ids = |attribute: &str| {
        format!(
            "{attribute}{{idVendor}}==\"{vendor:04x}\", {attribute}{{idProduct}}==\"{product:04x}\""
        )
    };
    let grant = "MODE=\"0660\", TAG+=\"uaccess\"";
    let text = format!(
        "# Written by Firmdrop: whoever is signed in at this computer may use USB device {}.\n\
         SUBSYSTEM==\"usb\", ENV{{DEVTYPE}}==\"usb_device\", {}, {grant}\n\
         SUBSYSTEM==\"tty\", {}, {grant}\n",
        device.ids,
        ids("ATTR"),
        ids("ATTRS"),
    );
    let path = format!("{RULES}/70-firmdrop-{}.rules", device.ids.dashed());
    Fix::new(
        system,
        format!("rule-{}", device.ids.dashed()),
        format!("Allow just this kind of device, {}", device.ids),
        vec![FileChange::write(system, path, text)],
        &[RELOAD],
    )
    .effect("Whoever is signed in at this computer may use devices of these ids, and no others. It does not count for users who are signed in over a network.")
    .then(PLUG_IN_AGAIN)
}

/// Membership in the group that owns the port: the lists of group(5) and gshadow(5).
fn membership(system: &System, group: &str) -> Option<Fix> {
    let user = &system.user.name;
    let plain = |text: &str| !text.is_empty() && !text.contains([':', ',', '\n']);
    if !plain(user) || !plain(group) || group == "root" || system.user.uid == 0 {
        return None;
    }
    let mut files = Vec::new();
    for path in ["/etc/group", "/etc/gshadow"] {
        let text = system.root.text(path);
        match text.and_then(|text| with_member(&text, group, user)) {
            Some(after) => files.push(FileChange::write(system, path, after)),
            // A list that cannot be read is not changed; without it the other one is enough.
            None if path == "/etc/group" => return None,
            None => {}
        }
    }
    let fix = Fix::new(
        system,
        format!("group-{group}"),
        format!("Add {user} to the group {group}"),
        files,
        &[],
    );
    Some(
        fix.effect(format!(
            "{user} may use every port of the group {group}, also when signed in over a network."
        ))
        .then("Sign out and in again."),
    )
}

/// The list with one member more; `None` when the group is not in it.
fn with_member(list: &str, group: &str, user: &str) -> Option<String> {
    let mut found = false;
    let lines = list.split_inclusive('\n').map(|line| {
        let (text, end) = line
            .strip_suffix('\n')
            .map_or((line, ""), |text| (text, "\n"));
        let fields: Vec<_> = text.split(':').collect();
        if fields.len() != 4 || fields[0] != group || fields[3].split(',').any(|it| it == user) {
            return line.to_owned();
        }
        found = true;
        let comma = if fields[3].is_empty() { "" } else { "," };
        format!("{text}{comma}{user}{end}")
    });
    let list: String = lines.collect();
    found.then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_added_at_the_end_of_its_line_and_every_other_byte_stays() {
        let list = "root:x:0:\ndialout:x:20:bob\ndialout2:x:21:\nempty:x:22:\nlast:x:23:";
        let with = |group| with_member(list, group, "anna");
        assert_eq!(
            with("dialout").unwrap(),
            "root:x:0:\ndialout:x:20:bob,anna\ndialout2:x:21:\nempty:x:22:\nlast:x:23:"
        );
        assert!(with("empty").unwrap().contains("empty:x:22:anna\n"));
        assert!(with("last").unwrap().ends_with("last:x:23:anna"));
        assert_eq!(with("none"), None);
        assert_eq!(with_member(list, "dialout", "bob"), None);
    }
}
