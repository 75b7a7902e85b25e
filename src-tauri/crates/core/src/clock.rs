//! Points in time, and who may ask for them.

use serde::{Deserialize, Serialize};

/// A point in time, UTC, written as RFC 3339 with microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Moment(#[cfg_attr(feature = "specta", specta(type = String))] jiff::Timestamp);

impl Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z; what the journal stores.
    pub fn as_millisecond(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The moment that many milliseconds after 1970-01-01T00:00:00Z, or the epoch itself when the
    /// number lies outside what a calendar can hold.
    pub fn from_millisecond(milliseconds: i64) -> Self {
        Self(jiff::Timestamp::from_millisecond(milliseconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    /// Microseconds since 1970-01-01T00:00:00Z, as finely as a moment is written.
    pub fn as_microsecond(self) -> i64 {
        self.0.as_microsecond()
    }

    /// The moment that many microseconds after 1970-01-01T00:00:00Z, or the epoch itself when the
    /// number lies outside what a calendar can hold.
    pub fn from_microsecond(microseconds: i64) -> Self {
        Self(jiff::Timestamp::from_microsecond(microseconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    /// The moment that much later; this one when that lies outside what a calendar can hold.
    #[must_use]
    pub fn after(self, wait: std::time::Duration) -> Self {
        let milliseconds = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let later = self.as_millisecond().checked_add(milliseconds);
        later.map_or(self, Self::from_millisecond)
    }

    /// Seconds from `earlier` to this moment; zero when `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        self.0.duration_since(earlier.0).as_secs_f64().max(0.0)
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.6}", self.0)
    }
}

/// Who tells what time it is. Production reads the system's clock, tests set their own.
pub trait Clock: std::fmt::Debug + Send + Sync {
    /// The present moment.
    fn now(&self) -> Moment;
}

/// The clock of the computer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment(jiff::Timestamp::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_survives_the_journal_and_reads_as_rfc_3339() {
        let moment = Moment::from_millisecond(1_535_712_581_736);
        assert_eq!(moment.to_string(), "2018-08-31T10:49:41.736000Z");
        assert_eq!(Moment::from_millisecond(moment.as_millisecond()), moment);
        assert_eq!(Moment::from_microsecond(moment.as_microsecond()), moment);
    }

    #[test]
    fn a_number_no_calendar_holds_becomes_the_epoch() {
        assert_eq!(Moment::from_millisecond(i64::MAX).as_millisecond(), 0);
        assert_eq!(Moment::from_microsecond(i64::MAX).as_microsecond(), 0);
    }
}
