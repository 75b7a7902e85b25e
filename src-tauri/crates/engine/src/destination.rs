//! Where images go: a scheme, which says who understands the address, and the address.
//!
//! Which schemes there are, and what their addresses mean, is known to the backends alone.

use serde::{Deserialize, Serialize};

/// A place images are delivered to, as it is written on a command line: `SCHEME:ADDRESS`.
///
/// Backends make it in its canonical form ([`crate::Backends::parse`]), so that two equal values are
/// one destination.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Destination {
    /// Who understands the address.
    pub scheme: String,
    /// Everything after the colon.
    pub address: String,
}

/// A text that names no destination.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a destination: {why}")]
pub struct DestinationError {
    /// What was written, at most 120 characters of it.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
    /// What a destination looks like, one example for each kind.
    pub examples: Vec<String>,
}

impl Destination {
    /// A destination of this scheme. The caller vouches that the address is canonical.
    pub fn new(scheme: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            scheme: scheme.into(),
            address: address.into(),
        }
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.scheme, self.address)
    }
}

impl firmdrop_core::Diagnose for DestinationError {
    fn diagnose(&self) -> firmdrop_core::Diagnosis {
        use firmdrop_core::{Code, Diagnosis, Remedy};
        Diagnosis::new(
            Code::UnknownDestination,
            format!("\"{}\" is not a destination.", self.text),
            self.why.clone(),
        )
        .state(Diagnosis::NOTHING_SENT)
        .remedy(Remedy::Advice {
            text: format!("Write it like {}.", self.examples.join(", ")),
        })
    }
}
