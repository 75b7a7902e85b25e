//! A watch that looks again and again, where the system does not report what comes and goes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::JoinHandle;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};

use crate::provider::list;
use crate::reader::with_unique_ids;
use crate::usb::PlugEvents;
use crate::{Changes, LinkError, Provider, Reader, ReaderChange, Watch};

impl Watch {
    /// A watch that compares what the provider discovers, once every `period`. A look that fails or
    /// takes too long changes nothing: what was seen stays.
    pub fn polling(provider: Arc<dyn Provider>, period: Duration) -> Self {
        Self::woken(provider, period, None)
    }

    /// The same, and at once when the system says that something came or left.
    pub(crate) fn woken(
        provider: Arc<dyn Provider>,
        period: Duration,
        events: Option<PlugEvents>,
    ) -> Self {
        Self::new(Polling {
            provider,
            period,
            events,
            again: 0,
            timer: None,
            listing: None,
            known: BTreeMap::new(),
            waiting: VecDeque::new(),
        })
    }
}

/// After an event it is looked again so often, at this distance: Linux makes the node of a port some ten milliseconds
/// after that of its device, a rule for it may take longer.
const LOOKS_AFTER_EVENT: u32 = 4;
const AFTER_EVENT: Duration = Duration::from_millis(60);

/// Waits for an event; for ever where none comes.
async fn reported(events: Option<&PlugEvents>) {
    match events {
        Some(events) => events.changed().await,
        None => std::future::pending().await,
    }
}

struct Polling {
    provider: Arc<dyn Provider>,
    period: Duration,
    events: Option<PlugEvents>,
    /// Looks that follow an event: a driver takes a while to make the port of a device.
    again: u32,
    timer: Option<Interval>,
    /// The look under way. It outlives a cancelled [`Changes::next`], so that no look is in vain.
    listing: Option<JoinHandle<Result<Vec<Reader>, LinkError>>>,
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
            if self.listing.is_none() {
                let period = self.period;
                let timer = self.timer.get_or_insert_with(|| {
                    let mut timer = interval(period);
                    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
                    timer
                });
                tokio::select! {
                    _ = timer.tick() => {}
                    () = reported(self.events.as_ref()) => self.again = LOOKS_AFTER_EVENT,
                    () = sleep(AFTER_EVENT), if self.again > 0 => self.again -= 1,
                }
            }
            let provider = &self.provider;
            let listing = self.listing.get_or_insert_with(|| {
                let provider = Arc::clone(provider);
                tokio::spawn(async move { list(provider.as_ref()).await })
            });
            let seen = listing.await;
            self.listing = None;
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
        if let Some(listing) = &self.listing {
            listing.abort();
        }
    }
}

#[cfg(test)]
#[path = "polling_tests.rs"]
mod tests;
