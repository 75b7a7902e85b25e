//! Who finds readers and opens links.

use std::sync::Arc;

use async_trait::async_trait;

use crate::channels::grammar;
use crate::watch::look;
use crate::{AddressError, Link, LinkAddress, LinkError, Place, Reader, Watch};

/// One channel: the serial ports, UDP, the simulated world. Tests and the demo world register their
/// own.
#[async_trait]
pub trait Provider: std::fmt::Debug + Send + Sync {
    /// Id of the channel, in front of the colon of its addresses.
    fn channel(&self) -> &'static str;

    /// Puts what follows the colon into the one form in which equal addresses are equal, or says what
    /// is wrong with it.
    fn canonical(&self, address: &str) -> Result<String, String> {
        match grammar(self.channel()) {
            Some(grammar) => grammar(address),
            None if address.is_empty() => Err("there is nothing behind the colon".to_owned()),
            None => Ok(address.to_owned()),
        }
    }

    /// The readers that can be seen now. Opens none of them: looking must not disturb an instrument.
    async fn discover(&self) -> Result<Vec<Reader>, LinkError>;

    /// Readers that come and go from now on, beginning with those that are there.
    fn watch(self: Arc<Self>) -> Watch;

    /// The place an address leads to. Opens nothing, and ends within [`crate::OPEN_DEADLINE`].
    async fn place(&self, address: &LinkAddress) -> Result<Place, LinkError> {
        Ok(Place::new(address.to_string()))
    }

    /// Opens a link, exclusively where the system can. Nothing is sent.
    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError>;
}

/// Every provider of this process. Of two with one channel the first is used.
#[derive(Debug, Clone, Default)]
pub struct Providers(Vec<Arc<dyn Provider>>);

impl Providers {
    /// With one more provider.
    #[must_use]
    pub fn with(mut self, provider: Arc<dyn Provider>) -> Self {
        self.0.push(provider);
        self
    }

    /// Reads an address of any registered channel, or of one of this crate's.
    ///
    /// # Errors
    /// [`AddressError`] that says what is wrong.
    pub fn parse(&self, text: &str) -> Result<LinkAddress, AddressError> {
        let mut known: Vec<_> = self.0.iter().map(|provider| provider.channel()).collect();
        for channel in crate::channels::CHANNELS {
            if !known.contains(&channel.id) {
                known.push(channel.id);
            }
        }
        LinkAddress::parse_with(text, &known, |channel, rest| match self.of(channel) {
            Some(provider) => Some(provider.canonical(rest)),
            None => grammar(channel).map(|grammar| grammar(rest)),
        })
    }

    /// All readers of all providers, each with an id of its own. A channel that cannot be looked at
    /// has none.
    pub async fn discover(&self) -> Vec<Reader> {
        let mut all = Vec::new();
        for provider in &self.0 {
            all.extend(look(provider.as_ref()).await.unwrap_or_default());
        }
        crate::reader::with_unique_ids(all)
    }

    /// Readers of all channels that come and go.
    pub fn watch(&self) -> Watch {
        let watches = self.0.iter().map(|provider| Arc::clone(provider).watch());
        Watch::merged(watches.collect())
    }

    /// The place an address leads to.
    ///
    /// # Errors
    /// [`LinkError::NotFound`] when a host is unknown or no provider has the channel,
    /// [`LinkError::Timeout`] when a name server does not answer.
    pub async fn place(&self, address: &LinkAddress) -> Result<Place, LinkError> {
        self.serving(address)?.place(address).await
    }

    /// Opens a link through the provider of the address's channel.
    ///
    /// # Errors
    /// What the provider says; [`LinkError::NotFound`] when there is none.
    pub async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        self.serving(address)?.open(address).await
    }

    fn serving(&self, address: &LinkAddress) -> Result<&dyn Provider, LinkError> {
        let provider = self.of(address.channel());
        provider.ok_or_else(|| LinkError::NotFound {
            place: address.to_string(),
        })
    }

    fn of(&self, channel: &str) -> Option<&dyn Provider> {
        let found = self.0.iter().find(|provider| provider.channel() == channel);
        found.map(AsRef::as_ref)
    }
}
