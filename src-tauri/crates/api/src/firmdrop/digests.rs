//! Digests of files, computed once for as long as a file stays what it is.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use firmdrop_core::{Diagnosis, Sha256};
use firmdrop_engine::{FileIdentity, FileSource, blocking, digest};
use firmdrop_image::FileDigests;

use super::{Firmdrop, hold};

impl Firmdrop {
    /// SHA-256 and MD5 of a file, telling now and then how many bytes were read. Dropping the
    /// future lets the reading end at its next piece.
    pub async fn digests(
        &self,
        path: &str,
        on_bytes: impl Fn(u64) + Send + Sync + 'static,
    ) -> Result<FileDigests, Diagnosis> {
        let path = PathBuf::from(path);
        let this = self.clone();
        let (alive, watched) = alive();
        let digests = blocking(move || {
            let source = FileSource::open(&path)?;
            if let Some(known) = this.known_digests(&path, source.identity()) {
                return Ok(known);
            }
            let digests = digest(&source, &mut |bytes| {
                on_bytes(bytes);
                go_ahead(&watched)
            })?;
            hold(&this.inner.digests).insert(path, (source.identity(), digests));
            Ok(digests)
        })
        .await;
        drop(alive);
        digests
    }

    /// SHA-256 of a file alone: a third of the work of both. Dropping the future lets the reading end at
    /// its next piece.
    pub async fn sha256(&self, path: &str) -> Result<Sha256, Diagnosis> {
        let path = PathBuf::from(path);
        let this = self.clone();
        let (alive, watched) = alive();
        let sha256 = blocking(move || {
            let source = FileSource::open(&path)?;
            match this.known_sha256(&path, source.identity()) {
                Some(known) => Ok(known),
                None => firmdrop_engine::sha256_while(&source, &mut |_| go_ahead(&watched)),
            }
        })
        .await;
        drop(alive);
        sha256
    }

    /// The SHA-256 of a file that was hashed before and has not changed.
    pub(super) fn known_sha256(&self, path: &Path, identity: FileIdentity) -> Option<Sha256> {
        self.known_digests(path, identity)
            .map(|digests| digests.sha256)
    }

    fn known_digests(&self, path: &Path, identity: FileIdentity) -> Option<FileDigests> {
        let cache = hold(&self.inner.digests);
        cache
            .get(path)
            .filter(|(known, _)| *known == identity)
            .map(|(_, digests)| *digests)
    }
}

/// What a future holds while somebody waits for it, and how its work sees that nobody does any more.
fn alive() -> (Arc<()>, Weak<()>) {
    let alive = Arc::new(());
    let watched = Arc::downgrade(&alive);
    (alive, watched)
}

fn go_ahead(watched: &Weak<()>) -> ControlFlow<()> {
    if watched.strong_count() == 0 {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}
