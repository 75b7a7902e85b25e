//! Lets time pass as a line or a flash does.
//!
//! The runtime's timer counts whole milliseconds, in which a fast line carries ninety bytes; the
//! rest of a wait is slept on a thread of its own.

use std::time::Duration;

use tokio::time::Instant;

use super::Line;

/// The part of a wait that the runtime's timer is trusted with ends so long before its end.
const TIMER_GRAIN: Duration = Duration::from_millis(2);

/// Waits until `moment`, to about a tenth of a millisecond; to the next whole one when it is not `exact`.
pub(super) async fn until(moment: Instant, exact: bool) {
    if !exact {
        return tokio::time::sleep_until(moment).await;
    }
    let whole = moment.saturating_duration_since(Instant::now());
    if whole.is_zero() {
        return;
    }
    if whole > TIMER_GRAIN {
        tokio::time::sleep(whole.saturating_sub(TIMER_GRAIN)).await;
    }
    let rest = moment.saturating_duration_since(Instant::now());
    if !rest.is_zero() {
        // Fails only when the runtime shuts down, and then nobody waits any more.
        let _ = tokio::task::spawn_blocking(move || std::thread::sleep(rest)).await;
    }
}

/// One direction of a line: when it will be free again.
#[derive(Debug)]
pub(super) struct Lane {
    per_byte: Duration,
    free: Instant,
}

impl Lane {
    pub(super) fn new(line: Option<Line>) -> Self {
        let baud = line.map_or(0, |line| line.baud);
        // Eight bits, a start and a stop bit.
        let nanoseconds = 10_000_000_000_u64.checked_div(u64::from(baud)).unwrap_or(0);
        Self {
            per_byte: Duration::from_nanos(nanoseconds),
            free: Instant::now(),
        }
    }

    /// The moment at which `bytes` that were ready at `ready` have crossed.
    pub(super) fn crossed(&mut self, ready: Instant, bytes: usize) -> Instant {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.free = self.free.max(ready) + self.per_byte * bytes;
        self.free
    }

    /// The same for bytes that waited behind the ones before: the line was never idle.
    pub(super) fn crossed_at_once(&mut self, bytes: usize) -> Instant {
        self.crossed(self.free, bytes)
    }

    /// Whether bytes take time here at all.
    pub(super) fn is_slow(&self) -> bool {
        !self.per_byte.is_zero()
    }
}
