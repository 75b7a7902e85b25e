//! A request's body on its way in: counted, slowed down and cut as a fault wants.
//!
//! What a handler leaves unread stays here, so that it can be read away before an early answer: a
//! client that is still sending would otherwise see a broken connection instead of the answer.

use std::{sync::Arc, time::Duration};

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::StreamExt as _;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use super::{
    Service,
    line::Line,
    record::{Ended, Running},
};

/// Most bytes read away before an early answer; ours.
const MOST_DRAINED_BYTES: u64 = 256 * firmdrop_core::MIB;

/// How long they are waited for; ours. A client that only announced them waits for the answer.
const DRAINED_WITHIN: Duration = Duration::from_secs(1);

/// Who learns that bytes arrive.
#[derive(Debug)]
pub(super) struct Arriving {
    pub(super) service: Arc<dyn Service>,
    pub(super) path: String,
    pub(super) running: Arc<Running>,
}

/// The body of one request.
#[derive(Debug)]
pub(super) struct Intake {
    stream: BodyDataStream,
    line: Line,
    arriving: Arriving,
    pace: Pace,
    cut_after_bytes: Option<u64>,
    received_bytes: u64,
}

impl Arriving {
    fn received(&self, bytes: u64) {
        self.running.received(bytes);
        self.service.received(&self.path, bytes);
    }
}

impl Intake {
    pub(super) fn new(
        body: Body,
        line: Line,
        arriving: Arriving,
        bytes_per_second: Option<u64>,
        cut_after_bytes: Option<u64>,
    ) -> Self {
        Self {
            stream: body.into_data_stream(),
            line,
            arriving,
            pace: Pace::new(bytes_per_second),
            cut_after_bytes,
            received_bytes: 0,
        }
    }

    async fn next(&mut self) -> Option<Result<Bytes, axum::Error>> {
        let frame = self.stream.next().await?;
        if let Ok(bytes) = &frame {
            self.received_bytes += bytes.len() as u64;
            self.arriving.received(bytes.len() as u64);
            if self
                .cut_after_bytes
                .is_some_and(|at| self.received_bytes > at)
            {
                self.arriving.running.ended(Ended::CutInBody, None);
                self.line.cut().await;
            }
            self.pace.spent(bytes.len()).await;
        }
        Some(frame)
    }

    /// A body for a handler; what it does not read stays here.
    pub(super) fn body(intake: &Arc<Mutex<Self>>) -> Body {
        Body::from_stream(futures::stream::unfold(
            Arc::clone(intake),
            |intake| async move {
                let frame = intake.lock().await.next().await?;
                Some((frame, intake))
            },
        ))
    }

    /// Whether a byte of it came.
    pub(super) const fn has_begun(&self) -> bool {
        self.received_bytes > 0
    }

    /// Reads the rest away, as long as it comes.
    pub(super) async fn drain(&mut self) {
        let mut drained_bytes = 0;
        while let Ok(Some(Ok(bytes))) = timeout(DRAINED_WITHIN, self.next()).await {
            drained_bytes += bytes.len() as u64;
            if drained_bytes > MOST_DRAINED_BYTES {
                return;
            }
        }
    }
}

/// Lets bytes flow no faster than a rate.
#[derive(Debug)]
pub(super) struct Pace {
    bytes_per_second: Option<u64>,
    free_at: Option<Instant>,
}

impl Pace {
    pub(super) const fn new(bytes_per_second: Option<u64>) -> Self {
        Self {
            bytes_per_second,
            free_at: None,
        }
    }

    /// Waits for as long as these bytes take on the line.
    pub(super) async fn spent(&mut self, bytes: usize) {
        let Some(rate) = self.bytes_per_second else {
            return;
        };
        let microseconds = (bytes as u64).saturating_mul(1_000_000) / rate.max(1);
        let free_at = self.free_at.unwrap_or_else(Instant::now);
        let free_at = free_at + Duration::from_micros(microseconds);
        self.free_at = Some(free_at);
        tokio::time::sleep_until(free_at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn bytes_take_as_long_as_the_rate_says() {
        let begun = Instant::now();
        let mut pace = Pace::new(Some(1_000_000));
        for _ in 0..10 {
            pace.spent(100_000).await;
        }
        let elapsed = begun.elapsed();
        assert!((990..=1_020).contains(&elapsed.as_millis()), "{elapsed:?}");
    }
}
