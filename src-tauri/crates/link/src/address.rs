//! The address of a link, as a person writes it in a bench script.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Rate a serial port is opened with when the address names none. Zephyr's and `MCUboot`'s default.
pub const DEFAULT_BAUD: u32 = 115_200;
/// UDP port of SMP when the address names none. Zephyr, `CONFIG_MCUMGR_TRANSPORT_UDP_PORT`.
pub const DEFAULT_SMP_UDP_PORT: u16 = 1337;
/// Longest time a link may take to open.
pub const OPEN_DEADLINE: Duration = Duration::from_secs(5);

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum LinkAddress {
    /// A serial port: `serial:/dev/ttyACM0?baud=115200`.
    Serial {
        /// The port's path or name.
        port: String,
        /// Bits per second.
        baud: u32,
    },
    /// A UDP peer: `udp:127.0.0.1:1337`, `udp:[::1]:1337`.
    Udp {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
    },
    /// A pretend reader: `sim:reader-1`.
    Simulated {
        /// Its name in the simulated world.
        id: String,
    },
}

/// A text that is no address of a link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no address of a reader: {why}")]
pub struct AddressError {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl std::fmt::Display for LinkAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Serial { port, baud } if *baud == DEFAULT_BAUD => write!(f, "serial:{port}"),
            Self::Serial { port, baud } => write!(f, "serial:{port}?baud={baud}"),
            Self::Udp { host, port } if host.contains(':') => write!(f, "udp:[{host}]:{port}"),
            Self::Udp { host, port } => write!(f, "udp:{host}:{port}"),
            Self::Simulated { id } => write!(f, "sim:{id}"),
        }
    }
}
