//! Commands for accounts of Azure Device Update.

pub(crate) mod deployments;
pub(crate) mod import;
pub(crate) mod updates;
