//! The pretend sign-in: tokens for an application with a secret, for a user with a device code or in the
//! browser, and for refresh tokens.
//!
//! Nobody is asked for a password: the user of the simulated tenant agrees at once, or when the test says
//! so. No certificates, and no password flow: they are refused.

mod answer;
mod grants;
mod service;
mod token;

pub(super) use grants::Registry;
pub(super) use service::SignInService;
pub use token::App;
pub(crate) use token::{Issuer, Resource};
