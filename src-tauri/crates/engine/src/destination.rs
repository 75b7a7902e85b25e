//! Where an image can go, and how a person writes it on a command line.

use firmdrop_link::LinkAddress;
use firmdrop_loader::Protocol;
use serde::{Deserialize, Serialize};

/// A place an image is delivered to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Destination {
    /// A Pelion account: `pelion:ACCOUNT`.
    Pelion {
        /// The account's name in Firmdrop.
        account: String,
    },
    /// A reader at an address: `smp+serial:/dev/ttyACM0`, `smp+udp:127.0.0.1:1337`, `sim:reader-1`.
    Reader {
        /// The protocol it is loaded with.
        protocol: Protocol,
        /// The way to it.
        link: LinkAddress,
    },
}

/// A text that names no destination.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" names no destination: {why}")]
pub struct DestinationError {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pelion { account } => write!(f, "pelion:{account}"),
            Self::Reader {
                link: link @ LinkAddress::Simulated { .. },
                ..
            } => write!(f, "{link}"),
            Self::Reader {
                protocol: Protocol::Smp,
                link,
            } => write!(f, "smp+{link}"),
        }
    }
}
