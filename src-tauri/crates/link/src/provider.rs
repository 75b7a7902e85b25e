//! Who finds the readers of one channel and opens links to them.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::timeout;

use crate::channels::grammar;
use crate::timing::DISCOVERY_DEADLINE;
use crate::{Link, LinkAddress, LinkError, Place, Reader, Watch};

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

    /// Waits until readers that announce themselves now and then had time to, a few seconds at most. Other
    /// channels have nothing to wait for.
    async fn listen(&self) {}

    /// Why none of its readers can be seen now, where a user can do something about that.
    fn trouble(&self) -> Option<LinkError> {
        None
    }

    /// Readers that come and go from now on, beginning with those that are there.
    fn watch(self: Arc<Self>) -> Watch;

    /// The place an address leads to. Opens nothing, and ends within [`crate::OPEN_DEADLINE`].
    async fn place(&self, address: &LinkAddress) -> Result<Place, LinkError> {
        Ok(Place::new(address.to_string()))
    }

    /// Opens a link, exclusively where the system can. Nothing is sent.
    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError>;
}

/// Discovers within a bounded time.
pub(crate) async fn list(provider: &dyn Provider) -> Result<Vec<Reader>, LinkError> {
    let place = || format!("the channel {}", provider.channel());
    let discovered = timeout(DISCOVERY_DEADLINE, provider.discover()).await;
    discovered.unwrap_or_else(|_| Err(LinkError::Timeout { place: place() }))
}
