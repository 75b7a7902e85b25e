//! What a loader is given besides the image: links, events, the wish to stop.

use std::sync::Arc;

use firmdrop_core::{DeliveryEvents, ExpectedFile};
use firmdrop_image::{Inspection, Source};
use firmdrop_link::{Link, LinkAddress, LinkError, Providers};
use tokio_util::sync::CancellationToken;

/// How far an earlier run of the same load is known to have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EarlierRun {
    /// There was none, or it changed nothing.
    #[default]
    None,
    /// It may have sent bytes of the image.
    Sent,
    /// It may have told the reader to restart: the reader may be away for a while, and run the image
    /// on trial when it is back.
    ToldToRestart,
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
    /// Receives phases, notes and progress.
    pub events: Arc<dyn DeliveryEvents>,
    /// What an earlier run of the same load did to the reader.
    pub earlier: EarlierRun,
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
