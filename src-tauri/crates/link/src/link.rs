//! An open way to a reader, of one of five kinds.

use crate::{Datagram, Drive, Gatt, LinkError, Stream, Usb};

/// An open way to a reader. Dropping it closes it. A loader refuses the kinds that it does not use, so a
/// further kind changes no loader.
#[derive(Debug)]
#[non_exhaustive]
pub enum Link {
    /// A stream of bytes: a serial port, a pipe.
    Stream(Box<dyn Stream>),
    /// Datagrams, any of which may be lost: UDP.
    Datagram(Box<dyn Datagram>),
    /// A USB device with its control and bulk transfers.
    Usb(Box<dyn Usb>),
    /// A Bluetooth Low Energy device with its services.
    Gatt(Box<dyn Gatt>),
    /// The files of a mounted drive.
    Drive(Box<dyn Drive>),
}

impl Link {
    /// What kind of way it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Stream(_) => "stream of bytes",
            Self::Datagram(_) => "network datagrams",
            Self::Usb(_) => "USB",
            Self::Gatt(_) => "Bluetooth Low Energy",
            Self::Drive(_) => "the files of a drive",
        }
    }

    /// The error of a protocol that cannot use a link of this kind.
    pub fn unsuitable(&self, place: &str, protocol: &str) -> LinkError {
        LinkError::NotSupported {
            place: place.to_owned(),
            what: format!("{protocol} over {}", self.kind()),
        }
    }
}
