//! Who may do what: the account's key, a bearer token, or a shared access signature.
//!
//! What a request does to the account is the neighbours' part; here it is only allowed or refused.

mod action;
mod bearer;
mod delegation;
mod grant;
mod sas;
mod shared_key;
mod target;

pub(crate) use action::Action;
pub use bearer::{Bearer, BearerIdentity, BearerRefusal};
pub(crate) use delegation::{DelegationKey, Delegator};
pub(crate) use grant::Gate;
pub(crate) use sas::Signing;
pub(crate) use target::Target;
