//! Requests that belong to no task: a question or an act of a person who waits.
//!
//! A task has its own loop (`session`) and its own limits; a client in it repeats nothing.

use std::future::Future;
use std::time::Duration;

use firmdrop_net::retry::{Idempotency, RetryBudget, RetryPolicy, RetryVerdict};
use tokio::time::sleep;

use crate::session::Failure;

/// How long it is tried: a restart of a gateway, a few answers of *too many requests*. A person waits.
const POLICY: RetryPolicy = RetryPolicy {
    first_wait: Duration::from_millis(500),
    longest_wait: Duration::from_secs(4),
    give_up_after: Duration::from_secs(10),
};

/// How the last try of a request ended, and what is known of those before.
#[derive(Debug)]
pub(crate) struct LastAttempt<T, E> {
    pub(crate) ended: Result<T, E>,
    /// An earlier try may have been carried out: its answer was lost, or was that of a gateway.
    pub(crate) perhaps_done: bool,
}

/// Sends a request again while it may pass and does no harm. A host that never answered is no gateway that restarts:
/// it is said at once.
pub(crate) async fn repeated<T, E: Failure, Sent>(
    idempotency: Idempotency,
    request: impl Fn() -> Sent,
) -> LastAttempt<T, E>
where
    Sent: Future<Output = Result<T, E>>,
{
    let mut budget = RetryBudget::new(POLICY);
    let mut perhaps_done = false;
    loop {
        let error = match request().await {
            Err(error) => error,
            ended => {
                return LastAttempt {
                    ended,
                    perhaps_done,
                };
            }
        };
        let again = error.verdict(idempotency) == RetryVerdict::Again
            && (error.is_answer() || error.may_have_arrived());
        let wait = if again {
            budget.next_wait(error.retry_after())
        } else {
            None
        };
        let Some(wait) = wait else {
            return LastAttempt {
                ended: Err(error),
                perhaps_done,
            };
        };
        perhaps_done |= error.verdict(Idempotency::Once) != RetryVerdict::Again;
        sleep(wait).await;
    }
}
