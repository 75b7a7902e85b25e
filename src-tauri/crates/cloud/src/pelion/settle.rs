//! How long a request whose answer is unknown may still be carried out, and when to check.
//!
//! The one rule for *perhaps still storing*: on the run, after a resume and at the finish. A second
//! copy is appended behind the first and ruins the upload, so nothing is sent again before this
//! time is over and the service was asked once more at its end. No network here.

use std::time::Duration;

use firmdrop_core::{MIB, Moment};
use firmdrop_net::{Delivered, NetError};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::PelionError;

/// How long even the shortest request may still be carried out after nobody waits for its answer
/// any more. As long as a silent line is waited for (`Deadlines::stall`); reports of small files
/// that appeared after a 504 or 524 speak of seconds (KnossosNET#368, copyparty#1490).
pub const SETTLES_WITHIN: Duration = Duration::from_secs(30);

/// And so much longer for each GiB of its body. rclone#606: after a 504 large files appeared up to
/// two minutes later; three minutes for each GiB is what that client came to wait.
const LONGER_PER_GIB: Duration = Duration::from_mins(3);

/// A service that turned a request away does nothing with it; what is left is the time its store takes
/// to show what it has. An eighth of [`SETTLES_WITHIN`]: about four seconds.
const SAID_ITSELF: u32 = 8;

/// What the service itself has named may be unknown to it for so long: a third of
/// [`SETTLES_WITHIN`], ten seconds. Reports of a 404 right after the creation speak of a few
/// (`irods_resource_plugin_s3#1931`, rclone#8188).
const SHOWN_WITHIN: u32 = 3;

/// Longest pause between two checks.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// The request that stores something whose last byte was handed over, and whose answer is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Unanswered {
    /// Length of its body, bytes.
    pub length_bytes: u64,
    /// How long ago that was, at least.
    pub ago: Duration,
}

impl Unanswered {
    /// A request of that length, handed over at `at`. A clock that was set back makes it a new one.
    pub fn since(length_bytes: u64, at: Moment, now: Moment) -> Self {
        Self {
            length_bytes,
            ago: Duration::try_from_secs_f64(now.seconds_since(at)).unwrap_or_default(),
        }
    }
}

/// For how long this account is asked; tests take less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settling {
    within: Duration,
}

impl Default for Settling {
    fn default() -> Self {
        Self::within(SETTLES_WITHIN)
    }
}

impl Settling {
    /// With another time than [`SETTLES_WITHIN`].
    pub(super) const fn within(within: Duration) -> Self {
        Self { within }
    }

    /// How long a body of that length may still be stored.
    fn of(self, length_bytes: u64) -> Duration {
        let mebibytes = u32::try_from(length_bytes.div_ceil(MIB)).unwrap_or(u32::MAX);
        let longer = (LONGER_PER_GIB / 1024).saturating_mul(mebibytes);
        self.within + longer.mul_f64(self.scale())
    }

    /// When to check after a failure of a request with that many bytes.
    pub(super) fn after(self, error: &PelionError, length_bytes: u64) -> CheckTimes {
        let time = match error.delivered() {
            Delivered::No => Duration::ZERO,
            // What it says it stored may be shown a little later; nothing goes out again.
            Delivered::Perhaps if error.is_unreadable_receipt() => self.within / SHOWN_WITHIN,
            Delivered::Perhaps if said_itself(error) => self.within / SAID_ITSELF,
            Delivered::Perhaps => self.of(length_bytes),
        };
        CheckTimes::new(time, self.within)
    }

    /// When to check for what an earlier run left on its way, when it left something.
    pub(super) fn left(self, left: Option<Unanswered>) -> CheckTimes {
        let time = left.map(|left| self.of(left.length_bytes).saturating_sub(left.ago));
        CheckTimes::new(time.unwrap_or_default(), self.within)
    }

    /// When to check for something whose id came from the service, after a first 404.
    pub(super) fn shown(self) -> CheckTimes {
        let mut checks = CheckTimes::new(self.within / SHOWN_WITHIN, self.within);
        checks.first = false;
        checks
    }

    fn scale(self) -> f64 {
        self.within.as_secs_f64() / SETTLES_WITHIN.as_secs_f64()
    }
}

/// Whether the service itself says that it did not do what was asked, so that nothing of it works on.
fn said_itself(error: &PelionError) -> bool {
    match error {
        PelionError::Refused(refusal) => {
            let has_words = !(refusal.kind.is_empty() && refusal.message.is_empty());
            // A gateway that gave up words its 408, 502, 503 or 504 as it likes (AWS HTTP APIs answer 503 with JSON
            // when their time is over), and behind a 500 or 503 one part of a service failed while another may
            // still store what it was handed. A 503 with a `Retry-After`, readable or not, says that nothing was begun.
            let may_work_on = match refusal.status {
                408 | 500 | 502 | 504 => true,
                503 => !refusal.names_a_retry,
                _ => false,
            };
            has_words && !refusal.web_page && !may_work_on
        }
        PelionError::Net { source, .. } => matches!(source, NetError::OtherShape { .. }),
        _ => false,
    }
}

/// When to check: at once, soon, then later and later, and once more when the time is over.
#[derive(Debug)]
pub(super) struct CheckTimes {
    ends: Instant,
    pause: Duration,
    longest: Duration,
    first: bool,
    waits: u32,
    over: bool,
}

