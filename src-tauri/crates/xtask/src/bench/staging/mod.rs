//! Files staged in blob storage: time, memory and processor against Microsoft's clients, a long line,
//! and a run that was killed.
//!
//! Our side is `stage-file` of the crate `test-support`: the staging of the product and nothing else, so
//! that all clients do the same work. The whole product is under measure in [`super::import_kill`].

mod azcopy;
mod azurite;
mod connection;
mod line;
mod memory;
mod python;
mod resume;
mod sink;
mod upload;

pub(super) use azcopy::install as install_azcopy;
pub(super) use line::run as line;
pub(super) use memory::run as memory;
pub(super) use python::listed;
pub(super) use resume::run as resume;
pub(super) use upload::run as upload;
