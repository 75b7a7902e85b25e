//! A request, as the rules see it.

use super::Effect;

/// A request, as far as a fault can depend on it.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) body_bytes: u64,
    /// Whether the service can corrupt its answer in this way.
    pub(crate) can_corrupt: &'a (dyn Fn(&Effect) -> bool + Sync),
}
