//! Where a user's refresh token is stored between two runs: the key store, behind a trait that the
//! caller implements.

use async_trait::async_trait;

use super::BoundSecret;
use crate::azure::TokenError;

/// Stores one refresh token.
#[async_trait]
pub trait RefreshStore: std::fmt::Debug + Send + Sync {
    /// The stored one, with the binding that it was saved with.
    async fn load(&self) -> Result<Option<BoundSecret>, TokenError>;

    /// Stores this one in place of the one before. Issuers give a new one with nearly every token.
    async fn save(&self, token: &BoundSecret) -> Result<(), TokenError>;

    /// Removes it.
    async fn erase(&self) -> Result<(), TokenError>;
}

/// A store that lasts as long as the program: where the system has no key store.
#[derive(Debug, Default)]
pub struct MemoryRefreshStore(std::sync::Mutex<Option<BoundSecret>>);

impl MemoryRefreshStore {
    fn with<T>(&self, act: impl FnOnce(&mut Option<BoundSecret>) -> T) -> T {
        act(&mut self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

#[async_trait]
impl RefreshStore for MemoryRefreshStore {
    async fn load(&self) -> Result<Option<BoundSecret>, TokenError> {
        Ok(self.with(|token| token.clone()))
    }

    async fn save(&self, token: &BoundSecret) -> Result<(), TokenError> {
        self.with(|held| *held = Some(token.clone()));
        Ok(())
    }

    async fn erase(&self) -> Result<(), TokenError> {
        self.with(|held| *held = None);
        Ok(())
    }
}
