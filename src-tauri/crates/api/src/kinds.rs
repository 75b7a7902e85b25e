//! The kinds of links and protocols that every face offers: the one list of this layer.

use std::sync::Arc;

use firmdrop_link::{Providers, SerialPorts, UdpPeers};
use firmdrop_loader::{Loader, SmpLoader};

/// Who finds readers and opens links.
pub(crate) fn providers() -> Providers {
    Providers::default()
        .with(Arc::new(SerialPorts))
        .with(Arc::new(UdpPeers))
}

/// The protocols that put an image onto a reader.
pub(crate) fn loaders() -> Vec<Arc<dyn Loader>> {
    vec![Arc::new(SmpLoader::default())]
}
