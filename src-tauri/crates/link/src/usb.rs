//! USB devices: the link to one, how it is written, and those of this computer over libusb.

mod address;
mod bus;
mod claims;
mod device;
mod errors;
mod found;
mod hotplug;
mod open;
mod provider;
mod series;
mod system;
mod texts;
mod worker;

pub(crate) use self::address::KNOWN;
pub use self::address::UsbAddress;
pub use self::device::{
    Answer, ControlRequest, Direction, FollowUp, Followed, HandedOver, LARGEST_CONTROL_BYTES,
    Recipient, RequestKind, Usb, UsbDevice, Write,
};
pub(crate) use self::hotplug::PlugEvents;
pub use self::provider::UsbDevices;
pub use self::series::Series;
pub use self::system::can_be_shown;
