//! The console of a reader: its text, and whether its port is open now.

mod plain_text;

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

pub(crate) use plain_text::PlainText;

/// Whether the port of a console is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum ConsoleState {
    /// It is open.
    Open,
    /// Firmdrop uses the reader for something else, and the port is closed until that has ended.
    Paused {
        /// What for, a label: "Paused while firmware is loaded".
        why: String,
    },
    /// The port cannot be opened now; it is tried again and again.
    Away {
        /// Why, a sentence.
        why: String,
    },
}

/// What happens at a console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum ConsoleEvent {
    /// Its port was opened or closed.
    State {
        /// How it is now.
        state: ConsoleState,
    },
    /// The reader sent text: lines and parts of lines, without anything that commands a terminal.
    Text {
        /// When its first byte was read.
        at: Moment,
        /// The text; lines end with a line feed.
        text: String,
    },
}
