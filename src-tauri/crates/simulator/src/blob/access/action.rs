//! What a request is about to do, and which letters of a signature's permissions allow it.

/// What a request is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// List containers, or read the account's properties.
    ReadAccount,
    /// Request a key to sign access with.
    Delegate,
    /// Create a container.
    CreateContainer,
    /// Read a container's properties.
    ReadContainer,
    /// Delete a container.
    DeleteContainer,
    /// List blobs.
    List,
    /// Read a blob, its properties or its blocks.
    Read,
    /// Write a blob or a block.
    Write,
    /// Write a blob that is not there yet, or a block of one.
    WriteNew,
    /// Delete a blob.
    Delete,
}

impl Action {
    /// The letters of which a signature must have one: Create a service SAS, permissions for a blob
    /// and for a container. None: a signature of a container or blob can never allow it.
    pub(super) const fn letters(self) -> &'static str {
        match self {
            Self::ReadAccount
            | Self::Delegate
            | Self::CreateContainer
            | Self::ReadContainer
            | Self::DeleteContainer => "",
            Self::List => "l",
            Self::Read => "r",
            Self::Write => "w",
            Self::WriteNew => "wc",
            Self::Delete => "d",
        }
    }
}
