//! `manifest verify`: is it signed by whom I trust, and does it describe this image?

use firmdrop_api::Diagnosis;
use firmdrop_core::{Check, CheckResult, Clock as _, SystemClock};
use firmdrop_manifest::{
    Certificate, ImageFacts, KeyPurpose, Manifest, PublicKey, Trust, compare, parse, verify,
};
use serde_json::json;

use super::arguments::Verify;
use super::context::ManifestContext;
use super::{checks, files, show};
use crate::exit::Exit;
use crate::print;

pub(super) fn run(context: &ManifestContext, command: &Verify) -> Result<Exit, Diagnosis> {
    let manifest = parse(&files::read(&command.file)?)?;
    let verification = verify(&manifest, Some(&trust(context, command)?));
    let mut more = Vec::new();
    more.extend(development(context, command)?);
    if let Some(image) = &command.image {
        let image = files::digest(image)?;
        let facts = ImageFacts {
            sha256: image.sha256,
            size_bytes: image.size_bytes,
            uri: command.url.clone(),
        };
        more.extend(compare(&manifest, &facts));
    }
    if let Some(previous) = &command.previous {
        let previous = parse(&files::read(previous)?)?;
        more.push(manifest.version.grows_from(&previous.version));
    }
    let holds =
        verification.is_verified() && more.iter().all(|check| check.result != CheckResult::Failed);
    let all = [verification.checks, more].concat();
    answer(context, command, (&manifest, &all, holds));
    Ok(if holds { Exit::Done } else { Exit::Failed })
}

fn answer(context: &ManifestContext, command: &Verify, judged: (&Manifest, &[Check], bool)) {
    let (manifest, all, holds) = judged;
    if context.json {
        print::json(&json!({ "verified": holds, "checks": all, "manifest": manifest }));
        return;
    }
    let verdict = if holds { "Verified" } else { "NOT verified" };
    let file = command.file.display();
    print::line(&format!("{verdict}: {file}, {}", show::summary(manifest)));
    checks::print(all);
}

fn trust(context: &ManifestContext, command: &Verify) -> Result<Trust, Diagnosis> {
    let trusted = &command.trusted;
    let now = SystemClock.now();
    let of = |certificate: Certificate| Trust::certificate(certificate, now);
    if let Some(name) = &trusted.key {
        let certificate = context.keys.certificate(name)?;
        let key = context.keys.key(name)?;
        return Ok(certificate.map_or_else(|| Trust::key(key.public_key()), of));
    }
    if let Some(file) = &trusted.certificate {
        return Certificate::read(&files::read(file)?)
            .map(of)
            .map_err(Diagnosis::from);
    }
    let file = trusted.public_key.as_deref().unwrap_or(&command.file);
    PublicKey::read(&files::read(file)?)
        .map(Trust::key)
        .map_err(Diagnosis::from)
}

/// A warning when a key of this home is for development.
fn development(context: &ManifestContext, command: &Verify) -> Result<Option<Check>, Diagnosis> {
    let Some(name) = &command.trusted.key else {
        return Ok(None);
    };
    let entry = context.keys.entry(name)?;
    let is_development = entry.purpose == KeyPurpose::Development;
    Ok(is_development.then(|| {
        let why = "It is marked for development; production devices should not trust it.";
        Check::new("Key's purpose", CheckResult::Warning, why)
    }))
}
