//! Commands for accounts of Azure Device Update.

pub(crate) mod deployments;
pub(crate) mod fleet;
pub(crate) mod import;
pub(crate) mod logs;
pub(crate) mod updates;
