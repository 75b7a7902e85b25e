//! `manifest key`: keys that sign manifests, and their certificates. No private key is printed.

use std::path::{Path, PathBuf};

use firmdrop_api::Diagnosis;
use firmdrop_core::{Clock as _, SystemClock};
use firmdrop_manifest::{
    Certificate, CertificateDraft, KeyEntry, KeyPurpose, SigningKey, read_key_file,
};

use super::arguments::{Ids, Key};
use super::context::ManifestContext;
use super::files;
use super::ids::{class, vendor};
use crate::exit::Exit;
use crate::print;

/// Folder of the vendor's development tool; keys from there are for development.
const DEVELOPMENT_FOLDER: &str = ".manifest-dev-tool";

pub(super) fn run(context: &ManifestContext, command: Key) -> Result<Exit, Diagnosis> {
    match command {
        Key::New { name, development } => {
            let key = SigningKey::generate()?;
            let entry = context.keys.add(&name, &key, purpose(development));
            answer(context, &entry?);
        }
        Key::Import {
            name,
            file,
            development,
        } => {
            let key = read_key_file(&file)?;
            let is_theirs = file
                .components()
                .any(|part| part.as_os_str() == DEVELOPMENT_FOLDER);
            let entry = context
                .keys
                .add(&name, &key, purpose(development || is_theirs));
            answer(context, &entry?);
        }
        Key::List => list(context)?,
        Key::Show {
            name,
            public_key_out,
        } => {
            let entry = context.keys.entry(&name)?;
            if let Some(file) = public_key_out {
                files::write(&file, entry.public_key.as_slice())?;
            }
            answer(context, &entry);
        }
        Key::Certificate {
            name,
            ids,
            days,
            import,
            out,
        } => {
            let certificate = match import {
                Some(file) => Certificate::read(&files::read(&file)?)?,
                None => make(context, &name, &ids, days)?,
            };
            keep(context, &name, &certificate, out)?;
        }
    }
    Ok(Exit::Done)
}

fn purpose(is_development: bool) -> KeyPurpose {
    if is_development {
        KeyPurpose::Development
    } else {
        KeyPurpose::Production
    }
}

fn make(
    context: &ManifestContext,
    name: &str,
    ids: &Ids,
    days: u32,
) -> Result<Certificate, Diagnosis> {
    let vendor_id = vendor(ids)?;
    let entry = context.keys.entry(name)?;
    let draft = CertificateDraft {
        name: name.to_owned(),
        vendor_id,
        class_id: class(ids, vendor_id)?,
        is_development: entry.purpose == KeyPurpose::Development,
        not_before: SystemClock.now(),
        days,
    };
    let key = context.keys.key(name)?;
    draft.sign(&key).map_err(Diagnosis::from)
}

fn keep(
    context: &ManifestContext,
    name: &str,
    certificate: &Certificate,
    out: Option<PathBuf>,
) -> Result<(), Diagnosis> {
    context.keys.set_certificate(name, certificate)?;
    if let Some(file) = out {
        files::write(&file, certificate.der())?;
    }
    answer(context, &context.keys.entry(name)?);
    Ok(())
}

fn list(context: &ManifestContext) -> Result<(), Diagnosis> {
    let mut entries = Vec::new();
    for name in context.keys.names()? {
        match context.keys.entry(&name) {
            Ok(entry) => entries.push(entry),
            Err(error) => print::line_to_error(&format!("{name}: {error}")),
        }
    }
    if context.json {
        print::json(&entries);
        return Ok(());
    }
    for entry in entries {
        let certificate = match &entry.certificate {
            Some(facts) => format!("certificate {}", facts.fingerprint.short()),
            None => "no certificate".to_owned(),
        };
        print::line(&format!(
            "{:<20} {}  {:<11} {certificate}",
            entry.name,
            entry.fingerprint.short(),
            word(entry.purpose),
        ));
    }
    Ok(())
}

fn answer(context: &ManifestContext, entry: &KeyEntry) {
    if context.json {
        print::json(entry);
        return;
    }
    let row = |label: &str, value: &str| print::line(&format!("  {label:<14} {value}"));
    print::line(&format!(
        "{}, ECDSA P-256, {}",
        entry.name,
        word(entry.purpose)
    ));
    row("Public key", &entry.public_key.to_string());
    row("Its SHA-256", &entry.fingerprint.to_string());
    if let Some(facts) = &entry.certificate {
        row("Certificate", &facts.subject);
        row("Fingerprint", &facts.fingerprint.to_string());
        row(
            "Valid",
            &format!("{} to {}", facts.not_before, facts.not_after),
        );
    }
    if entry.others_can_read {
        let name = Path::new(&entry.name).display();
        print::line_to_error(&format!(
            "Other users of this computer may read the file of {name}; close it with chmod 600."
        ));
    }
}

fn word(purpose: KeyPurpose) -> &'static str {
    match purpose {
        KeyPurpose::Production => "production",
        KeyPurpose::Development => "development",
    }
}
