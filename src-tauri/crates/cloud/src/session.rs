//! The one retry loop: a request is sent, sent again where that does no harm, and given up when its
//! time is over or a user stops it.
//!
//! It knows no service. What an error means is said by [`Failure`]; what is asked after an unknown
//! answer, before something is sent again, is the business of whoever has the task.

use std::fmt::Display;
use std::future::Future;

use firmdrop_core::{DeliveryEvents, Note, NoteKind};
use firmdrop_net::retry::{Idempotency, RetryBudget, RetryPolicy, RetryVerdict};
use tokio::time::Duration;
use tokio_util::sync::CancellationToken;

/// A wait that a service asks for and that is worth its number.
const LONG_WAIT: Duration = Duration::from_secs(10);

/// What the loop has to know of a request without a usable answer.
pub(crate) trait Failure: Display {
    /// The row of the retry table.
    fn verdict(&self, idempotency: Idempotency) -> RetryVerdict;
    /// How long the service asks to wait.
    fn retry_after(&self) -> Option<Duration>;
    /// Whether the service answered, though not as it should.
    fn is_answer(&self) -> bool;
    /// Whether the request may have arrived although no answer came.
    fn may_have_arrived(&self) -> bool {
        false
    }
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended<E> {
    /// A user stopped it; whether the request arrived is not known.
    Stopped,
    /// Sending it again cannot help, or its time is over.
    Failed(E),
}

/// The attempts of one task: their budget, their stop, and the lines about them.
pub(crate) struct Session<'a> {
    policy: RetryPolicy,
    budget: RetryBudget,
    known_host: bool,
    attempts: u32,
    cancel: CancellationToken,
    events: Option<&'a dyn DeliveryEvents>,
}

impl<'a> Session<'a> {
    /// With the whole time of the policy. `cancel` ends it; repeated attempts are noted in `events`.
    pub(crate) fn new(
        policy: RetryPolicy,
        cancel: CancellationToken,
        events: Option<&'a dyn DeliveryEvents>,
    ) -> Self {
        Self {
            policy,
            budget: RetryBudget::new(policy),
            known_host: true,
            attempts: 0,
            cancel,
            events,
        }
    }

    /// Until the service has answered for the first time, it is given up after `within`. Longer
    /// would only hide a misspelt host.
    #[must_use]
    pub(crate) fn first_contact_within(mut self, within: Duration) -> Self {
        self.known_host = false;
        self.budget = RetryBudget::new(RetryPolicy {
            give_up_after: self.policy.give_up_after.min(within),
            ..self.policy
        });
        self
    }

    /// Attempts so far.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Something was confirmed: the time starts anew.
    pub(crate) fn progressed(&mut self) {
        self.budget.progressed();
    }

    /// The service answered: from now on the whole time counts.
    pub(crate) fn answered(&mut self) {
        if !self.known_host {
            self.known_host = true;
            self.budget = RetryBudget::new(self.policy);
        }
    }

