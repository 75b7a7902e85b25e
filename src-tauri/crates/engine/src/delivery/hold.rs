//! Holding a place for an act that is no job: nothing is delivered there meanwhile.

use std::time::Duration;

use firmdrop_core::Diagnosis;
use tokio::time::Instant;

use super::engine::Engine;
use super::observed::until_unobserved;
use super::queue::{GLANCE, PlaceRequest, Turn};
use super::shared::Place;
use crate::Destination;

/// How long a place is waited for that somebody has: others look at it for a moment, or identify what is there.
const WITHIN: Duration = Duration::from_secs(2);

/// A place that is held. Jobs that want it wait until this is dropped.
#[derive(Debug)]
pub struct PlaceHold {
    _turn: Turn,
}

impl Engine {
    /// Holds the place of a destination, for every home on this computer; `None` while somebody has it. Waits
    /// for no job, and a moment for whoever looks at the place or observes it.
    pub async fn try_hold(
        &self,
        destination: &Destination,
        simulated: bool,
    ) -> Result<Option<PlaceHold>, Diagnosis> {
        let place = Place::of(destination);
        let wanted = PlaceRequest {
            home: &self.shared.home,
            keys: place.keys(&self.shared).await?,
            simulated,
        };
        let until = Instant::now() + WITHIN;
        let turn = loop {
            match self.shared.queues.try_turn(&wanted)? {
                None if Instant::now() < until => tokio::time::sleep(GLANCE).await,
                turn => break turn,
            }
        };
        if turn.is_some() {
            until_unobserved(&wanted).await;
        }
        Ok(turn.map(|turn| PlaceHold { _turn: turn }))
    }
}
