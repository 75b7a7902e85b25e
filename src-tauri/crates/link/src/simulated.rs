//! How a simulated reader is addressed: `sim:NAME`. Its provider is part of the simulated world.

use crate::channel::Known;
use crate::{Channel, LinkAddress};

/// Id of the channel.
pub const CHANNEL: &str = "sim";

/// This channel.
pub(crate) const KNOWN: Known = Known {
    id: CHANNEL,
    grammar: canonical,
    kind: Channel::Simulated,
};

fn canonical(name: &str) -> Result<String, String> {
    if name.is_empty() {
        return Err("the name of the simulated reader is missing".to_owned());
    }
    Ok(name.to_owned())
}

impl LinkAddress {
    /// The simulated reader of this name.
    pub fn simulated(name: impl Into<String>) -> Self {
        Self::new(CHANNEL, name)
    }

    /// Whether it is the address of a simulated reader.
    pub fn is_simulated(&self) -> bool {
        self.channel() == CHANNEL
    }
}
