//! A watch that looks again and again, where the system does not report what comes and goes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::JoinHandle;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::provider::look;
use crate::reader::with_unique_ids;
use crate::{Changes, LinkError, Provider, Reader, ReaderChange, Watch};

impl Watch {
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
        for reader in with_unique_ids(readers) {
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

#[cfg(test)]
#[path = "polling_tests.rs"]
mod tests;
