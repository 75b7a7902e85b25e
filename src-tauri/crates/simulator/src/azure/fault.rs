//! The faults that only this service has, as effects for the dial.

use super::http::own as names;
use crate::fault::Effect;

/// What only this service can do wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AzureFault {
    /// An import fails with the documented code: `CannotDownload`, `UpdateProvider`, and so on, in a tree
    /// of errors.
    FailJob(String),
    /// A job takes so many seconds longer.
    SlowJob(u64),
    /// A job never ends.
    EndlessJob,
    /// An import succeeds, and its update is not found.
    LostUpdate,
    /// The address of a job is absolute.
    AbsoluteLocation,
    /// The address of a job is in `Location` only.
    LocationOnly,
    /// A job has no address.
    NoLocation,
    /// An import is answered with 200 and the update.
    FinishedAtOnce,
    /// A job has a status that nobody has heard of.
    UnknownStatus,
    /// The address of the next page has no host.
    RelativeNextLink,
    /// What is not there is answered in the documented shape instead of RFC 7807.
    CodedNotFound,
}

impl From<AzureFault> for Effect {
    fn from(trouble: AzureFault) -> Self {
        let (name, value) = match trouble {
            AzureFault::FailJob(code) => (names::FAIL, Some(code)),
            AzureFault::SlowJob(seconds) => (names::SLOW, Some(seconds.to_string())),
            AzureFault::EndlessJob => (names::ENDLESS, None),
            AzureFault::LostUpdate => (names::LOSE, None),
            AzureFault::AbsoluteLocation => (names::LOCATION, Some("absolute".to_owned())),
            AzureFault::LocationOnly => (names::LOCATION, Some("location_only".to_owned())),
            AzureFault::NoLocation => (names::LOCATION, Some("none".to_owned())),
            AzureFault::FinishedAtOnce => (names::AT_ONCE, None),
            AzureFault::UnknownStatus => (names::STATUS, None),
            AzureFault::RelativeNextLink => (names::RELATIVE_NEXT_LINK, None),
            AzureFault::CodedNotFound => (names::CODED_404, None),
        };
        Self::Own {
            name: name.to_owned(),
            value,
        }
    }
}
