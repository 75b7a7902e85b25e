//! Whether a host has answered as the service it is said to be. From then on a page or a redirect is
//! that of a gateway, and is waited out like its 502; before, it means that the address is wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use firmdrop_net::NetError;

/// Clones share what is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownHost(Arc<AtomicBool>);

impl KnownHost {
    /// It answered as itself, now or in an earlier run.
    pub(crate) fn answered(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it ever did.
    pub(crate) fn is_known(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The failure of a request to it, by what is known of it.
    pub(crate) fn judged(&self, error: NetError) -> NetError {
        if self.is_known() {
            error.after_own_answers()
        } else {
            error
        }
    }
}

/// Whether a refusal of a host that has answered as itself is a gateway's: a page where the service
/// has words, or a redirect for the time being, to a page that says so.
///
/// A key that is refused, a proxy that asks for a sign-in, and what is too large stay what they are.
pub(crate) fn is_of_a_gateway(status: u16, is_page: bool) -> bool {
    match status {
        302 | 303 | 307 => true,
        401 | 407 | 408 | 413 | 414 | 429 | 431 => false,
        400..=499 => is_page,
        _ => false,
    }
}
