//! Ways to a reader.
//!
//! A [`Provider`] finds the readers of its channel and opens links to them; a [`Link`] carries bytes,
//! datagrams, USB transfers, GATT values or the files of a drive. What they mean is a loader's business. [`all`] lists the
//! channels.

mod address;
mod address_json;
mod ble;
mod blocking;
mod channel;
mod channels;
mod datagram;
mod drive;
mod error;
mod gatt;
mod line;
mod link;
mod place;
mod polling;
mod provider;
mod providers;
mod reader;
mod serial;
mod simulated;
mod stream;
mod timing;
mod udp;
mod usb;
#[cfg(unix)]
mod usb_interface;
mod volume;
mod watch;

pub use address::{AddressError, LinkAddress};
pub use ble::{BleAddress, BleDevices};
pub use datagram::Datagram;
pub use drive::{Drive, DriveFile};
pub use error::LinkError;
pub use gatt::{
    ATT_HEADER_BYTES, Characteristic, Gatt, GattUuid, LEAST_MTU_BYTES, Notifications, Properties,
    WriteKind,
};
pub use line::{LONGEST_BREAK, LineControl, LineSettings, Parity, Signal, StopBits};
pub use link::Link;
pub use place::Place;
pub use provider::Provider;
pub use providers::Providers;
pub use reader::{Access, Channel, Reader};
pub use serial::{DEFAULT_BAUD, SerialPorts};
pub use simulated::CHANNEL as SIMULATED;
pub use stream::Stream;
pub use timing::{OPEN_DEADLINE, WATCH_PERIOD};
pub use udp::UdpPeers;
pub use usb::{
    Answer, ControlRequest, Direction, FollowUp, Followed, HandedOver, LARGEST_CONTROL_BYTES,
    Recipient, RequestKind, Series, Usb, UsbAddress, UsbDevice, UsbDevices, Write, can_be_shown,
};
pub use watch::{Changes, ReaderChange, Watch};

use std::sync::Arc;

/// The providers of every channel that this computer has. A new channel that finds readers is a line here.
pub fn all() -> Providers {
    Providers::default()
        .with(Arc::new(SerialPorts))
        .with(Arc::new(UdpPeers))
        .with(Arc::new(volume::Volumes::default()))
        .with(Arc::new(UsbDevices::default()))
        .with(Arc::new(BleDevices))
}
