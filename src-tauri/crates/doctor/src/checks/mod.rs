//! One file for each thing that may stand in the way. None changes anything.

mod access;
mod bluetooth;
mod braille;
mod clock;
mod held;
mod home;
mod key_store;
mod modem;
mod permission;
mod proxy;

use crate::devices::usb_devices;
use crate::{Facts, Finding, System};

/// Looks at everything; what stands in the way comes first. Takes as long as a proxy that the environment names
/// takes to accept a connection, a few seconds at most for each.
pub fn examine(system: &System, facts: &Facts) -> Vec<Finding> {
    let devices = usb_devices(system);
    let mut found = access::check(system, &devices);
    found.extend(braille::check(system, &devices));
    found.extend(modem::check(system, &devices));
    found.extend(held::check(system, &devices));
    found.push(bluetooth::check(system));
    found.push(key_store::check(&facts.key_store));
    found.push(clock::check(system, facts));
    found.extend(home::check(facts));
    found.push(proxy::check(&facts.proxies));
    found.sort_by_key(|finding| std::cmp::Reverse(finding.state));
    found
}
