//! Deploys an imported update to the devices of a group, and watches until they have reported.
//!
//! Whom it would touch is asked before anything is started, and the number a user confirmed must still
//! be true then. What must survive a kill goes through [`DeployRecord`] before the network is touched.

mod each_class;
mod error;
mod judge;
mod phases;
mod reach;
mod record;
mod request;
mod run;

pub use each_class::{ClassAct, EachClass, in_each_class};
pub use error::DeployError;
pub use judge::{Reported, is_over};
pub use phases::{phases, watch_phase};
pub use reach::{Reach, ReachedSubgroup, reach};
pub use record::{DeployFact, DeployRecord, DeployState};
pub use request::{DeployRequest, DeployWaits, Deployable};
pub use run::deploy;
