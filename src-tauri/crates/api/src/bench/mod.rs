//! The bench: many readers, each at its own place, loaded with one image as they are plugged in.
//!
//! Values and rules only. What carries them out is in `firmdrop/bench`; a load itself is an ordinary job.

mod board;
mod counts;
mod label;
mod line;
mod lot;
mod record_file;
mod refusal;
mod seen;
mod setup;
mod slot;
mod unit;
mod view;

pub(crate) use board::{Board, Order};
pub use counts::LotCounts;
pub(crate) use label::Label;
pub(crate) use lot::{Begun, Lot, LotImage};
pub(crate) use record_file::RecordFile;
pub(crate) use refusal::refused;
pub(crate) use seen::Seen;
pub use setup::{BenchLane, BenchRecipe, BenchSetup, MOST_LANES};
pub(crate) use slot::{Insertion, Reason, Slot, Stage};
pub(crate) use unit::RecordDetails;
pub use unit::{UnitRecord, UnitResult};
pub(crate) use view::lane as lane_view;
pub use view::{BenchImage, BenchView, LaneState, LaneView};
