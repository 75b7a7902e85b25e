//! Who finds readers and opens links.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Link, LinkAddress, LinkError, Reader};

/// One kind of way: the serial ports, UDP, the simulated world. Tests and the demo world register
/// their own.
#[async_trait]
pub trait Provider: std::fmt::Debug + Send + Sync {
    /// Whether this provider opens addresses of that kind.
    fn serves(&self, address: &LinkAddress) -> bool;

    /// The readers that can be seen now. Opens none of them: looking must not disturb an instrument.
    async fn readers(&self) -> Vec<Reader>;

    /// Opens a link, exclusively where the system can. Nothing is sent.
    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError>;
}

/// Every provider of this process, asked in the order of registration.
#[derive(Debug, Clone, Default)]
pub struct Providers(Vec<Arc<dyn Provider>>);

impl Providers {
    /// With one more provider.
    #[must_use]
    pub fn with(mut self, provider: Arc<dyn Provider>) -> Self {
        self.0.push(provider);
        self
    }

    /// All readers of all providers.
    pub async fn readers(&self) -> Vec<Reader> {
        let mut all = Vec::new();
        for provider in &self.0 {
            all.extend(provider.readers().await);
        }
        all
    }

    /// Opens a link through the provider that serves the address.
    pub async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        match self.0.iter().find(|provider| provider.serves(address)) {
            Some(provider) => provider.open(address).await,
            None => Err(LinkError::NotFound {
                place: address.to_string(),
            }),
        }
    }
}
