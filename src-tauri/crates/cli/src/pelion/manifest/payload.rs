//! What devices download and install, from the files a user names.

use std::path::Path;

use firmdrop_api::Diagnosis;
use firmdrop_core::Sha256;
use firmdrop_manifest::{Installed, Payload, PayloadFormat, PayloadKind, payload_kind};

use super::arguments::Create;
use super::files::{self, Digested};
use super::missing::missing;

/// The payload of a new manifest.
pub(super) fn of(command: &Create, image: &Path, uri: &str) -> Result<Payload, Diagnosis> {
    let file = files::digest(image)?;
    let kind = payload_kind(&file.head);
    let format = match command.payload.format {
        Some(name) => name.into(),
        None => recognised(&kind, command.payload.encrypted_digest.is_some()),
    };
    let whole = Installed {
        digest: file.sha256,
        size_bytes: file.size_bytes,
    };
    let mut payload = Payload {
        format,
        digest: file.sha256,
        size_bytes: file.size_bytes,
        uri: uri.to_owned(),
        installed: None,
        precursor_digest: None,
    };
    match format {
        PayloadFormat::Raw | PayloadFormat::Unknown(_) => {}
        PayloadFormat::Combined => payload.installed = Some(whole),
        PayloadFormat::Patch => add_images(&mut payload, command, &kind)?,
        PayloadFormat::EncryptedRaw | PayloadFormat::EncryptedCombined => {
            payload.installed = Some(whole);
            (payload.digest, payload.size_bytes) = encrypted(command)?;
        }
    }
    Ok(payload)
}

fn recognised(kind: &PayloadKind, is_encrypted: bool) -> PayloadFormat {
    match (kind, is_encrypted) {
        (PayloadKind::Patch { .. }, _) => PayloadFormat::Patch,
        (PayloadKind::Combined { .. }, false) => PayloadFormat::Combined,
        (PayloadKind::Combined { .. }, true) => PayloadFormat::EncryptedCombined,
        (PayloadKind::Image, false) => PayloadFormat::Raw,
        (PayloadKind::Image, true) => PayloadFormat::EncryptedRaw,
    }
}

/// The image a patch makes and the one it starts from.
fn add_images(
    payload: &mut Payload,
    command: &Create,
    kind: &PayloadKind,
) -> Result<(), Diagnosis> {
    let (Some(new), Some(old)) = (&command.payload.new_image, &command.payload.old_image) else {
        let why = "give the image the patch makes with --new-image and the one it starts from \
                   with --old-image";
        return Err(missing("patch", why).into());
    };
    let new: Digested = files::digest(new)?;
    if let PayloadKind::Patch { new_size_bytes, .. } = kind
        && *new_size_bytes != new.size_bytes
    {
        let why = format!(
            "it makes an image of {new_size_bytes} bytes, --new-image has {}",
            new.size_bytes
        );
        return Err(missing("patch", &why).into());
    }
    payload.installed = Some(Installed {
        digest: new.sha256,
        size_bytes: new.size_bytes,
    });
    payload.precursor_digest = Some(files::digest(old)?.sha256);
    Ok(())
}

/// Digest and size that the service reported for the encrypted payload.
fn encrypted(command: &Create) -> Result<(Sha256, u64), Diagnosis> {
    let arguments = &command.payload;
    let (Some(digest), Some(size_bytes)) = (&arguments.encrypted_digest, arguments.encrypted_size)
    else {
        let why = "give what the service reports with --encrypted-digest and --encrypted-size";
        return Err(missing("encrypted payload", why).into());
    };
    let digest = Sha256::from_hex(digest)
        .map_err(|error| missing("encrypted payload", &error.to_string()))?;
    Ok((digest, size_bytes))
}
