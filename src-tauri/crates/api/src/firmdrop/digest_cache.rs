//! Digests of files that were read, for as long as a file stays what it is.

use std::collections::HashMap;
use std::path::PathBuf;

use firmdrop_engine::FileIdentity;
use firmdrop_image::FileDigests;

/// Digests by path and identity.
pub(super) type DigestCache = HashMap<PathBuf, (FileIdentity, FileDigests)>;
