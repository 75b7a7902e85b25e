//! Carrying plans out: queues, the runner, what it reports, and what it finds after a crash.

mod apply_remedy;
mod change;
mod check_file;
mod control;
mod end;
mod ending;
mod engine;
mod events;
mod follow;
#[cfg(test)]
mod give_up_tests;
mod hold;
mod leave;
mod live;
mod log;
mod observe;
mod observed;
mod options;
#[cfg(test)]
mod overdue_tests;
mod pace;
mod queue;
mod reconcile;
mod runner;
mod same_service;
mod shared;
#[cfg(test)]
mod test_plan;
mod view;

pub use change::{Change, Changes};
pub(crate) use check_file::{CHECK_FILE, open_planned};
pub use engine::Engine;
pub(crate) use events::JobEvents;
pub use follow::Following;
pub use hold::PlaceHold;
pub use observe::Observation;
pub use options::EngineOptions;
pub(crate) use queue::Turn;
pub use reconcile::Recovery;
pub(crate) use runner::task_died;
#[cfg(test)]
pub(crate) use test_plan::test_plan;
