//! Requests that change nothing, repeated while the service or the network is out: for watching something for days.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use firmdrop_core::{DeliveryEvents, Durable, Note, Progress, ProgressSink};
use firmdrop_net::retry::RetryPolicy;
use tokio_util::sync::CancellationToken;

use super::PelionError;
use crate::session::Session;

/// How long a service that has answered before may be out. Maintenance takes less.
const OUT_FOR: Duration = Duration::from_hours(1);
/// Longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long a service may be out that never answered.
const FIRST_ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Repeats requests that change nothing. Each doubling of the failures in a row is noted.
pub struct RepeatedQueries<'a>(Session<'a>);

/// Who takes the notes.
pub struct Notes<F>(F);

impl<F: Fn(Note) + Send + Sync> Notes<F> {
    /// Calls `note` with each.
    pub fn new(note: F) -> Self {
        Self(note)
    }
}

impl<'a> RepeatedQueries<'a> {
    /// Before the first request.
    pub fn new<F: Fn(Note) + Send + Sync>(notes: &'a Notes<F>) -> Self {
        let policy = RetryPolicy {
            longest_wait: LONGEST_WAIT,
            give_up_after: OUT_FOR,
            ..RetryPolicy::default()
        };
        let session = Session::new(policy, CancellationToken::new(), Some(notes));
        Self(session.first_contact_within(FIRST_ANSWER_WITHIN))
    }

    /// Repeats the request until it is answered, finally refused, or out of time. It can be dropped at any time.
    pub async fn query<T, Exchange>(
        &mut self,
        request: impl Fn() -> Exchange,
    ) -> Result<T, PelionError>
    where
        Exchange: Future<Output = Result<T, PelionError>>,
    {
        self.0.progressed();
        self.0.repeat_unstopped(request).await
    }
}

impl fmt::Debug for RepeatedQueries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Questions").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for Notes<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notes").finish_non_exhaustive()
    }
}

impl<F: Fn(Note) + Send + Sync> ProgressSink for Notes<F> {
    fn progress(&self, _: Progress) {}
}

impl<F: Fn(Note) + Send + Sync> DeliveryEvents for Notes<F> {
    fn phase(&self, _: &str) {}

    fn note(&self, note: Note) {
        (self.0)(note);
    }

    fn durable(&self) -> Durable<'_> {
        // A query changes nothing.
        Box::pin(async { Ok(()) })
    }
}
