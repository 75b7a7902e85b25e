//! What is known of a channel before anybody looks at it: how its addresses are written and shown.
//!
//! Values only. Who finds its readers is a [`crate::Provider`].

use crate::Channel;

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
}
