//! The lock by which a place is observed, and the wait for whoever holds it.

use std::time::Duration;

use super::queue::PlaceRequest;
use crate::lock;

/// How often an observer has to look at least.
pub(super) const OBSERVERS_LOOK: Duration = Duration::from_millis(100);
/// How long an observer is waited for. One that does not leave is met where the place is opened.
const OBSERVERS_LEAVE: Duration = Duration::from_secs(3);

/// Waits until nobody observes a place that was taken, a moment at most.
pub(super) async fn until_unobserved(place: &PlaceRequest<'_>) {
    let is_free = |key: &String| {
        let lock = lock::try_place(place.home, &observed(key), place.simulated);
        // A lock that cannot be looked at holds nobody up.
        !matches!(lock, Ok(None))
    };
    let leave = async {
        while !place.keys.iter().all(is_free) {
            tokio::time::sleep(OBSERVERS_LOOK / 4).await;
        }
    };
    let _ = tokio::time::timeout(OBSERVERS_LEAVE, leave).await;
}

/// The lock of an observer beside that of a place.
pub(super) fn observed(key: &str) -> String {
    format!("observed {key}")
}
