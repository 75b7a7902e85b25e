//! The one retry table: what may be sent again, when, and for how long.
//!
//! It decides by idempotency and never sends anything itself. A lower layer never repeats what an
//! upper layer repeats, so only the code that owns a whole task holds a [`RetryBudget`].

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::Duration,
};

use tokio::time::Instant;

use crate::{Delivered, Method, NetError, TlsFault};

/// Whether a second identical request would do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// It would not: GET, PUT, DELETE.
    Repeatable,
    /// It would: the service appends or creates something each time.
    Once,
}

impl Idempotency {
    /// Of a request with this method (RFC 9110, section 9.2.2; RFC 5789 for PATCH).
    pub const fn of(method: Method) -> Self {
        match method {
            Method::Get | Method::Head | Method::Put | Method::Delete | Method::Options => {
                Self::Repeatable
            }
            Method::Post | Method::Patch => Self::Once,
        }
    }
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryVerdict {
    /// Wait, then send it again.
    Again,
    /// Wait, then ask the other side what it holds, and send again only what is missing.
    AskFirst,
    /// Sending it again cannot help.
    Final,
}

/// The row for a request without a usable answer.
pub fn after_error(error: &NetError, idempotency: Idempotency) -> RetryVerdict {
    match error {
        // A proxy that restarts refuses, hangs up or cannot be found for some seconds, like a host.
        // A gateway that restarts answers a handshake in plain text, or breaks it off.
        NetError::NameNotKnown { .. }
        | NetError::Unreachable { .. }
        | NetError::Proxy { .. }
        | NetError::Tls {
            fault: TlsFault::NotTls | TlsFault::BrokenOff,
            ..
        } => RetryVerdict::Again,
        NetError::Silent { .. } | NetError::Cut { .. } => match (idempotency, error.delivered()) {
            (Idempotency::Repeatable, _) | (_, Delivered::No) => RetryVerdict::Again,
            (Idempotency::Once, Delivered::Perhaps) => RetryVerdict::AskFirst,
        },
        NetError::Gateway { .. } => match idempotency {
            Idempotency::Repeatable => RetryVerdict::Again,
            Idempotency::Once => RetryVerdict::AskFirst,
        },
        NetError::TooLarge { .. }
        | NetError::NotJson { .. }
        | NetError::NotHttp { .. }
        | NetError::OtherShape { .. }
        | NetError::Coding { .. } => match idempotency {
            Idempotency::Repeatable => RetryVerdict::Final,
            Idempotency::Once => RetryVerdict::AskFirst,
        },
        NetError::InvalidAddress { .. }
        | NetError::InvalidOptions { .. }
        | NetError::ProxyUnusable { .. }
        | NetError::ProxySignIn { .. }
        | NetError::SignInUnasked { .. }
        | NetError::Tls { .. }
        | NetError::Body { .. }
        | NetError::AddressRefused { .. }
        | NetError::ForeignHost { .. }
        | NetError::Redirect { .. } => RetryVerdict::Final,
    }
}

/// The row for an answer with this status.
pub fn after_status(status: u16, idempotency: Idempotency) -> RetryVerdict {
    // Refused before anything was done, so even an append may go again: a connection of another host
    // (RFC 9110, section 15.5.20), locked (RFC 4918, section 11.3), too early (RFC 8470, section
    // 5.2), too many requests.
    if matches!(status, 421 | 423 | 425 | 429) {
        return RetryVerdict::Again;
    }
    // It cannot, not in this version, faults of its configuration, and a network that wants a sign-in: no wait
    // helps. A store that is full is tried again only when a person says so (RFC 4918, section 11.5). Gateways
    // have numbers of their own: 520 to 527, 530, 598, 599.
    let is_final = matches!(status, 501 | 505..=508 | 510 | 511);
    let may_pass = matches!(status, 408 | 500..=599) && !is_final;
    match idempotency {
        _ if !may_pass => RetryVerdict::Final,
        Idempotency::Repeatable => RetryVerdict::Again,
        Idempotency::Once => RetryVerdict::AskFirst,
    }
}

/// How waits grow and when they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// First wait; it doubles with each failure.
    pub first_wait: Duration,
    /// Longest wait between two tries. Short, so that work resumes soon after the network is back.
    pub longest_wait: Duration,
    /// Total time without any progress after which nobody waits any more.
    pub give_up_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(8),
            give_up_after: Duration::from_mins(10),
        }
    }
}

