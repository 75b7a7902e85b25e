//! The faults that only this service has: their names on the dial.

use axum::http::Method;

use crate::{azure::state::JobFaults, fault::OwnFaults};

/// An import fails with the error tree of this code.
pub(in crate::azure) const FAIL: &str = "fail_job";
/// A job takes so many seconds longer.
pub(in crate::azure) const SLOW: &str = "slow_job";
/// A job never ends.
pub(in crate::azure) const ENDLESS: &str = "endless_job";
/// An import succeeds, and its update is not found.
pub(in crate::azure) const LOSE: &str = "lost_update";
/// How a job's address is written: `absolute`, `relative`, `location_only`, `none`.
pub(in crate::azure) const LOCATION: &str = "operation_location";
/// An import is answered with 200 and the update.
pub(in crate::azure) const AT_ONCE: &str = "finished_at_once";
/// A job has a status that nobody has heard of.
pub(in crate::azure) const STATUS: &str = "unknown_status";
/// The address of the next page has no host.
pub(in crate::azure) const RELATIVE_NEXT_LINK: &str = "relative_next_link";
/// What is not there is answered in the documented shape instead of RFC 7807.
pub(in crate::azure) const CODED_404: &str = "coded_not_found";

/// Whether a request can have such a fault.
pub(super) fn concerns(name: &str, method: &str, path: &str) -> bool {
    let begins_job = (method == Method::POST && path.ends_with("updates"))
        || path.ends_with(":import")
        || (method == Method::DELETE && path.contains("/updates/providers/"));
    match name {
        FAIL | SLOW | ENDLESS | LOSE | LOCATION | AT_ONCE => begins_job,
        STATUS => path.contains("/operations"),
        RELATIVE_NEXT_LINK | CODED_404 => true,
        _ => false,
    }
}

/// What the faults of a request make of the job that it begins.
pub(super) fn trouble(faults: &OwnFaults) -> JobFaults {
    let seconds = faults.value(SLOW).and_then(|text| text.parse().ok());
    JobFaults {
        fails: faults.value(FAIL).map(str::to_owned),
        slower_seconds: seconds.unwrap_or_default(),
        never_ends: faults.has(ENDLESS),
        loses_update: faults.has(LOSE),
    }
}
