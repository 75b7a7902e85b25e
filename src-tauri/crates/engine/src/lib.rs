//! Jobs: what is planned, carried out, written down and proved.
//!
//! The engine knows loaders and cloud services. It has never heard of a window, a terminal or a
//! web request; every face asks it through the crate above.

mod destination;
mod job;
mod plan;

pub use destination::{Destination, DestinationError};
pub use job::{
    Job, JobId, JobIdError, JobState, JobSummary, Pace, PhaseResult, PhaseRun, Piece, PieceState,
    TimedNote,
};
pub use plan::{Danger, DeliveryOptions, ImageFile, Plan, PlanId};
