//! Carrying plans out: queues, the runner, what it reports, and what it finds after a crash.

mod campaign_rollout;
mod change;
mod check_file;
mod control;
mod end;
mod engine;
mod events;
mod existing;
mod follow;
mod kept;
mod leave;
mod live;
mod load_reader;
mod log;
mod pace;
mod pelion_fact;
mod pelion_upload;
mod queue;
mod reconcile;
mod runner;
#[cfg(test)]
mod test_plan;
mod view;

pub use change::{Change, Changes};
pub(crate) use check_file::CHECK_FILE;
pub use engine::{Engine, EngineOptions};
pub use follow::Following;
pub use reconcile::Recovery;
#[cfg(test)]
pub(crate) use test_plan::test_plan;