    /// Waits for `work` unless a user stops it; then the work is dropped, and the answer is `None`.
    pub(crate) async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        unless_stopped(&self.cancel, work).await
    }

    /// Something that does no harm when it is sent twice: sent until there is an answer or a final
    /// refusal, or the time is over.
    pub(crate) async fn repeat<T, E, Exchange>(
        &mut self,
        request: impl Fn() -> Exchange,
    ) -> Result<T, Ended<E>>
    where
        E: Failure,
        Exchange: Future<Output = Result<T, E>>,
    {
        let cancel = self.cancel.clone();
        stoppable(&cancel, self.repeat_unstopped(request)).await
    }

    /// The same for whoever stops it by dropping the future.
    pub(crate) async fn repeat_unstopped<T, E, Exchange>(
        &mut self,
        request: impl Fn() -> Exchange,
    ) -> Result<T, E>
    where
        E: Failure,
        Exchange: Future<Output = Result<T, E>>,
    {
        loop {
            self.attempts = self.attempts.saturating_add(1);
            let error = match request().await {
                Ok(answer) => {
                    self.answered();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            match error.verdict(Idempotency::Repeatable) {
                RetryVerdict::Again | RetryVerdict::AskFirst => self.wait(error).await?,
                RetryVerdict::Final => return Err(error),
            }
        }
    }

    /// Waits before the next attempt as long as the policy and the service say. Fails with this
    /// error when the time is over.
    pub(crate) async fn pause<E: Failure>(&mut self, error: E) -> Result<(), Ended<E>> {
        let cancel = self.cancel.clone();
        stoppable(&cancel, self.wait(error)).await
    }

    /// Waits before the next look at something that is only not ready yet. False when the time is
    /// over, `None` when a user stopped it.
    pub(crate) async fn wait_a_little(&mut self) -> Option<bool> {
        let Some(wait) = self.budget.next_wait(None) else {
            return Some(false);
        };
        let waited = self.unless_stopped(tokio::time::sleep(wait)).await;
        waited.map(|()| true)
    }

    /// How long to wait before the next attempt, for whoever does something else in the meantime.
    /// Fails with this error when the time is over.
    pub(crate) fn wait_after<E: Failure>(&mut self, error: E) -> Result<Duration, E> {
        if error.is_answer() {
            self.answered();
        }
        let failures = self.budget.failures();
        let Some(wait) = self.budget.next_wait(error.retry_after()) else {
            return Err(error);
        };
        // The first, second, fourth, eighth … failure is worth a line.
        if let Some(events) = self.events
            && (failures + 1).is_power_of_two()
        {
            let text = match error.retry_after().filter(|asked| *asked >= LONG_WAIT) {
                Some(asked) => format!(
                    "Waiting {} s before the next try, as the service asks",
                    asked.as_secs()
                ),
                None => "Waiting before the next try".to_owned(),
            };
            events.note(Note::new(NoteKind::Retry, text).detail(format!("{error}.")));
        }
        if let Some(events) = self.events {
            events.waiting(wait);
        }
        Ok(wait)
    }

    async fn wait<E: Failure>(&mut self, error: E) -> Result<(), E> {
        let wait = self.wait_after(error)?;
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

async fn unless_stopped<T>(cancel: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => None,
        done = work => Some(done),
    }
}

async fn stoppable<T, E>(
    cancel: &CancellationToken,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Ended<E>> {
    match unless_stopped(cancel, work).await {
        None => Err(Ended::Stopped),
        Some(done) => done.map_err(Ended::Failed),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Mutex;

    use firmdrop_core::{Durable, Progress, ProgressSink};
    use tokio::time::Instant;

    use super::*;

    /// The failure of some service.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Trouble {
        Unreachable,
        Busy(u64),
        Refused,
    }

    impl Display for Trouble {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{self:?}")
        }
    }

    impl Failure for Trouble {
        fn verdict(&self, _: Idempotency) -> RetryVerdict {
            match self {
                Self::Refused => RetryVerdict::Final,
                Self::Unreachable | Self::Busy(_) => RetryVerdict::Again,
            }
        }
        fn retry_after(&self) -> Option<Duration> {
            match self {
                Self::Busy(seconds) => Some(Duration::from_secs(*seconds)),
                Self::Unreachable | Self::Refused => None,
            }
        }
        fn is_answer(&self) -> bool {
            *self != Self::Unreachable
        }
    }

    #[derive(Debug, Default)]
    struct Notes(Mutex<Vec<Note>>);

    impl ProgressSink for Notes {
        fn progress(&self, _: Progress) {}
    }

    impl DeliveryEvents for Notes {
        fn phase(&self, _: &str) {}
        fn note(&self, note: Note) {
            self.0.lock().unwrap().push(note);
        }
        fn durable(&self) -> Durable<'_> {
            Box::pin(async { Ok(()) })
        }
    }

    fn session(events: Option<&dyn DeliveryEvents>) -> Session<'_> {
        Session::new(RetryPolicy::default(), CancellationToken::new(), events)
    }

    /// Answers with these in turn, then with "done".
    fn script(
        script: &[Trouble],
    ) -> impl Fn() -> std::future::Ready<Result<&'static str, Trouble>> {
        let next = Cell::new(0);
        move || {
            let at = next.replace(next.get() + 1);
            std::future::ready(script.get(at).map_or(Ok("done"), |trouble| Err(*trouble)))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_failing_service_is_asked_again_and_each_doubling_of_the_failures_is_noted() {
        let notes = Notes::default();
        let mut session = session(Some(&notes));
        let answer = session.repeat(script(&[Trouble::Busy(0); 9])).await;
        assert_eq!(answer, Ok("done"));
        assert_eq!(session.attempts(), 10);
        assert_eq!(notes.0.lock().unwrap().len(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_final_and_a_wait_that_was_asked_for_is_kept() {
        let mut session = session(None);
        let begin = Instant::now();
        let script = script(&[Trouble::Busy(14), Trouble::Refused]);
        let answer = session.repeat(script).await;
        assert_eq!(answer, Err(Ended::Failed(Trouble::Refused)));
        assert_eq!(begin.elapsed().as_secs(), 14);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_wait_that_was_asked_for_is_said_with_its_length() {
        let notes = Notes::default();
        let mut session = session(Some(&notes));
        let answer = session.repeat(script(&[Trouble::Busy(300)])).await;
        assert_eq!(answer, Ok("done"));
        let notes = notes.0.lock().unwrap();
        assert_eq!(
            notes.first().unwrap().text,
            "Waiting 300 s before the next try, as the service asks"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_never_answered_is_given_up_sooner_than_one_that_did() {
        let within = Duration::from_secs(20);
        for (first, least, most) in [(Trouble::Unreachable, 10, 20), (Trouble::Busy(0), 500, 600)] {
            let mut session = session(None).first_contact_within(within);
            let begin = Instant::now();
            let mut script = vec![Trouble::Unreachable; 1000];
            script[0] = first;
            let answer = session.repeat(self::script(&script)).await;
            assert_eq!(answer, Err(Ended::Failed(Trouble::Unreachable)));
            let seconds = begin.elapsed().as_secs();
            assert!((least..=most).contains(&seconds), "{first:?}: {seconds} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_a_request_and_a_wait_at_once() {
        let cancel = CancellationToken::new();
        let mut session = Session::new(RetryPolicy::default(), cancel.clone(), None);
        cancel.cancel();
        let never = session.repeat(std::future::pending::<Result<(), Trouble>>);
        assert_eq!(never.await, Err(Ended::Stopped));
        assert_eq!(session.pause(Trouble::Busy(9)).await, Err(Ended::Stopped));
        assert_eq!(session.wait_a_little().await, None);
    }
}
