//! What a loader is given besides the image: links, events, the wish to stop.

use std::sync::Arc;

use firmdrop_core::ProgressSink;
use firmdrop_image::{Inspection, Source};
use firmdrop_link::{Link, LinkAddress, LinkError, Providers};
use tokio_util::sync::CancellationToken;

use crate::PhaseKind;

/// Where phases and notes of a load go. Both are kept; progress may be lost.
pub trait LoadEvents: ProgressSink {
    /// A phase begins. Phases come in the order of the plan; nothing follows a failure.
    fn phase(&self, phase: PhaseKind);
    /// Something a person should be able to read later.
    fn note(&self, text: &str);
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
    /// SHA-256 of the whole file.
    pub file_sha256: firmdrop_core::Sha256,
    /// Receives phases, notes and progress.
    pub events: Arc<dyn LoadEvents>,
    /// Set when a person wants to stop. A loader looks at it wherever stopping is safe.
    pub cancel: CancellationToken,
}

impl LoadContext {
    /// Opens a link to the reader.
    pub async fn open(&self) -> Result<Link, LinkError> {
        self.providers.open(&self.address).await
    }
}

impl std::fmt::Debug for LoadContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadContext")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
