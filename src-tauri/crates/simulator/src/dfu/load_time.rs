//! How long a load took on the device's side, and how much of that the device itself needed.

use std::time::Duration;

use tokio::time::Instant;

/// The requests that load, from the first block or command to the last answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadTime {
    /// From the first to the last.
    pub took: Duration,
    /// Of that, what the device needed to erase, to write and to manifest: the times it said.
    pub needed: Duration,
    /// How many requests there were.
    pub requests: u64,
}

/// A load while it is counted.
#[derive(Debug, Default)]
pub(super) struct Stopwatch {
    span: Option<(Instant, Instant)>,
    needed: Duration,
    requests: u64,
}

impl Stopwatch {
    /// A request came; one that downloads begins the load.
    pub(super) fn asked(&mut self, downloads: bool) {
        let now = Instant::now();
        if let Some((_, last)) = &mut self.span {
            *last = now;
        } else if downloads {
            self.span = Some((now, now));
        }
        self.requests += u64::from(self.span.is_some());
    }

    /// The device is busy for so long.
    pub(super) fn busy(&mut self, time: Duration) {
        self.needed += time;
    }

    pub(super) fn read(&self) -> Option<LoadTime> {
        let (first, last) = self.span?;
        Some(LoadTime {
            took: last - first,
            needed: self.needed,
            requests: self.requests,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_load_is_counted_from_its_first_block_to_the_last_question() {
        let mut stopwatch = Stopwatch::default();
        stopwatch.asked(false);
        assert_eq!(stopwatch.read(), None);
        stopwatch.asked(true);
        stopwatch.busy(Duration::from_millis(30));
        for _ in 0..2 {
            tokio::time::advance(Duration::from_millis(20)).await;
            stopwatch.asked(false);
        }
        let time = LoadTime {
            took: Duration::from_millis(40),
            needed: Duration::from_millis(30),
            requests: 3,
        };
        assert_eq!(stopwatch.read(), Some(time));
    }
}
