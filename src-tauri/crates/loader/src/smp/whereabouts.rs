//! Where a reader is on its serial port, whatever that port is called meanwhile.
//!
//! A port that left may come back under another name, and its name may be another reader's by then: the chain of USB ports
//! that it hangs on decides. Other ways have addresses that stay.

use std::sync::{Arc, OnceLock};

use firmdrop_link::{Channel, Link, LinkAddress, LinkError, Place, Providers};

use super::gatt;

/// The place of a reader, from its first link on. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Whereabouts(Arc<OnceLock<Place>>);

impl Whereabouts {
    /// Opens the way to the reader as one that a session uses: the first time at this address, and later at its place.
    pub(super) async fn open(
        &self,
        providers: &Providers,
        address: &LinkAddress,
    ) -> Result<Link, LinkError> {
        let now = self.address(providers, address).await;
        let now = now.ok_or_else(|| LinkError::NotFound {
            place: address.to_string(),
        })?;
        let is_first = address.kind() == Channel::Serial && self.0.get().is_none();
        let place = if is_first {
            providers.place(&now).await.ok()
        } else {
            None
        };
        let link = gatt::carry(providers.open(&now).await?, &now).await?;
        if let Some(place) = place {
            let _ = self.0.set(place);
        }
        Ok(link)
    }

    /// The address of the reader now; `None` when nothing is at its place.
    pub(super) async fn address(
        &self,
        providers: &Providers,
        address: &LinkAddress,
    ) -> Option<LinkAddress> {
        match self.0.get() {
            Some(before) => providers.returned_as(address, before).await,
            None => Some(address.clone()),
        }
    }
}
