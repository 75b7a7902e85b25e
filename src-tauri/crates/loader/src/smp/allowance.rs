//! How long an upload may go without a step forward, and how often its link may be opened again.

use std::time::Duration;

use firmdrop_link::LinkError;
use tokio::time::Instant;

use super::timing::{DOUBLINGS, RECONNECTIONS, SHORTEST_TIMEOUT, SLOWER, STOOD_STILL, Timing};

/// What is left of the time of an upload.
#[derive(Debug)]
pub(super) struct Allowance {
    timing: Timing,
    /// When the reader last took something, or was first asked to.
    since: Instant,
    /// Whether it did so over this link.
    stepped: bool,
    /// When the link first failed after that.
    broken: Option<Instant>,
    /// The slowest answer so far, of those to a piece after the first.
    slowest: Duration,
    /// Where the last reconnection found the upload, and how often it found it there.
    reconnections: (u64, u32),
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// The first answer of all: the slot may be erased before it.
    First,
    /// The first answer over another link, or the last: a reader may compare the whole image before it.
    Long,
    /// Any other.
    Usual,
}

impl Allowance {
    pub(super) fn new(timing: Timing) -> Self {
        Self {
            timing,
            since: Instant::now(),
            stepped: false,
            broken: None,
            slowest: Duration::ZERO,
            reconnections: (0, 0),
        }
    }

    /// The reader took something.
    pub(super) fn stepped(&mut self) {
        self.since = Instant::now();
        self.stepped = true;
        self.broken = None;
    }

    /// The time until `deadline` is seen to be over. Says whether it was over for long, the program having stood still:
    /// that time is not the reader's.
    pub(super) fn stood_still(&mut self, deadline: Instant) -> bool {
        let late = Instant::now().saturating_duration_since(deadline);
        let stood_still = late >= STOOD_STILL;
        if stood_still {
            self.since += late;
        }
        stood_still
    }

    /// An answer came after so long.
    pub(super) fn answered_after(&mut self, time: Duration) {
        self.slowest = self.slowest.max(time);
    }

    /// Until when an answer is waited for that takes `line_time` to be asked for, after so many repetitions.
    pub(super) fn deadline(&self, wait: Wait, repetitions: u32, line_time: Duration) -> Instant {
        let timing = &self.timing;
        let timeout = match wait {
            Wait::First => timing.first_answer,
            Wait::Long => timing.answer,
            Wait::Usual => {
                let shortest = SHORTEST_TIMEOUT.min(timing.answer);
                (self.slowest * SLOWER).clamp(shortest, timing.answer)
            }
        };
        let timeout = timeout * 2_u32.saturating_pow(repetitions.min(DOUBLINGS));
        (Instant::now() + timeout + line_time).min(self.since + self.longest_silence(wait))
    }

    /// Whether the reader took nothing for too long.
    pub(super) fn is_over(&self, wait: Wait) -> bool {
        self.since.elapsed() >= self.longest_silence(wait)
    }

    fn longest_silence(&self, wait: Wait) -> Duration {
        match wait {
            Wait::First => self.timing.first_silence(),
            Wait::Long | Wait::Usual => self.timing.silence,
        }
    }

    /// Whether a link that failed so may be opened again, `confirmed` bytes having been taken; `worked` is
    /// whether anything was answered over it. Failures end soon after the first one, silence later; a link that
    /// works again and again without one more byte ends too.
    pub(super) fn may_reconnect(
        &mut self,
        error: &LinkError,
        wait: Wait,
        confirmed: u64,
        worked: bool,
    ) -> bool {
        let silent = matches!(error, LinkError::Timeout { .. });
        // A silent reader that only says where it stands has its time, which no reconnection renews.
        let worked = if silent { self.stepped } else { worked };
        self.stepped = false;
        let (place, times) = self.reconnections;
        let times = if confirmed > place {
            1
        } else {
            times + u32::from(worked)
        };
        self.reconnections = (confirmed, times);
        let in_time = if silent {
            !self.is_over(wait)
        } else {
            let broken = self.broken.get_or_insert_with(Instant::now);
            broken.elapsed() < self.timing.reconnect
        };
        times <= RECONNECTIONS && in_time
    }
}
