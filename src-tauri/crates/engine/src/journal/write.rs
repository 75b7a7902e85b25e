//! One write of the journal, and who waits for it.

use std::pin::Pin;
use std::task::{Context, Poll};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::JournalError;

/// When a write has to be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// With the next write that has to be, whenever that is. It survives the end of the process at
    /// once; what the end of the power supply takes is found out again.
    Whenever,
    /// With the next write that has to be, or within a second. It survives the end of the process at
    /// once, and the end of the power supply from then on.
    Soon,
    /// Before it is reported as written.
    Now,
}

/// A write that was given to the journal thread. Ready when it is committed, and with
/// [`Durability::Now`] on the disk. Dropping it changes nothing about the write.
#[derive(Debug)]
#[must_use = "a failure to write is only seen by whoever waits for it"]
pub(crate) struct Written<T>(oneshot::Receiver<Result<T, JournalError>>);

impl<T> Written<T> {
    /// One that was refused.
    pub(super) fn failed(error: JournalError) -> Self {
        let (reply, written) = oneshot::channel();
        // The receiver is right here.
        let _ = reply.send(Err(error));
        Self(written)
    }

    /// Waits on this thread.
    #[cfg(test)]
    pub(crate) fn wait(self) -> Result<T, JournalError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(self)
    }
}

impl<T> Future for Written<T> {
    type Output = Result<T, JournalError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = Pin::new(&mut self.0).poll(context);
        reply.map(|reply| reply.unwrap_or(Err(JournalError::Closed)))
    }
}

/// One write and who waits for it.
pub(super) trait Task: Send {
    /// Does it, within a transaction.
    fn run(&mut self, connection: &Connection) -> Result<(), JournalError>;
    /// Reports it, after the transaction.
    fn settle(self: Box<Self>, committed: Result<(), JournalError>);
}

struct Write<T, W, S> {
    work: Option<W>,
    value: Option<T>,
    settled: S,
    reply: oneshot::Sender<Result<T, JournalError>>,
}

impl<T, W, S> Task for Write<T, W, S>
where
    T: Send,
    W: FnOnce(&Connection) -> Result<T, JournalError> + Send,
    S: FnOnce(&Result<T, JournalError>) + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), JournalError> {
        let work = self.work.take().ok_or(JournalError::Closed)?;
        self.value = Some(work(connection)?);
        Ok(())
    }

    fn settle(self: Box<Self>, committed: Result<(), JournalError>) {
        let Self {
            value,
            settled,
            reply,
            ..
        } = *self;
        let result = committed.and_then(|()| value.ok_or(JournalError::Closed));
        settled(&result);
        // Nobody may be waiting.
        let _ = reply.send(result);
    }
}

/// A write that waits for the journal thread.
pub(super) struct Waiting {
    pub(super) durability: Durability,
    pub(super) task: Box<dyn Task>,
}

impl Waiting {
    /// This write, and the way to its result.
    pub(super) fn new<T: Send + 'static>(
        durability: Durability,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
        settled: impl FnOnce(&Result<T, JournalError>) + Send + 'static,
    ) -> (Self, Written<T>) {
        let (reply, written) = oneshot::channel();
        let task = Box::new(Write {
            work: Some(work),
            value: None,
            settled,
            reply,
        });
        (Self { durability, task }, Written(written))
    }
}
