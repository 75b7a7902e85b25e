//! `manifest show`: a manifest field by field, and what devices take of it.

use std::path::Path;

use firmdrop_api::Diagnosis;
use firmdrop_core::Check;
use firmdrop_manifest::{Manifest, Verification, device_limits, parse, verify};
use serde::Serialize;

use super::context::ManifestContext;
use super::{checks, files};
use crate::exit::Exit;
use crate::print;

/// The answer as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    manifest: &'a Manifest,
    without_key: &'a Verification,
    device_limits: &'a [Check],
}

pub(super) fn run(context: &ManifestContext, file: &Path) -> Result<Exit, Diagnosis> {
    let manifest = parse(&files::read(file)?)?;
    let without_key = verify(&manifest, None);
    let limits = device_limits(&manifest);
    if context.json {
        print::json(&Answer {
            manifest: &manifest,
            without_key: &without_key,
            device_limits: &limits,
        });
        return Ok(Exit::Done);
    }
    print::line(&format!("{}, {}", file.display(), summary(&manifest)));
    print::line("  offset length  field");
    for field in &manifest.fields {
        print::line(&format!(
            "  {:>6} {:>6}  {:<42} {}",
            field.offset, field.length_bytes, field.name, field.value
        ));
    }
    print::line("Checks that need no key");
    checks::print(&without_key.checks);
    print::line("What the default build of the device client takes");
    checks::print(&limits);
    Ok(Exit::Done)
}

/// One line: schema, version, what for.
pub(super) fn summary(manifest: &Manifest) -> String {
    let payload = manifest.payload.as_ref();
    let payload = payload.map_or_else(
        || "no payload".to_owned(),
        |one| format!("{} of {} bytes", one.format, one.size_bytes),
    );
    format!(
        "schema {}, version {}, {payload}, {} bytes",
        match manifest.schema {
            firmdrop_manifest::Schema::V1 => 1,
            firmdrop_manifest::Schema::V3 => 3,
        },
        manifest.version,
        manifest.size_bytes
    )
}
