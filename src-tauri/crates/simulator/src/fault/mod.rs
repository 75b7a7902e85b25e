//! The fault dial: what goes wrong, when, and how often, settable while the world runs.
//!
//! It decides; it does not act. The simulated services consult it before each request and carry out
//! what it says.

mod chance;
mod decision;
mod dial;
mod effect;
mod own;
mod preset;
mod request;
mod rule;

pub use dial::{Dial, DialChange, DialState, RuleState};
pub use effect::Effect;
pub use preset::Fault;
pub use rule::Rule;

pub(crate) use decision::{Answer, Corruptions, RetryAfter};
pub(crate) use own::OwnFaults;
pub(crate) use request::Request;
