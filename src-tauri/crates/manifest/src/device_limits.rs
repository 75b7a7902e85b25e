//! What real devices take, as warnings before a manifest is uploaded.
//!
//! Source of every number: the device client 4.13.4 (`fota_config.h`, `fota_manifest.h`,
//! `fota_manifest_v3.c`, `fota_component_defs.h`), default build. A vendor's own build may take
//! more, so nothing here is a failure.

use firmdrop_core::{Check, CheckResult, grouped};

use crate::manifest::{Manifest, PayloadFormat, Schema};
use crate::payload_address;

/// Characters of a component's name: a buffer of 9 with its end.
const COMPONENT_BYTES: usize = 8;
/// Characters of a version: `999.999.999`.
const VERSION_BYTES: usize = 11;
/// Length of the payload's address, bytes.
const URI_BYTES: usize = 255;
/// Bytes of vendor data in the default build.
const VENDOR_DATA_BYTES: usize = 0;
/// Size of a v3 manifest without its address and vendor data, in builds without delta updates.
const MANIFEST_BYTES: usize = 172;
/// The same in builds with delta updates.
const MANIFEST_WITH_DELTA_BYTES: usize = 247;
/// Room for the address that is added to both.
const MANIFEST_URI_BYTES: usize = 256;
/// Payload size and priority are read as signed 32-bit numbers.
const LARGEST_NUMBER: u64 = 0x7fff_ffff;
/// Length of an image signature in builds that support it.
const IMAGE_SIGNATURE_BYTES: usize = 64;

/// Every limit with what the manifest asks of it; those above are warnings.
pub fn device_limits(manifest: &Manifest) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(payload) = &manifest.payload {
        checks.push(payload_address::check(&payload.uri));
        checks.push(at_most("Address, bytes", payload.uri.len(), URI_BYTES));
        checks.push(number("Payload's size, bytes", payload.size_bytes));
    }
    checks.extend(manifest.priority.map(|value| number("Priority", value)));
    let data = manifest.vendor_data.as_slice().len();
    checks.push(at_most("Vendor data, bytes", data, VENDOR_DATA_BYTES));
    if manifest.schema == Schema::V3 {
        checks.extend(v3(manifest));
    }
    checks
}

fn v3(manifest: &Manifest) -> Vec<Check> {
    let component = manifest.component.as_deref().unwrap_or_default();
    let version = manifest.version.to_string();
    let mut checks = vec![
        at_most("Component's name, bytes", component.len(), COMPONENT_BYTES),
        at_most("Version, characters", version.len(), VERSION_BYTES),
        size(manifest),
    ];
    let signature = manifest.image_signature.as_slice().len();
    if signature != 0 && signature != IMAGE_SIGNATURE_BYTES {
        let why = format!(
            "It has {signature} bytes; devices take {IMAGE_SIGNATURE_BYTES}.",
            signature = grouped(signature)
        );
        checks.push(warning("Image signature, bytes", why));
    }
    let format = manifest.payload.as_ref().map(|payload| payload.format);
    if format == Some(PayloadFormat::EncryptedRaw) {
        let why = "Devices take it only when built with candidate blocks of 1024 bytes.";
        checks.push(warning("Encrypted payload", why.to_owned()));
    }
    checks
}

fn size(manifest: &Manifest) -> Check {
    let data = manifest.vendor_data.as_slice().len();
    let room = MANIFEST_URI_BYTES + data;
    let without_delta = MANIFEST_BYTES + room;
    let with_delta = MANIFEST_WITH_DELTA_BYTES + room;
    let found = usize::try_from(manifest.size_bytes).unwrap_or(usize::MAX);
    let why = format!(
        "{found}; builds without delta updates take {without_delta}, those with them {with_delta}."
    );
    let is_patch = manifest
        .payload
        .as_ref()
        .is_some_and(|payload| payload.format == PayloadFormat::Patch);
    let limit = if is_patch { with_delta } else { without_delta };
    let result = if found <= limit {
        CheckResult::Passed
    } else {
        CheckResult::Warning
    };
    Check::new("Manifest's size, bytes", result, why)
}

fn at_most(name: &str, found: usize, limit: usize) -> Check {
    if found <= limit {
        Check::new(name, CheckResult::Passed, format!("{found} of {limit}."))
    } else {
        let why = format!("{found}; the default build of the device client takes {limit}.");
        warning(name, why)
    }
}

fn number(name: &str, found: u64) -> Check {
    if found <= LARGEST_NUMBER {
        Check::new(name, CheckResult::Passed, format!("{found}."))
    } else {
        let why =
            format!("{found}; devices read a signed 32-bit number, {LARGEST_NUMBER} at most.");
        warning(name, why)
    }
}

fn warning(name: &str, why: String) -> Check {
    Check::new(name, CheckResult::Warning, why)
}
