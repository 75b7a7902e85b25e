//! Who is signed in: tokens for the service and for storage, however they are obtained.
//!
//! A secret is sent only to the issuer that it was entered for, over https, and never along a
//! redirect. Refresh tokens are stored by the caller; access tokens live in memory only.

mod azure_cli;
mod certificate;
mod client_secret;
mod device_code;
mod error;
mod flow;
mod interactive;
mod issuer;
mod loopback;
mod pasted;
mod refresh_store;
mod renewing;
mod settings;
mod user;

use firmdrop_core::Code;

pub use azure_cli::AzureCli;
pub use certificate::{AssertionAlgorithm, ClientCertificate};
pub use client_secret::ClientSecret;
pub use device_code::DeviceCodePrompt;
pub use flow::RefusedFlow;
pub use interactive::BROWSER_TIME;
pub use pasted::PastedToken;
pub use refresh_store::{MemoryRefreshStore, RefreshStore};
pub use settings::{BoundSecret, SignInSettings};
pub use user::UserSignIn;

use super::TokenError;

/// Whether there is no token for a reason that may pass by itself.
pub(super) fn may_pass(error: &TokenError) -> bool {
    matches!(
        error.0.code,
        Code::HostNotFound
            | Code::HostUnreachable
            | Code::ServiceFailed
            | Code::ServiceTimeout
            | Code::RateLimited
    )
}
