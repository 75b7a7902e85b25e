//! What one reader does about a request otherwise than the others.
//!
//! For what the fault dial has no name for: a test says it as a function of what arrives.

use std::{fmt, sync::Arc, time::Duration};

use ciborium::Value;

use super::{Recovery, Request};

/// A request that arrives.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Arrival {
    /// What is asked.
    pub request: Request,
    /// How often it was asked so far, this time included.
    pub times: u32,
    /// Where a piece of an upload begins, and where it ends.
    pub piece: Option<(u64, u64)>,
    /// A mark that is to stay.
    pub confirms: bool,
    /// An upload was completed since the reader was made.
    pub loaded: bool,
    /// How often the reader started anew, and how long ago it did so last.
    pub restarts: u32,
    /// Since it started last.
    pub up_for: Duration,
}

/// What the reader does.
#[derive(Debug, Clone, PartialEq)]
pub enum QuirkAction {
    /// As the others.
    Nothing,
    /// Answers this and does nothing.
    OfDoing(QuirkAnswer),
    /// Does it and answers this.
    OfAnswering(QuirkAnswer),
    /// Forgets an upload that is not complete, and answers this.
    Forgetting(QuirkAnswer),
    /// Its link breaks, for so long; it does nothing.
    Leaving(Duration),
    /// It starts anew in this serial recovery of its bootloader. Its link breaks for so long; without a time it hangs on a
    /// bridge whose link stays, and recovery answers.
    FallingIntoRecovery(Recovery, Option<Duration>),
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub enum QuirkAnswer {
    /// None.
    Silence,
    /// A code of version 1 of the protocol.
    Code(i32),
    /// A code of the request's own group.
    CodeOfGroup(i32),
    /// These fields.
    Fields(Vec<(&'static str, Value)>),
}

/// A quirk. It is asked for every request.
#[derive(Clone)]
pub struct Quirk(Arc<dyn Fn(&Arrival) -> QuirkAction + Send + Sync>);

impl Quirk {
    /// Of a reader that does this about each request.
    pub fn new(does: impl Fn(&Arrival) -> QuirkAction + Send + Sync + 'static) -> Self {
        Self(Arc::new(does))
    }

    pub(super) fn about(&self, asked: &Arrival) -> QuirkAction {
        (self.0)(asked)
    }
}

impl fmt::Debug for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Quirk")
    }
}
