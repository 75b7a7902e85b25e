//! What a backend is given to make a plan from.

use firmdrop_core::Clock;

use crate::{Accounts, DeliveryOptions, Destination, Files, Home};

/// Everything a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct PlanRequest<'a> {
    /// The files, inspected and hashed. None of them is damaged.
    pub files: &'a Files,
    /// Where they go; of this backend's kind.
    pub destination: &'a Destination,
    /// What the user chose.
    pub options: &'a DeliveryOptions,
    /// The accounts of the home.
    pub accounts: &'a Accounts,
    /// The home, for keys that lie in it.
    pub home: &'a Home,
    /// Who tells the time.
    pub clock: &'a dyn Clock,
}
