//! The protocols that every face offers: the one list of this layer.

use std::sync::Arc;

use firmdrop_loader::Loader;

/// The protocols that put an image onto a reader.
pub(crate) fn loaders() -> Vec<Arc<dyn Loader>> {
    firmdrop_loader::all()
}
