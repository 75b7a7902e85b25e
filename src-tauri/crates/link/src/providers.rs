//! Every provider of this process as one.

use std::sync::Arc;

use crate::channels::{CHANNELS, grammar};
use crate::provider::list;
use crate::reader::with_unique_ids;
use crate::{AddressError, Channel, Link, LinkAddress, LinkError, Place, Provider, Reader, Watch};

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
        for channel in CHANNELS {
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
            all.extend(list(provider.as_ref()).await.unwrap_or_default());
        }
        with_unique_ids(all)
    }

    /// The serial number of what is at this address now, where its channel is listed by the system with one. Opens nothing.
    /// Two readers may share one; two numbers are two readers, or two programs of one.
    pub async fn serial_number(&self, address: &LinkAddress) -> Option<String> {
        if !matches!(address.kind(), Channel::Serial | Channel::Simulated) {
            return None;
        }
        let readers = list(self.of(address.channel())?).await.ok()?;
        let here = |reader: &Reader| reader.address.without_options() == address.without_options();
        readers.into_iter().find(here)?.serial
    }

    /// Waits until readers that announce themselves now and then had time to, a few seconds at most.
    pub async fn listen(&self) {
        for provider in &self.0 {
            provider.listen().await;
        }
    }

    /// Why readers of some channels cannot be seen now, where a user can do something about that.
    pub fn troubles(&self) -> Vec<LinkError> {
        let providers = self.0.iter();
        providers
            .filter_map(|provider| provider.trouble())
            .collect()
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

    /// The address now of what was at this place when it had this address: another one when a serial port came back under
    /// another name. `None` while nothing is there. Opens nothing.
    pub async fn returned_as(&self, address: &LinkAddress, before: &Place) -> Option<LinkAddress> {
        let is_there = async |address: &LinkAddress| {
            let place = self.place(address).await;
            place.is_ok_and(|now| before.is_again(&now))
        };
        if is_there(address).await {
            return Some(address.clone());
        }
        let readers = list(self.of(address.channel())?).await.ok()?;
        for reader in readers {
            if reader.channel == Channel::Serial && is_there(&reader.address).await {
                let baud = address.baud().unwrap_or_default();
                return Some(LinkAddress::serial(reader.address.without_options(), baud));
            }
        }
        None
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
