//! Mounted drives that bootloaders show: `volume:/media/user/RPI-RP2`, or `volume:ID` wherever the drive
//! with this id is mounted.
//!
//! Finds them and gives access to the files in their root folder; what is in the files is a loader's
//! business, except for the ids by which two drives are told apart.

mod address;
mod drive_reads;
mod files;
mod found;
mod ids;
mod mounts;
mod port;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

pub(crate) use self::address::KNOWN;
use self::address::{CHANNEL, Place as Written, parse};
use self::drive_reads::DriveReads;
use self::found::Found;
use crate::blocking::blocking;
use crate::{Link, LinkAddress, LinkError, Place, Provider, Reader, WATCH_PERIOD, Watch};

/// The mounted drives of this computer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Volumes {
    reads: DriveReads,
}

#[async_trait]
impl Provider for Volumes {
    fn channel(&self) -> &'static str {
        CHANNEL
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        let seen = found::all(&self.reads).await;
        Ok(seen.iter().map(Found::reader).collect())
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::polling(self, WATCH_PERIOD)
    }

    async fn place(&self, address: &LinkAddress) -> Result<Place, LinkError> {
        let (text, root) = (address.to_string(), self.root(address).await?);
        blocking(|| text.clone(), move || Ok(found::place(&root))).await
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let (text, root) = (address.to_string(), self.root(address).await?);
        let place = text.clone();
        let opening = blocking(|| text.clone(), move || files::Folder::open(&root, place));
        Ok(Link::Drive(Box::new(opening.await?)))
    }
}

impl Volumes {
    /// The folder that an address means. An id that two drives have means none of them.
    async fn root(&self, address: &LinkAddress) -> Result<PathBuf, LinkError> {
        let place = address.to_string();
        match parse(address.on_channel()) {
            Err(_) => Err(LinkError::NotFound { place }),
            Ok(Written::Path(path)) => Ok(PathBuf::from(path)),
            Ok(Written::Id(id)) => found::one(&found::all(&self.reads).await, id, &place),
        }
    }
}