/// Counts failures since the last progress and says how long to wait for the next try.
#[derive(Debug)]
pub struct RetryBudget {
    policy: RetryPolicy,
    last_progress: Instant,
    failures: u32,
}

impl RetryBudget {
    /// Begins now.
    pub fn new(policy: RetryPolicy) -> Self {
        Self {
            policy,
            last_progress: Instant::now(),
            failures: 0,
        }
    }

    /// Something was confirmed: the clock starts anew.
    pub fn progressed(&mut self) {
        self.last_progress = Instant::now();
        self.failures = 0;
    }

    /// Failures since the last progress.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// How long to wait before the next try, or `None` when the total time would be over by then.
    /// A `retry_after` the service asked for is never undercut.
    pub fn next_wait(&mut self, retry_after: Option<Duration>) -> Option<Duration> {
        let doublings = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        let grown = self
            .policy
            .first_wait
            .saturating_mul(1 << doublings)
            .min(self.policy.longest_wait);
        let wait = grown
            .mul_f64(jitter())
            .max(retry_after.unwrap_or(Duration::ZERO));
        let until_then = self.last_progress.elapsed().saturating_add(wait);
        (until_then <= self.policy.give_up_after).then_some(wait)
    }
}

/// Between one half and one, so that many clients do not come back in step.
fn jitter() -> f64 {
    let random = RandomState::new().build_hasher().finish();
    let [byte, ..] = random.to_le_bytes();
    0.5 + f64::from(byte) / 512.0
}

/// The longest wait that is taken from a host. Whoever asks for more means "not today"; the number
/// itself may be any, and no clock reaches the largest ones.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(24);

/// Reads `Retry-After`: seconds, or a date relative to the present; at most a day.
pub(crate) fn parse_retry_after(text: &str, now: jiff::Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than any number has are a long time too.
        text.parse().map_or(Duration::MAX, Duration::from_secs)
    } else {
        let date = parse_date(text)?;
        Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO)
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

