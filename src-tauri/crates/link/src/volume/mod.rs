//! Mounted drives that bootloaders show: `volume:/media/user/RPI-RP2`, or `volume:ID` wherever the drive
//! with this id is mounted.
//!
//! Finds them and gives access to the files in their root folder; what is in the files is a loader's
//! business, except for the ids by which two drives are told apart.

mod address;
mod files;
mod found;
mod ids;
mod mounts;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use self::address::{CHANNEL, Place as Written, canonical, parse};
use self::found::Found;
use crate::channels::Known;
use crate::{
    Channel, Link, LinkAddress, LinkError, OPEN_DEADLINE, Place, Provider, Reader, WATCH_PERIOD,
    Watch,
};

/// This channel.
pub(crate) const KNOWN: Known = Known {
    id: CHANNEL,
    grammar: canonical,
    kind: Channel::Usb,
    provider: Some(|| Arc::new(Volumes)),
};

/// The mounted drives of this computer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Volumes;

#[async_trait]
impl Provider for Volumes {
    fn channel(&self) -> &'static str {
        CHANNEL
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        let place = || "mounted drives".to_owned();
        let seen = blocking(place, || Ok(found::all())).await?;
        Ok(seen.iter().map(Found::reader).collect())
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::polling(self, WATCH_PERIOD)
    }

    async fn place(&self, address: &LinkAddress) -> Result<Place, LinkError> {
        let (text, address) = (address.to_string(), address.clone());
        blocking(|| text.clone(), move || Ok(found::place(&root(&address)?))).await
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let (text, address) = (address.to_string(), address.clone());
        let opening = blocking(
            || text.clone(),
            move || files::Folder::open(&root(&address)?, address.to_string()),
        );
        Ok(Link::Drive(Box::new(opening.await?)))
    }
}

/// The folder that an address means. An id that two drives have means none of them.
fn root(address: &LinkAddress) -> Result<PathBuf, LinkError> {
    let not_found = || LinkError::NotFound {
        place: address.to_string(),
    };
    match parse(address.on_channel()).map_err(|_| not_found())? {
        Written::Path(path) => Ok(PathBuf::from(path)),
        Written::Id(id) => found::one(&found::all(), id, &address.to_string()),
    }
}

/// Runs what may block on a thread for that, within the time a link may take to open.
async fn blocking<T: Send + 'static>(
    place: impl Fn() -> String,
    work: impl FnOnce() -> Result<T, LinkError> + Send + 'static,
) -> Result<T, LinkError> {
    within(OPEN_DEADLINE, place, work).await
}

/// The same within another time. What a dead drive holds up longer is left to itself.
async fn within<T: Send + 'static>(
    deadline: std::time::Duration,
    place: impl Fn() -> String,
    work: impl FnOnce() -> Result<T, LinkError> + Send + 'static,
) -> Result<T, LinkError> {
    match tokio::time::timeout(deadline, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(result)) => result,
        Ok(Err(stopped)) => Err(LinkError::Io {
            place: place(),
            source: std::io::Error::other(stopped),
        }),
        Err(_) => Err(LinkError::Timeout { place: place() }),
    }
}
