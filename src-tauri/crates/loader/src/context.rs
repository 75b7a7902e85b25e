//! What a loader is given: the way to the reader, the image, events, the stop request.

use std::path::PathBuf;
use std::sync::Arc;

use firmdrop_core::{DeliveryEvents, ExpectedFile, NotDurable};
use firmdrop_image::{Inspection, Source};
use firmdrop_link::{Link, LinkAddress, LinkError, Providers};
use tokio_util::sync::CancellationToken;

use crate::{LeftState, LoadError, Options, Target};

/// Everything a probe needs.
#[derive(Debug, Clone)]
pub struct ProbeContext {
    /// Opens links, for protocols that need one.
    pub providers: Providers,
    /// The reader.
    pub address: LinkAddress,
}

impl ProbeContext {
    /// Opens a link to the reader.
    pub async fn open(&self) -> Result<Link, LinkError> {
        self.providers.open(&self.address).await
    }
}

/// Everything one load needs.
#[derive(Clone)]
pub struct LoadContext {
    /// Opens links; again and again, since a reader restarts.
    pub providers: Providers,
    /// The reader.
    pub address: LinkAddress,
    /// The image's bytes.
    pub source: Arc<dyn Source>,
    /// What the image is.
    pub inspection: Inspection,
    /// Size and SHA-256 of the whole file.
    pub expected: ExpectedFile,
    /// The protocol's own options, as planned.
    pub options: Options,
    /// File for what the reader held before, without its ending; none where nothing can be stored.
    pub save_as: Option<PathBuf>,
    /// Receives phases, notes and progress.
    pub events: Arc<dyn DeliveryEvents>,
    /// The reader answered when it was last asked, before this load: it may be away for a moment only.
    pub answered: bool,
    /// What the reader said when the load was planned and confirmed; `None` when it did not answer then. A loader compares
    /// it with what the reader says now, before anything is sent: another may be at its place.
    pub planned: Option<Target>,
    /// Keys of the phases that earlier runs of this load began, in order.
    pub began: Vec<String>,
    /// The stop request. A loader looks at it wherever stopping is safe.
    pub cancel: CancellationToken,
}

impl LoadContext {
    /// Opens a link to the reader.
    pub async fn open(&self) -> Result<Link, LinkError> {
        self.providers.open(&self.address).await
    }

    /// Returns once everything that was reported to [`Self::events`] is on disk; otherwise the reader is left
    /// in `state`. A loader awaits it, or [`Self::written`], after the phase that changes the reader began and
    /// before its first request: first write, mark, restart, confirm.
    pub async fn durable(&self, state: &str) -> Result<(), LoadError> {
        or_left_in(state, self.events.durable().await)
    }

    /// Returns once everything that was reported to [`Self::events`] outlives this process; otherwise the reader is
    /// left in `state`. Enough where a resumed load would learn nothing from it that is not on disk already.
    pub async fn written(&self, state: &str) -> Result<(), LoadError> {
        or_left_in(state, self.events.written().await)
    }
}

fn or_left_in(state: &str, written: Result<(), NotDurable>) -> Result<(), LoadError> {
    written.map_err(|source| LoadError::NotWrittenDown {
        source,
        state: LeftState(state.into()),
    })
}

impl std::fmt::Debug for LoadContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadContext")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
