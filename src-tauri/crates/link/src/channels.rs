//! The one list of channels. A new channel is a folder and its lines here.

use std::sync::Arc;

use crate::serial::{self, SerialPorts};
use crate::simulated;
use crate::udp::{self, UdpPeers};
use crate::{Channel, LinkAddress, Provider, Providers};

/// Puts what follows `CHANNEL:` into its canonical form, or says what is wrong with it.
pub(crate) type Grammar = fn(&str) -> Result<String, String>;

/// What is known of a channel without its provider.
pub(crate) struct Known {
    /// Its id.
    pub(crate) id: &'static str,
    /// How its addresses are written.
    pub(crate) grammar: Grammar,
    kind: Channel,
}

/// Every channel of this crate. The simulated readers have their provider elsewhere.
pub(crate) const CHANNELS: &[Known] = &[
    Known {
        id: serial::CHANNEL,
        grammar: serial::canonical,
        kind: Channel::Serial,
    },
    Known {
        id: udp::CHANNEL,
        grammar: udp::canonical,
        kind: Channel::Network,
    },
    Known {
        id: simulated::CHANNEL,
        grammar: simulated::canonical,
        kind: Channel::Simulated,
    },
];

/// The providers of every channel that this computer has.
pub fn all() -> Providers {
    let all: [Arc<dyn Provider>; 2] = [Arc::new(SerialPorts), Arc::new(UdpPeers)];
    all.into_iter().fold(Providers::default(), Providers::with)
}

impl LinkAddress {
    /// The kind of way it is shown as; the network for a channel that is not of this crate.
    pub fn kind(&self) -> Channel {
        known(self.channel()).map_or(Channel::Network, |channel| channel.kind)
    }
}

/// The grammar of a channel of this crate.
pub(crate) fn grammar(channel: &str) -> Option<Grammar> {
    known(channel).map(|channel| channel.grammar)
}

fn known(channel: &str) -> Option<&'static Known> {
    CHANNELS.iter().find(|known| known.id == channel)
}
