//! Readers that come and go, as a sequence of changes.

use std::future::poll_fn;
use std::task::Poll;

use async_trait::async_trait;

use crate::Reader;

/// One change of what can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderChange {
    /// It was not there before.
    Appeared(Reader),
    /// It is there, and something about it is new: its name, whether it can be used.
    Changed(Reader),
    /// It is there no more; as it was seen last.
    Gone(Reader),
}

/// Where changes come from.
#[async_trait]
pub trait Changes: Send {
    /// Waits for the next change; `None` when there will be none. Cancelling loses no change.
    async fn next(&mut self) -> Option<ReaderChange>;
}

/// The changes of one provider or of all. It begins with every reader that is there as
/// [`ReaderChange::Appeared`]. Dropping it ends the watching.
pub struct Watch(Box<dyn Changes>);

impl Watch {
    /// A watch of these changes, for a system that reports them by itself.
    pub fn new(changes: impl Changes + 'static) -> Self {
        Self(Box::new(changes))
    }

    /// A watch that never reports anything, for channels whose readers do not announce themselves.
    pub fn silent() -> Self {
        Self::new(Merged(Vec::new()))
    }

    /// All these as one.
    pub(crate) fn merged(watches: Vec<Self>) -> Self {
        Self::new(Merged(watches))
    }

    /// Waits for the next change; `None` when there will be none. Cancelling loses no change.
    pub async fn next(&mut self) -> Option<ReaderChange> {
        self.0.next().await
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

/// Several watches as one. With none, or with all of them at their end, it waits for ever.
struct Merged(Vec<Watch>);

#[async_trait]
impl Changes for Merged {
    async fn next(&mut self) -> Option<ReaderChange> {
        let mut all: Vec<_> = self
            .0
            .iter_mut()
            .map(|watch| Some(Box::pin(watch.next())))
            .collect();
        poll_fn(|context| {
            for slot in &mut all {
                let Some(next) = slot else { continue };
                match next.as_mut().poll(context) {
                    Poll::Ready(Some(change)) => return Poll::Ready(Some(change)),
                    Poll::Ready(None) => *slot = None,
                    Poll::Pending => {}
                }
            }
            Poll::Pending
        })
        .await
    }
}