/// Reads a date of HTTP in its three forms (RFC 9110, section 5.6.7).
pub(crate) fn parse_date(text: &str) -> Option<jiff::Timestamp> {
    let text = text.trim();
    if let Ok(date) = jiff::fmt::rfc2822::parse(text) {
        return Some(date.timestamp());
    }
    // RFC 850 and asctime; both are in UTC. What the day of the week is called does not matter.
    let (format, text) = match text.split_once(", ") {
        Some((_, date)) => ("%d-%b-%y %H:%M:%S GMT", date),
        None => ("%b %d %H:%M:%S %Y", text.split_once(' ')?.1),
    };
    let date = jiff::civil::DateTime::strptime(format, text.trim()).ok()?;
    date.to_zoned(jiff::tz::TimeZone::UTC)
        .ok()
        .map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(delivered: Delivered) -> NetError {
        NetError::Cut {
            host: "host.test".to_owned(),
            why: "reset".to_owned(),
            delivered,
        }
    }

    #[test]
    fn an_append_whose_answer_was_lost_is_asked_about_first() {
        let lost = cut(Delivered::Perhaps);
        assert_eq!(
            after_error(&lost, Idempotency::Once),
            RetryVerdict::AskFirst
        );
        assert_eq!(
            after_error(&lost, Idempotency::Repeatable),
            RetryVerdict::Again
        );
        for status in [408, 500, 502, 503, 504, 520, 522, 524, 599] {
            assert_eq!(
                after_status(status, Idempotency::Once),
                RetryVerdict::AskFirst
            );
            assert_eq!(
                after_status(status, Idempotency::Repeatable),
                RetryVerdict::Again
            );
        }
    }

    #[test]
    fn what_was_never_sent_goes_again_and_a_refusal_is_final() {
        assert_eq!(
            after_error(&cut(Delivered::No), Idempotency::Once),
            RetryVerdict::Again
        );
        for status in [421, 423, 425, 429] {
            assert_eq!(after_status(status, Idempotency::Once), RetryVerdict::Again);
        }
        for status in [
            400, 401, 403, 404, 409, 413, 422, 501, 505, 506, 507, 508, 510, 511,
        ] {
            assert_eq!(after_status(status, Idempotency::Once), RetryVerdict::Final);
            assert_eq!(
                after_status(status, Idempotency::Repeatable),
                RetryVerdict::Final
            );
        }
    }

    #[test]
    fn a_page_is_waited_out_once_the_host_has_answered_as_itself() {
        let page = || NetError::NotJson {
            host: "host.test".to_owned(),
            status: 200,
            kind: "a web page".to_owned(),
        };
        let verdicts = |error: &NetError| {
            [Idempotency::Repeatable, Idempotency::Once].map(|how| after_error(error, how))
        };
        let first = verdicts(&page());
        assert_eq!(first, [RetryVerdict::Final, RetryVerdict::AskFirst]);
        let later = verdicts(&page().after_own_answers());
        assert_eq!(later, [RetryVerdict::Again, RetryVerdict::AskFirst]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_budget_ends_after_the_total_time_and_begins_anew_with_progress() {
        let policy = RetryPolicy::default();
        let mut budget = RetryBudget::new(policy);
        let begin = Instant::now();
        while let Some(wait) = budget.next_wait(None) {
            assert!(wait <= policy.longest_wait);
            tokio::time::sleep(wait).await;
        }
        assert!(begin.elapsed() <= policy.give_up_after);
        assert!(begin.elapsed() + policy.longest_wait >= policy.give_up_after);
        budget.progressed();
        assert!(
            budget
                .next_wait(None)
                .is_some_and(|wait| wait <= policy.first_wait)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_to_wait_is_honoured_or_ends_the_budget() {
        let mut budget = RetryBudget::new(RetryPolicy::default());
        let asked = Duration::from_secs(14);
        assert_eq!(budget.next_wait(Some(asked)), Some(asked));
        assert_eq!(budget.next_wait(Some(Duration::from_hours(1))), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: jiff::Timestamp = "1994-11-06T08:49:00Z".parse().unwrap();
        let read = |text| parse_retry_after(text, now);
        assert_eq!(read("14"), Some(Duration::from_secs(14)));
        assert_eq!(
            read("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(Duration::from_secs(37))
        );
        assert_eq!(read("Sun, 06 Nov 1994 08:48:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
        for date in ["Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(read(date), Some(Duration::from_secs(37)), "{date}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_number_of_a_host_is_beyond_the_clock() {
        let now: jiff::Timestamp = "1994-11-06T08:49:00Z".parse().unwrap();
        for text in [
            "18446744073709551615",
            "18446744073709551000",
            "99999999999999999999999",
            "Thu, 31 Dec 9998 23:59:59 GMT",
        ] {
            let wait = parse_retry_after(text, now);
            assert_eq!(wait, Some(LONGEST_RETRY_AFTER), "{text}");
            let mut budget = RetryBudget::new(RetryPolicy::default());
            assert_eq!(budget.next_wait(wait), None, "{text}");
        }
        for text in ["", "-5", "1.5", "0x10", "NaN", "+7"] {
            assert_eq!(parse_retry_after(text, now), None, "{text:?}");
        }
        let mut budget = RetryBudget::new(RetryPolicy::default());
        assert_eq!(budget.next_wait(Some(Duration::MAX)), None);
    }
}
