//! The seam between signing in and those who need a token.

use async_trait::async_trait;
use firmdrop_core::{Diagnosis, Moment};
use firmdrop_net::Secret;

/// What a token is for: one token opens one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    /// The Device Update service.
    DeviceUpdate,
    /// Blob storage.
    Storage,
}

/// A token for one resource. It lives in memory only.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// What goes into `Authorization: Bearer`.
    pub secret: Secret,
    /// When it ends.
    pub expires: Moment,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", .0.what_happened)]
pub struct TokenError(pub Box<Diagnosis>);

/// Who is signed in. Cheap to clone behind an `Arc`; callers that ask at the same time share one
/// request.
#[async_trait]
pub trait TokenSource: std::fmt::Debug + Send + Sync {
    /// A token that is valid for at least five more minutes, or as long as the issuer gives. Asks
    /// the issuer only when the last one is about to end.
    async fn token(&self, resource: Resource) -> Result<AccessToken, TokenError>;

    /// The service refused the last token of this resource: the next one is asked for anew.
    fn refused(&self, resource: Resource);
}
