//! How a link that broke is opened again.
//!
//! A port that is plugged in again, or a reader that starts anew, is away for seconds, and another may be there
//! afterwards. What is asked over the next link is not known here.

use std::sync::Arc;

use firmdrop_core::{DeliveryEvents, ImageHash, Note, NoteKind};
use firmdrop_link::{Link, LinkAddress, LinkError, Providers};
use tokio::time::{Instant, sleep};

use super::{expected::Expected, timing::Timing, whereabouts::Whereabouts};
use crate::LoadContext;

/// The way to the next link, and who is expected there.
#[derive(Clone)]
pub(super) struct Reopening {
    providers: Providers,
    address: LinkAddress,
    whereabouts: Whereabouts,
    events: Arc<dyn DeliveryEvents>,
    timing: Timing,
    expected: Expected,
}

impl std::fmt::Debug for Reopening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reopening")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Reopening {
    pub(super) fn of(
        context: &LoadContext,
        whereabouts: Whereabouts,
        timing: Timing,
        expected: Expected,
    ) -> Self {
        Self {
            whereabouts,
            providers: context.providers.clone(),
            address: context.address.clone(),
            events: Arc::clone(&context.events),
            timing,
            expected,
        }
    }

    /// The serial number of what is there now, where the system lists one.
    pub(super) async fn serial_number(&self) -> Option<String> {
        let address = self.whereabouts.address(&self.providers, &self.address);
        self.providers.serial_number(&address.await?).await
    }

    /// Who is expected to answer.
    pub(super) fn expected(&self) -> &Expected {
        &self.expected
    }

    /// From now on the image with this hash may run.
    pub(super) fn may_start(&mut self, hash: ImageHash) {
        self.expected.may_start(hash);
    }

    /// How long is waited for what.
    pub(super) fn timing(&self) -> &Timing {
        &self.timing
    }

    /// Whether a link that failed so may work when it is opened again: silence is the reader's.
    pub(super) fn helps_against(error: &LinkError) -> bool {
        !matches!(
            error,
            LinkError::Timeout { .. } | LinkError::NotSupported { .. }
        )
    }

    /// What the system refuses although something is there: another program has it, or this account may not open it.
    /// `None` when nothing is there, or it is silent.
    pub(super) fn closed(error: LinkError) -> Option<LinkError> {
        match error {
            LinkError::NotFound { .. } | LinkError::Lost { .. } | LinkError::Timeout { .. } => None,
            closed => Some(closed),
        }
    }

    /// A link broke with this error. Returns until when it is opened again.
    pub(super) fn begin(&self, error: &LinkError) -> Instant {
        let text = format!("Opening the link again: {error}");
        self.events.note(Note::new(NoteKind::Retry, text));
        Instant::now() + self.timing.reconnect
    }

    /// Opens the next link. Never at once: some ways open and fail at the first request. Cancelling it loses
    /// nothing.
    pub(super) async fn open(&self, until: Instant) -> Result<Link, LinkError> {
        loop {
            sleep(self.timing.poll_every).await;
            match self.whereabouts.open(&self.providers, &self.address).await {
                Err(error) if Instant::now() >= until => return Err(error),
                Err(_) => {}
                opened => return opened,
            }
        }
    }
}
