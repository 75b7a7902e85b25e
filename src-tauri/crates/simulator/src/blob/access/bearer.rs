//! Bearer tokens. Who issues them is somebody else's part.

/// Whom a token was issued to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BearerIdentity {
    /// Object id of the user or application.
    pub object: String,
    /// The tenant.
    pub tenant: String,
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BearerRefusal {
    /// 401 with this detail: not ours, ended, or for another resource.
    Invalid(String),
    /// 403: the token is good, and its owner has no role here.
    NoRole,
}

/// Judges bearer tokens for the storage.
pub trait Bearer: std::fmt::Debug + Send + Sync {
    /// Whom the token was issued to, if it opens the storage.
    fn check(&self, token: &str) -> Result<BearerIdentity, BearerRefusal>;
}