impl CheckTimes {
    fn new(time: Duration, within: Duration) -> Self {
        let scale = within.as_secs_f64() / SETTLES_WITHIN.as_secs_f64();
        Self {
            ends: Instant::now() + time,
            pause: LONGEST_PAUSE.mul_f64(scale / 8.0),
            longest: LONGEST_PAUSE.mul_f64(scale),
            first: true,
            waits: 0,
            over: time.is_zero(),
        }
    }

    /// How long to wait before the next check; `None` when the last one was at the end of the time.
    pub(super) fn next_wait(&mut self) -> Option<Duration> {
        if std::mem::take(&mut self.first) {
            return Some(Duration::ZERO);
        }
        if self.over {
            return None;
        }
        let left = self.ends.saturating_duration_since(Instant::now());
        self.over = left <= self.pause;
        let wait = left.min(self.pause);
        self.waits += 1;
        self.pause = (self.pause * 2).min(self.longest);
        Some(wait)
    }

    /// Whether the wait that was given last is the first one that is worth a word.
    pub(super) fn is_first_wait(&self) -> bool {
        self.waits == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pelion::Refusal;

    fn refused(status: u16, message: &str, web_page: bool) -> PelionError {
        PelionError::Refused(Box::new(Refusal {
            account: "bench".to_owned(),
            request: "POST /v3/firmware-images".to_owned(),
            status,
            kind: String::new(),
            message: message.to_owned(),
            fields: Vec::new(),
            request_id: None,
            retry_after: None,
            names_a_retry: false,
            redirects_to: None,
            web_page,
            host_is_known: false,
        }))
    }

    fn net(source: NetError) -> PelionError {
        PelionError::Net {
            source,
            account: "bench".to_owned(),
            request: "POST /v3/firmware-images".to_owned(),
        }
    }

    fn cut(delivered: Delivered) -> PelionError {
        net(NetError::Cut {
            host: "host.test".to_owned(),
            why: "reset".to_owned(),
            delivered,
        })
    }

    /// The moments of the checks, from now on.
    async fn checks(mut checks: CheckTimes) -> Vec<Duration> {
        let begin = Instant::now();
        let mut at = Vec::new();
        while let Some(wait) = checks.next_wait() {
            tokio::time::sleep(wait).await;
            at.push(begin.elapsed());
        }
        at
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_that_gave_up_says_nothing_about_the_service_behind_it() {
        let settling = Settling::default();
        let silent = net(NetError::Silent {
            host: "host.test".to_owned(),
            waited: Duration::from_mins(1),
            delivered: Delivered::Perhaps,
        });
        let errors = [
            refused(504, "", true),
            refused(504, "Gateway Timeout", false),
            refused(408, "", false),
            refused(502, "", true),
            refused(524, "", true),
            refused(500, "Internal error.", false),
            refused(503, "", false),
            refused(503, "Service Unavailable", false),
            cut(Delivered::Perhaps),
            silent,
        ];
        for error in errors {
            let at = checks(settling.after(&error, 100 * MIB)).await;
            assert_eq!(at.first(), Some(&Duration::ZERO), "{error}");
            let end = at.last().unwrap().as_secs();
            assert!((47..=48).contains(&end), "{error}: {end} s");
            let longest = at
                .windows(2)
                .map(|pair| pair[1].saturating_sub(pair[0]))
                .max()
                .unwrap();
            assert!(longest <= LONGEST_PAUSE, "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_left_is_looked_for_once_and_what_was_turned_away_for_a_short_time() {
        let settling = Settling::default();
        let never = checks(settling.after(&cut(Delivered::No), MIB)).await;
        assert_eq!(never, [Duration::ZERO]);
        let mut busy = refused(503, "The service is busy.", false);
        if let PelionError::Refused(refusal) = &mut busy {
            refusal.names_a_retry = true;
        }
        for error in [busy, refused(501, "Not implemented.", false)] {
            let said = checks(settling.after(&error, MIB)).await;
            let end = said.last().unwrap().as_secs_f64();
            assert!((3.0..5.0).contains(&end), "{error}: {end}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_earlier_run_left_is_waited_for_only_as_long_as_it_can_still_come() {
        let settling = Settling::default();
        let left = |seconds| Unanswered {
            length_bytes: 0,
            ago: Duration::from_secs(seconds),
        };
        assert_eq!(
            checks(settling.left(Some(left(600)))).await,
            [Duration::ZERO]
        );
        let at = checks(settling.left(Some(left(20)))).await;
        assert_eq!(at.last().unwrap().as_secs(), 10);
        let at = checks(settling.left(Some(left(0)))).await;
        assert_eq!(at.last().unwrap().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_service_named_is_looked_for_during_ten_seconds_after_a_404() {
        let at = checks(Settling::default().shown()).await;
        assert!(at.first().unwrap() > &Duration::ZERO);
        assert_eq!(at.last().unwrap().as_secs(), 10);
    }

    #[test]
    fn a_clock_that_was_set_back_makes_the_request_a_new_one() {
        let (early, late) = (
            Moment::from_millisecond(1000),
            Moment::from_millisecond(3500),
        );
        let ago = |at, now| Unanswered::since(1, at, now).ago;
        assert_eq!(ago(early, late), Duration::from_millis(2500));
        assert_eq!(ago(late, early), Duration::ZERO);
    }
}
