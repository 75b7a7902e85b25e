//! Cloud accounts: addresses in a file of the home, access keys in the system's key store.

mod key_store;
mod store;

pub use key_store::KeyStorage;
pub use store::{Account, Accounts};

/// An access key. Never printed, wiped from memory when it is dropped.
pub type AccessKey = secrecy::SecretString;
