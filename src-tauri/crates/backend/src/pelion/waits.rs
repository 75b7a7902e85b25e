//! How long a delivery waits for the service, and how often it asks.

use std::time::Duration;

use firmdrop_cloud::pelion::campaign::WatchPolicy;
use firmdrop_cloud::pelion::upload::SETTLES_WITHIN;

/// The waits of a delivery.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// How often a started campaign is looked at.
    pub watch_policy: WatchPolicy,
    /// How long the service may still carry out a request whose response is lost.
    pub settles_within: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            watch_policy: WatchPolicy::default(),
            settles_within: SETTLES_WITHIN,
        }
    }
}
