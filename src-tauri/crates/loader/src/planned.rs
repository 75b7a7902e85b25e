//! What changed at a reader between the plan of a load and its start.
//!
//! Confirmations are given for the reader that was planned. What each protocol compares is its own.

use std::fmt::Display;

use crate::{LeftState, LoadError, Target};

/// The differences that were found, in sentences.
#[derive(Debug, Default)]
pub(crate) struct Changes(Vec<String>);

impl Changes {
    /// Adds a sentence.
    pub(crate) fn add(&mut self, sentence: String) {
        self.0.push(sentence);
    }

    /// Compares what was said then with what is said now. What was not said then was confirmed by nobody and tells
    /// nothing; what is no longer said is a difference.
    pub(crate) fn compare<T: PartialEq + Display>(
        &mut self,
        what: &str,
        then: Option<&T>,
        now: Option<&T>,
    ) {
        match (then, now) {
            (Some(then), Some(now)) if then != now => {
                self.add(format!("Its {what} is {now}, and was {then}."));
            }
            (Some(then), None) => {
                self.add(format!("It does not say its {what}, which was {then}."));
            }
            _ => {}
        }
    }

    /// Compares the serial numbers and the products.
    pub(crate) fn compare_identity(&mut self, then: &Target, now: &Target) {
        self.compare("serial number", then.serial.as_ref(), now.serial.as_ref());
        self.compare("product", then.product.as_ref(), now.product.as_ref());
    }

    /// Ends the load of a reader that is in `state`, where something changed.
    pub(crate) fn refuse(self, state: impl Into<String>) -> Result<(), LoadError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(LoadError::NotAsPlanned {
            changes: self.0.join(" "),
            state: LeftState(state.into()),
        })
    }
}
