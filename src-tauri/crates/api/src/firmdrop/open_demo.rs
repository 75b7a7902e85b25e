//! The simulated world while it is open.

use std::sync::Arc;

use firmdrop_engine::DemoClaim;

use crate::DemoWorld;

/// The simulated world as this process has it.
#[derive(Debug)]
pub(super) struct OpenDemo {
    pub(super) world: Arc<dyn DemoWorld>,
    /// Names of the accounts that lead to its services, in their order.
    pub(super) accounts: Vec<String>,
    /// The right to it, given up after the world has ended; `None` when it is another process's.
    pub(super) claim: Option<DemoClaim>,
}
