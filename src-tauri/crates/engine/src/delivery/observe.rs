//! Using a place without changing it, and standing aside for whoever has it.
//!
//! An observer looks again and again whether somebody has the place ([`Engine::is_in_use`]), and leaves it then. Whoever
//! took the place waits a moment for that, across processes.

use std::time::Duration;

use firmdrop_core::Diagnosis;

use super::engine::Engine;
use super::observed::{OBSERVERS_LOOK, observed};
use super::shared::Place;
use crate::{Destination, lock};

/// A place that is observed. Dropping it lets others have it.
#[derive(Debug)]
pub struct Observation {
    _keys: Vec<lock::Held>,
}

impl Engine {
    /// How often an observer looks whether somebody has its place.
    pub const OBSERVERS_LOOK: Duration = OBSERVERS_LOOK;

    /// Observes the place of a destination; `None` while another observer does. Waits for nobody.
    pub async fn observe(
        &self,
        destination: &Destination,
        simulated: bool,
    ) -> Result<Option<Observation>, Diagnosis> {
        let home = &self.shared.home;
        let mut held = Vec::new();
        for key in Place::of(destination).keys(&self.shared).await? {
            let lock = lock::try_place(home, &observed(key), simulated);
            match lock.map_err(|error| home.not_writable(&error))? {
                Some(lock) => held.push(lock),
                None => return Ok(None),
            }
        }
        Ok(Some(Observation { _keys: held }))
    }

    /// Whether somebody observes the place of a destination.
    pub async fn is_observed(
        &self,
        destination: &Destination,
        simulated: bool,
    ) -> Result<bool, Diagnosis> {
        Ok(self.observe(destination, simulated).await?.is_none())
    }
}
