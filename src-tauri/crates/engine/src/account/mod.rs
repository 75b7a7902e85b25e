//! Cloud accounts: addresses in a file of the home, access keys in the system's key store.

mod entry;
mod form;
mod key_store;
mod proxy;
mod refusal;
mod secret_place;
mod secrets;
mod store;

pub use crate::secret_store::KeyStorage;
pub use entry::Account;
pub use form::{AccountForm, FormChoice, FormCondition, FormField};
pub use proxy::{split_password, with_password};
pub use secrets::{ACCESS_KEY, PROXY_PASSWORD, Secrets};
pub use store::{Accounts, SimulatedAccount};

/// An access key. Never printed, wiped from memory when it is dropped.
pub type AccessKey = secrecy::SecretString;
