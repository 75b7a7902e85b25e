//! What of this computer stands in the way of readers and deliveries, what would change it, and how that is undone.
//!
//! Everything of the system is read and written below a [`Root`], which is `/` for a user and a scratch folder for a
//! test. [`examine`] changes nothing. [`apply`] writes what a [`Fix`] showed and nothing else, and records it before;
//! [`undo`] restores the bytes, or refuses when somebody changed them since. Contacts nobody but a proxy that the
//! environment names, and sends nothing there.

mod change;
mod checks;
mod devices;
mod fault;
mod finding;
mod fix;
mod root;
mod system;
mod user;

pub use change::{
    ChangeState, Commands, RecordedFile, SystemChange, SystemChanged, apply, change_to_undo,
    history, undo,
};
pub use checks::examine;
pub use fault::DoctorFault;
pub use finding::{Facts, Finding, FindingState, HostTime, KeyStoreState};
pub use fix::{FileChange, Fix};
pub use root::Root;
pub use system::System;
pub use user::User;
