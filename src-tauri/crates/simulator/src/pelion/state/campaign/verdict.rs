//! What a device makes of a manifest: the checks of the vendor's device client, in its order.
//!
//! Signatures are not checked: the simulated devices have no certificates.

use std::{collections::BTreeMap, net::SocketAddr};

use super::member::Plan;
use crate::pelion::state::{
    Code, DATAFILES, StoredImage,
    device::{Behaviour, Device},
    manifest::{Contents, RAW, version},
};

/// Numbers of `UPD4_FAIL_`, `ARM_UC_UPDATE_RESULT_*` in the header `update-client-hub`.
const WRONG_VENDOR: u16 = 215;
const WRONG_CLASS: u16 = 216;
const ROLLBACK: u16 = 221;
const BAD_URI: u16 = 307;
const WRONG_PAYLOAD: u16 = 309;

/// Whether the device runs what the manifest brings.
pub(crate) fn has_it(device: &Device, plan: &Plan) -> bool {
    let contents = &plan.contents;
    let same_bytes = plan.firmware.is_some() && device.firmware_checksum == plan.firmware;
    let installed = installed_version(device, contents);
    same_bytes
        && contents
            .version
            .is_none_or(|version| installed == Some(version))
}

/// How the update ends on this device.
pub(crate) fn judge(
    device: &Device,
    plan: &Plan,
    images: &BTreeMap<String, StoredImage>,
    address: SocketAddr,
) -> Code {
    let contents = &plan.contents;
    let refused = if !is_same_id(&device.vendor_id, &plan.vendor_id) {
        Some(WRONG_VENDOR)
    } else if !is_same_id(&device.class_id, &plan.class_id) {
        Some(WRONG_CLASS)
    } else if !is_newer(device, contents) {
        Some(ROLLBACK)
    } else {
        download(contents, images, address)
    };
    match (refused, device.behaviour) {
        (Some(number), _) | (None, Behaviour::Fails(number)) => Code::Failed(number),
        _ => Code::Updated,
    }
}

/// Ids are written with and without hyphens, in either case.
fn is_same_id(text: &str, id: &str) -> bool {
    let digits = text.bytes().filter(|byte| *byte != b'-');
    digits
        .map(|digit| digit.to_ascii_lowercase())
        .eq(id.bytes())
}

fn is_newer(device: &Device, contents: &Contents) -> bool {
    match (contents.version, contents.time()) {
        (Some(version), _) => {
            installed_version(device, contents).is_none_or(|installed| version > installed)
        }
        (None, Some(time)) => device.manifest_at.is_none_or(|installed| time > installed),
        (None, None) => true,
    }
}

fn installed_version(device: &Device, contents: &Contents) -> Option<[u64; 3]> {
    version(device.components.get(&contents.component)?)
}

/// What goes wrong with the download. Only payloads of this service can be looked at; of others
/// the best is assumed.
fn download(
    contents: &Contents,
    images: &BTreeMap<String, StoredImage>,
    address: SocketAddr,
) -> Option<u16> {
    let payload = &contents.payload;
    let own = payload.uri.strip_prefix(&format!("http://{address}"));
    let path = own.or_else(|| payload.uri.starts_with('/').then_some(&*payload.uri))?;
    let image = path.strip_prefix(DATAFILES).and_then(|id| images.get(id));
    let Some(image) = image else {
        return Some(BAD_URI);
    };
    let is_whole = image.size_bytes == payload.size_bytes
        && (payload.format != RAW || image.sha256.as_bytes().as_slice() == payload.digest);
    (!is_whole).then_some(WRONG_PAYLOAD)
}
