//! The connection to libusb, made anew where libusb missed what was plugged in.
//!
//! libusb lists what it was told. In a container without the system's device manager nobody tells it, and it lists the bus
//! as it was in the beginning (moby/moby #35359).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use rusb::{Context, Device, UsbContext as _};

use super::errors::failed;
use super::system::System;
use crate::LinkError;

/// Bus and address.
type Nodes = BTreeSet<(u8, u8)>;

/// The bus. Clones are the same connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Bus(Arc<Mutex<Option<Connection>>>);

#[derive(Debug)]
struct Connection {
    context: Context,
    /// What the system listed when it was made.
    began_with: Option<Nodes>,
}

impl Connection {
    fn new(system: &System) -> Result<Self, LinkError> {
        let began_with = system.on_bus();
        let context = Context::new().map_err(|error| failed("USB", error))?;
        Ok(Self {
            context,
            began_with,
        })
    }

    fn devices(&self) -> Result<Vec<Device<Context>>, LinkError> {
        let devices = self.context.devices().map_err(|error| failed("USB", error));
        Ok(devices?.iter().collect())
    }
}

impl Bus {
    /// Every device that is plugged in. An open device keeps the connection it was opened by.
    pub(super) fn devices(&self, system: &System) -> Result<Vec<Device<Context>>, LinkError> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match slot.take() {
            Some(connection) => connection,
            None => Connection::new(system)?,
        };
        let connection = slot.insert(connection);
        let devices = connection.devices()?;
        let listed = devices
            .iter()
            .map(|device| (device.bus_number(), device.address()));
        if !is_behind(
            &listed.collect(),
            system.on_bus().as_ref(),
            connection.began_with.as_ref(),
        ) {
            return Ok(devices);
        }
        drop(devices);
        *connection = Connection::new(system)?;
        connection.devices()
    }
}

/// Whether libusb's list is older than the system's. What libusb leaves out of a list that it made of the same devices, it
/// leaves out again.
fn is_behind(listed: &Nodes, on_bus: Option<&Nodes>, began_with: Option<&Nodes>) -> bool {
    on_bus.is_some_and(|on_bus| listed != on_bus && began_with != Some(on_bus))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_made_anew_once_for_each_change_that_libusb_missed() {
        let nodes = |addresses: &[u8]| addresses.iter().map(|one| (1, *one)).collect::<Nodes>();
        let (before, after) = (nodes(&[1, 2]), nodes(&[1, 3]));
        assert!(is_behind(&before, Some(&after), Some(&before)));
        assert!(is_behind(&before, Some(&nodes(&[])), Some(&before)));
        assert!(!is_behind(&after, Some(&after), Some(&before)));
        // Made of what is there now, and libusb leaves one out.
        assert!(!is_behind(&nodes(&[1]), Some(&after), Some(&after)));
        // A system without a list.
        assert!(!is_behind(&before, None, None));
    }
}
