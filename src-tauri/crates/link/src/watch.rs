//! Readers that come and go, as a sequence of changes.

use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::JoinHandle;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

use crate::timing::DISCOVERY_DEADLINE;
use crate::{LinkError, Provider, Reader};

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

    /// A watch that compares what the provider discovers, once every `period`. A look that fails or
    /// takes too long changes nothing: what was seen stays.
    pub fn polling(provider: Arc<dyn Provider>, period: Duration) -> Self {
        Self::new(Polling {
            provider,
            period,
            timer: None,
            look: None,
            known: BTreeMap::new(),
            waiting: VecDeque::new(),
        })
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

struct Polling {
    provider: Arc<dyn Provider>,
    period: Duration,
    timer: Option<Interval>,
    /// The look under way. It outlives a cancelled [`Changes::next`], so that no look is in vain.
    look: Option<JoinHandle<Result<Vec<Reader>, LinkError>>>,
    known: BTreeMap<String, Reader>,
    waiting: VecDeque<ReaderChange>,
}

#[async_trait]
impl Changes for Polling {
    async fn next(&mut self) -> Option<ReaderChange> {
        loop {
            if let Some(change) = self.waiting.pop_front() {
                return Some(change);
            }
            if self.look.is_none() {
                let period = self.period;
                let timer = self.timer.get_or_insert_with(|| {
                    let mut timer = interval(period);
                    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
                    timer
                });
                timer.tick().await;
            }
            let provider = &self.provider;
            let look = self.look.get_or_insert_with(|| {
                let provider = Arc::clone(provider);
                tokio::spawn(async move { look(provider.as_ref()).await })
            });
            let seen = look.await;
            self.look = None;
            if let Ok(Ok(readers)) = seen {
                self.compare(readers);
            }
        }
    }
}

impl Polling {
    fn compare(&mut self, readers: Vec<Reader>) {
        let mut before = std::mem::take(&mut self.known);
        for reader in crate::reader::with_unique_ids(readers) {
            match before.remove(&reader.id) {
                None => self
                    .waiting
                    .push_back(ReaderChange::Appeared(reader.clone())),
                Some(known) if known != reader => self
                    .waiting
                    .push_back(ReaderChange::Changed(reader.clone())),
                Some(_) => {}
            }
            self.known.insert(reader.id.clone(), reader);
        }
        self.waiting
            .extend(before.into_values().map(ReaderChange::Gone));
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        if let Some(look) = &self.look {
            look.abort();
        }
    }
}

/// Discovers within a bounded time.
pub(crate) async fn look(provider: &dyn Provider) -> Result<Vec<Reader>, LinkError> {
    let place = || format!("the channel {}", provider.channel());
    let discovered = timeout(DISCOVERY_DEADLINE, provider.discover()).await;
    discovered.unwrap_or_else(|_| Err(LinkError::Timeout { place: place() }))
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

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
