//! A link that is the files of a mounted drive.
//!
//! Bootloaders show such drives. What their files mean is a loader's business.

use async_trait::async_trait;

use crate::LinkError;

/// The root folder of a drive. Names are compared without regard to case, as FAT does; only plain files
/// are seen.
#[async_trait]
pub trait Drive: Send + Sync + std::fmt::Debug {
    /// Changes whenever the drive went away and came back.
    fn appearance(&self) -> &str;
    /// The USB port it is plugged into, `1-2.3`, where the system says so. Two drives of one kind differ by it.
    fn port(&self) -> Option<&str>;
    /// Fills `buffer` from `offset` of a file, as the drive holds it now, not as this computer remembers
    /// it. Fewer bytes than asked for only at the file's end; `None` without such a file.
    async fn read(
        &self,
        name: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, LinkError>;
    /// How long a file is, bytes; `None` without such a file.
    async fn size(&self, name: &str) -> Result<Option<u64>, LinkError>;
    /// Begins a new file in place of one with this name. Dropping it closes it.
    async fn create(&self, name: &str) -> Result<Box<dyn DriveFile>, LinkError>;
    /// Removes a file; none is no failure.
    async fn remove(&self, name: &str) -> Result<(), LinkError>;
    /// Returns once everything that was written is on the drive.
    async fn flush(&self) -> Result<(), LinkError>;
}

/// A file that is being written.
#[async_trait]
pub trait DriveFile: Send + std::fmt::Debug {
    /// Appends these bytes, and returns once the drive has them: they reach it in order.
    async fn append(&mut self, bytes: &[u8]) -> Result<(), LinkError>;
}
