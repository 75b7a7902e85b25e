//! The one list of channels. A new channel is a folder and a line here.

use std::sync::Arc;

use crate::{Channel, LinkAddress, Provider, Providers, serial, simulated, udp, volume};

/// Puts what follows `CHANNEL:` into its canonical form, or says what is wrong with it.
pub(crate) type Grammar = fn(&str) -> Result<String, String>;

/// What is known of a channel. Each folder says it of its own.
pub(crate) struct Known {
    /// Its id.
    pub(crate) id: &'static str,
    /// How its addresses are written.
    pub(crate) grammar: Grammar,
    /// The kind of way it is shown as.
    pub(crate) kind: Channel,
    /// Who finds its readers; `None` when the provider is elsewhere.
    pub(crate) provider: Option<fn() -> Arc<dyn Provider>>,
}

/// Every channel of this crate.
pub(crate) const CHANNELS: &[Known] = &[serial::KNOWN, udp::KNOWN, simulated::KNOWN, volume::KNOWN];

/// The providers of every channel that this computer has.
pub fn all() -> Providers {
    let makers = CHANNELS.iter().filter_map(|channel| channel.provider);
    makers.fold(Providers::default(), |all, make| all.with(make()))
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
