//! Changing the system, writing down what was changed, and restoring it to the byte.

mod act;
mod files;
mod lists;
mod record;
mod whole;
mod within;

pub use act::{Commands, SystemChanged, apply, change_to_undo, history, undo};
pub use record::{ChangeState, RecordedFile, SystemChange};
