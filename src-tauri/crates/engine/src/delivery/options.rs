//! What an engine is made of.

use std::sync::Arc;

use firmdrop_core::{Clock, SystemClock};

use crate::{Backends, Home};

/// What an engine is made of.
#[derive(Debug)]
pub struct EngineOptions {
    /// Where journal, locks and accounts lie.
    pub home: Home,
    /// The kinds of destination there are.
    pub backends: Backends,
    /// Who tells the time.
    pub clock: Arc<dyn Clock>,
    /// Which face it serves, for the ledger: `cli`, `window`.
    pub face: String,
}

impl EngineOptions {
    /// An engine on this home with the system's clock, without any kind of destination.
    pub fn new(home: Home) -> Self {
        Self {
            home,
            backends: Backends::default(),
            clock: Arc::new(SystemClock),
            face: "engine".to_owned(),
        }
    }
}
