//! How a Pelion account is written as a destination.

use firmdrop_engine::Destination;

/// The scheme of destinations, and the kind of accounts.
pub const SCHEME: &str = "pelion";

/// The destination an account is.
pub fn destination(account: &str) -> Destination {
    Destination::new(SCHEME, account)
}
