//! Makes the manifest, signs it, and brings it to the service exactly once.

use firmdrop_core::{ExpectedFile, NoteKind, Sha256};
use firmdrop_manifest::{
    Draft, ManifestError, Nonces, Payload, PayloadFormat, SERVICE_BYTES, SchemaDraft, random_nonce,
};
use firmdrop_net::{
    NetError,
    fetch::FetchError,
    retry::{Idempotency, RetryVerdict},
};

use super::record::hex_of;
use super::run::{PAGES, Run, Sent};
use super::{ManifestRequest, ManifestVersion, RolloutError, RolloutFact, RolloutRequest, phases};
use crate::pelion::changed_name::may_be_ours;
use crate::pelion::settle::CheckTimes;
use crate::pelion::{
    FirmwareManifest, ListQuery, MANIFEST_FILE_NAME_CHARACTERS, NewManifest, Page, PelionError,
};
use crate::session::Failure as _;

/// Most manifests of one name that are compared with ours. The service lets a name be used again.
const NAMESAKES: u32 = 50;

/// The id of our manifest on the service.
pub(super) async fn bring(
    run: &mut Run<'_>,
    request: &RolloutRequest,
) -> Result<String, RolloutError> {
    if let Some(id) = &run.state.manifest_id {
        return Ok(id.clone());
    }
    run.events.phase(phases::MANIFEST);
    let bytes = match &run.state.manifest {
        Some(bytes) => bytes.clone(),
        None => make(run, request).await?,
    };
    run.events.phase(phases::SEND_MANIFEST);
    let name = &request.manifest.name;
    let mut checks = run.checks_for(run.state.manifest_attempted);
    loop {
        if run.state.manifest_attempted
            && let Some(ours) = settled(run, request, &bytes, &mut checks).await?
        {
            run.note(
                NoteKind::Kept,
                "The manifest had arrived",
                format!(
                    "The service holds its bytes as {}; they were not sent again.",
                    ours.id
                ),
            );
            return known(run, ours).await;
        }
        let perhaps_ours = run.state.manifest_attempted;
        run.learn(&RolloutFact::SendingManifest).await?;
        let file_name: String = name
            .chars()
            .take(MANIFEST_FILE_NAME_CHARACTERS - 4)
            .collect();
        let file_name = format!("{}.bin", file_name.replace(['/', '\\', '"'], "_"));
        let new = NewManifest {
            name,
            description: &request.manifest.description,
            file_name: &file_name,
        };
        let sent = run.pelion.post_firmware_manifest(new, bytes.clone());
        match run.send_once(sent).await {
            Ok(Sent::NotKnown(again)) => checks = again,
            Ok(Sent::Unreadable(mut shown, error)) => {
                return match settled(run, request, &bytes, &mut shown).await? {
                    Some(ours) => known(run, ours).await,
                    None => Err(run.failed(error)),
                };
            }
            Err(RolloutError::Service { source, .. }) if source.status() == Some(409) => {
                // Ours after all, when only the answer was lost; it may not be listed yet.
                let mut checks = run.checks_for(perhaps_ours);
                let Some(ours) = settled(run, request, &bytes, &mut checks).await? else {
                    run.learn(&RolloutFact::Refused).await?;
                    return Err(run.failed(*source));
                };
                return known(run, ours).await;
            }
            Err(error) => return Err(error),
            Ok(Sent::Answered(manifest)) => return known(run, manifest).await,
        }
    }
}

async fn known(run: &mut Run<'_>, manifest: FirmwareManifest) -> Result<String, RolloutError> {
    let FirmwareManifest { id, datafile, .. } = manifest;
    run.learn(&RolloutFact::Manifest {
        id: id.clone(),
        url: datafile.into(),
    })
    .await?;
    Ok(id)
}

