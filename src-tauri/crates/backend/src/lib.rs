//! Kinds of destination, one folder each: how a destination is written, what an account needs, what a
//! delivery will do, how it is carried out, and what the other side holds of it.
//!
//! The engine sees them as [`firmdrop_engine::Backend`] and names none of them. [`all`] is the one
//! list.

pub mod azure;
pub mod pelion;
pub mod reader;

use std::sync::Arc;

use firmdrop_engine::Backends;

/// What the kinds are made of.
#[derive(Debug, Default)]
pub struct BackendOptions {
    /// Readers: who finds them and opens links, and the protocols that may be used.
    pub readers: reader::ReaderOptions,
    /// How Pelion is waited for.
    pub pelion: pelion::Waits,
    /// How Device Update is waited for.
    pub azure: azure::AzureWaits,
}

/// Every kind there is, and the readers by themselves, since they can be listed and identified.
#[derive(Debug, Clone)]
pub struct Kinds {
    /// Every kind, for the engine.
    pub backends: Backends,
    /// The readers.
    pub readers: Arc<reader::ReaderBackend>,
}

/// Every kind of destination. A new one is a folder and a line here.
pub fn all(options: BackendOptions) -> Kinds {
    let readers = Arc::new(reader::ReaderBackend::new(options.readers));
    Kinds {
        backends: Backends::new(vec![
            Arc::new(pelion::PelionBackend::new(options.pelion)),
            Arc::new(azure::AzureBackend::new(options.azure)),
            Arc::clone(&readers) as _,
        ]),
        readers,
    }
}
