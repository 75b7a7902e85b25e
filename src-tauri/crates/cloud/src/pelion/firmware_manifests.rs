//! The operations of firmware manifests, and the download of a manifest's own bytes.
//!
//! What the service says about a manifest is only its reading; whoever must be sure downloads the
//! bytes and parses them.

use std::collections::BTreeSet;

use firmdrop_net::{
    Field, FilePart, Method, StreamedBody,
    fetch::{FetchRules, FetchWatch, LeastRate, fetch},
};
use tokio_util::sync::CancellationToken;

use super::{
    FirmwareManifest, ListQuery, Page, Pelion, PelionError, exchange::checked_id,
    limits::MANIFEST_DOWNLOAD_BYTES,
};

const MANIFESTS: &str = "v3/firmware-manifests";

/// What a new firmware manifest is called.
#[derive(Debug, Clone, Copy)]
pub struct NewManifest<'a> {
    /// Its name, at most [`NAME_CHARACTERS`](super::NAME_CHARACTERS).
    pub name: &'a str,
    /// Its description; may be empty.
    pub description: &'a str,
    /// Name of the file, at most
    /// [`MANIFEST_FILE_NAME_CHARACTERS`](super::MANIFEST_FILE_NAME_CHARACTERS).
    pub file_name: &'a str,
}

impl Pelion {
    /// One page of the firmware manifests.
    pub async fn firmware_manifests(
        &self,
        query: &ListQuery,
    ) -> Result<Page<FirmwareManifest>, PelionError> {
        let mut page: Page<FirmwareManifest> = self.list(MANIFESTS, query).await?;
        page.data = page
            .data
            .into_iter()
            .map(FirmwareManifest::settled)
            .collect();
        Ok(page)
    }

    /// One firmware manifest.
    pub async fn firmware_manifest(&self, id: &str) -> Result<FirmwareManifest, PelionError> {
        let path = format!("{MANIFESTS}/{}", checked_id(id)?);
        let manifest: FirmwareManifest = self.execute(self.call(Method::Get, &path)?).await?;
        Ok(manifest.settled())
    }

    /// Sends a signed manifest. The service refuses more than
    /// [`MANIFEST_BYTES`](super::MANIFEST_BYTES). After an unknown answer look for its name before
    /// sending again.
    pub async fn post_firmware_manifest(
        &self,
        manifest: NewManifest<'_>,
        bytes: Vec<u8>,
    ) -> Result<FirmwareManifest, PelionError> {
        let fields = [
            Field {
                name: "name",
                value: manifest.name,
            },
            Field {
                name: "description",
                value: manifest.description,
            },
        ];
        let file = FilePart {
            field: "datafile",
            file_name: manifest.file_name,
            body: StreamedBody {
                length_bytes: bytes.len() as u64,
                pieces: Box::pin(futures::stream::iter([Ok(bytes.into())])),
            },
        };
        let call = self.call(Method::Post, MANIFESTS)?;
        let call = call.map(|request| request.form(&fields, file));
        let manifest: FirmwareManifest = self.execute(call).await?;
        Ok(manifest.settled())
    }

    /// Deletes a firmware manifest. Cannot be undone.
    pub async fn delete_firmware_manifest(&self, id: &str) -> Result<(), PelionError> {
        let path = format!("{MANIFESTS}/{}", checked_id(id)?);
        self.exchange(self.call(Method::Delete, &path)?).await?;
        Ok(())
    }

    /// The bytes behind a manifest's `datafile`, at most 64 KiB. The access key is not sent; an
    /// address inside the own network is reached only when it is the account's own host.
    pub async fn firmware_manifest_bytes(&self, datafile: &str) -> Result<Vec<u8>, PelionError> {
        let rules = FetchRules {
            limit_bytes: MANIFEST_DOWNLOAD_BYTES,
            slowest: LeastRate::default(),
            allowed_hosts: self
                .base
                .host_str()
                .map(str::to_owned)
                .into_iter()
                .collect::<BTreeSet<_>>(),
        };
        let watch = FetchWatch {
            progress: &|_, _| (),
            cancel: &CancellationToken::new(),
        };
        let mut bytes = Vec::new();
        let fetched = fetch(datafile, &rules, &self.options, &mut bytes, watch).await;
        fetched.map_err(|source| PelionError::Download { source })?;
        Ok(bytes)
    }
}