/// Our manifest, if a request whose answer is unknown was carried out after all. At the end it is looked for
/// under other names too: services change those that they are given.
async fn settled(
    run: &mut Run<'_>,
    request: &RolloutRequest,
    bytes: &[u8],
    checks: &mut CheckTimes,
) -> Result<Option<FirmwareManifest>, RolloutError> {
    while run.wait_for_next_check(checks).await? {
        let page = page(run, request, &ListQuery::named(&request.manifest.name)).await?;
        let found = among(run, request, bytes, page.data).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let found = find_renamed(run, request, bytes).await?;
    if let Some(manifest) = &found {
        run.note_name(&request.manifest.name, &manifest.name);
    }
    Ok(found)
}

/// What reading the manifest back says.
pub(super) enum ReadBack {
    /// The service holds our bytes.
    Same,
    /// The service does not hand them out, for this reason.
    Withheld(String),
}

/// Reads the manifest back and compares it byte for byte.
pub(super) async fn read_back(
    run: &mut Run<'_>,
    manifest_id: &str,
) -> Result<ReadBack, RolloutError> {
    let theirs = match stored(run, manifest_id).await {
        Err(RolloutError::Service { source, .. }) if is_withheld(&source) => {
            return Ok(ReadBack::Withheld(source.to_string()));
        }
        theirs => theirs?,
    };
    let ours = run.state.manifest.as_deref().unwrap_or_default();
    if theirs == ours {
        return Ok(ReadBack::Same);
    }
    Err(RolloutError::ManifestDiffers {
        id: manifest_id.to_owned(),
        what: format!(
            "it has {} bytes and the SHA-256 {}, ours has {} and {}",
            theirs.len(),
            Sha256::of(&theirs),
            ours.len(),
            Sha256::of(ours)
        ),
        held: run.held(),
    })
}

/// The manifest's bytes. An address of an earlier answer may have expired: then it is asked for
/// anew.
async fn stored(run: &mut Run<'_>, manifest_id: &str) -> Result<Vec<u8>, RolloutError> {
    // A journal holds a signed address without its signature: then it is asked for anew as well.
    if let Some(known) = run.state.manifest_url.reveal().map(str::to_owned) {
        match download(run, &known).await {
            Err(RolloutError::Service { source, .. }) if is_withheld(&source) => {}
            answer => return answer,
        }
    }
    let asked = run.query_named(|pelion| {
        let id = manifest_id.to_owned();
        async move { pelion.firmware_manifest(&id).await }
    });
    let datafile = asked.await?.datafile;
    let mut checks = run.checks_for_named();
    loop {
        match download(run, &datafile).await {
            // What was just stored may not be there to be read yet.
            Err(RolloutError::Service { source, .. })
                if is_missing(&source) && run.wait_for_next_check(&mut checks).await? => {}
            answer => return answer,
        }
    }
}

/// Whether there is nothing at the address, as far as its host says.
fn is_missing(error: &PelionError) -> bool {
    let PelionError::Download { source } = error else {
        return false;
    };
    matches!(
        source,
        FetchError::Status {
            status: 403 | 404,
            ..
        }
    )
}

/// Whether the bytes are refused for good, or lie where nobody may look. Says nothing about them.
fn is_withheld(error: &PelionError) -> bool {
    let PelionError::Download { source } = error else {
        return false;
    };
    match source {
        FetchError::Status { .. } => error.verdict(Idempotency::Repeatable) == RetryVerdict::Final,
        FetchError::Scheme { .. } => true,
        FetchError::Net(source) => matches!(
            source,
            NetError::AddressRefused { .. }
                | NetError::Redirect { .. }
                | NetError::InvalidAddress { .. }
        ),
        FetchError::TooLarge { .. }
        | FetchError::TooSlow { .. }
        | FetchError::Store(_)
        | FetchError::Stopped => false,
    }
}

async fn download(run: &mut Run<'_>, url: &str) -> Result<Vec<u8>, RolloutError> {
    run.query(|pelion| {
        let url = url.to_owned();
        async move { pelion.firmware_manifest_bytes(&url).await }
    })
    .await
}

/// Makes and signs it. The bytes are written down before anything is sent: a later run sends the
/// same ones.
async fn make(run: &mut Run<'_>, request: &RolloutRequest) -> Result<Vec<u8>, RolloutError> {
    let Some(url) = run.state.image_url.clone() else {
        return Err(RolloutError::ImageWithoutAddress { held: run.held() });
    };
    let signed = request.manifest.sign(&request.image, &url);
    let bytes = signed.map_err(|source| RolloutError::Manifest {
        source: Box::new(source),
        held: run.held(),
    })?;
    run.learn(&RolloutFact::ManifestMade {
        hex: hex_of(&bytes),
    })
    .await?;
    Ok(bytes)
}

impl ManifestRequest {
    /// Makes and signs the manifest of an image that devices fetch from `url`. Fails when a value
    /// contradicts the schema or the service would not take the size.
    pub fn sign(&self, image: &ExpectedFile, url: &str) -> Result<Vec<u8>, ManifestError> {
        let payload = Payload {
            format: PayloadFormat::Raw,
            digest: image.sha256,
            size_bytes: image.size_bytes,
            uri: url.to_owned(),
            installed: None,
            precursor_digest: None,
        };
        let draft = Draft {
            vendor_id: self.vendor_id,
            class_id: self.class_id,
            priority: Some(self.priority),
            schema: self.schema(&payload)?,
            payload,
            vendor_data: self.vendor_data.clone(),
        };
        let bytes = draft.prepare()?.sign(&self.key, Nonces::Deterministic)?;
        if bytes.len() > SERVICE_BYTES {
            return Err(ManifestError::TooLarge {
                size_bytes: bytes.len(),
                limit_bytes: SERVICE_BYTES,
            });
        }
        Ok(bytes)
    }

    fn schema(&self, payload: &Payload) -> Result<SchemaDraft, ManifestError> {
        match &self.version {
            ManifestVersion::V3 {
                component,
                version,
                sign_image,
            } => {
                let sign = || self.key.sign(&payload.digest, Nonces::Deterministic);
                Ok(SchemaDraft::V3 {
                    component: component.clone(),
                    version: *version,
                    image_signature: sign_image.then(sign).transpose()?,
                })
            }
            ManifestVersion::V1 {
                version,
                certificate,
            } => Ok(SchemaDraft::V1 {
                version: *version,
                nonce: Some(random_nonce()?),
                certificate: *certificate,
            }),
        }
    }
}

/// A page of the newest manifests. Fails when one of our name cannot be read.
async fn page(
    run: &mut Run<'_>,
    request: &RolloutRequest,
    query: &ListQuery,
) -> Result<Page<FirmwareManifest>, RolloutError> {
    let query = query.clone().limit(NAMESAKES).newest_first();
    let page = run
        .query(|pelion| {
            let query = query.clone();
            async move { pelion.firmware_manifests(&query).await }
        })
        .await?;
    run.readable(&page, &request.manifest.name, "GET /v3/firmware-manifests")?;
    Ok(page)
}

/// A manifest whose bytes are ours and whose name ours became, wherever it is listed.
async fn find_renamed(
    run: &mut Run<'_>,
    request: &RolloutRequest,
    bytes: &[u8],
) -> Result<Option<FirmwareManifest>, RolloutError> {
    let mut query = ListQuery::default();
    for _ in 0..PAGES {
        let page = page(run, request, &query).await?;
        let may_have_more = page.may_have_more();
        let last = page.data.last().map(|manifest| manifest.id.clone());
        let mut named = page.data;
        named.retain(|manifest| may_be_ours(&manifest.name, &request.manifest.name));
        match (among(run, request, bytes, named).await?, last) {
            (None, Some(last)) if may_have_more => query = query.after(last),
            (found, _) => return Ok(found),
        }
    }
    Ok(None)
}

/// The one of these whose bytes are ours. Fails when one that could be it cannot be read: then nobody can
/// say whether ours is there.
async fn among(
    run: &mut Run<'_>,
    request: &RolloutRequest,
    bytes: &[u8],
    manifests: Vec<FirmwareManifest>,
) -> Result<Option<FirmwareManifest>, RolloutError> {
    let wanted = Sha256::of(bytes);
    for manifest in manifests {
        let size = manifest.datafile_size;
        if size.is_some_and(|size| size != bytes.len() as u64) {
            continue;
        }
        let digest = manifest.delivered_payload_digest.as_deref();
        let of_image = digest.and_then(|digest| Sha256::from_service(digest).ok());
        if of_image.is_some_and(|of_image| of_image != request.image.sha256) {
            continue;
        }
        let theirs = match download(run, &manifest.datafile).await {
            Err(RolloutError::Service { source, held }) if is_withheld(&source) => {
                return Err(RolloutError::ManifestUnseen {
                    id: manifest.id,
                    source,
                    held,
                });
            }
            theirs => theirs?,
        };
        if Sha256::of(&theirs) == wanted {
            return Ok(Some(manifest));
        }
    }
    Ok(None)
}
