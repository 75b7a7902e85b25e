//! Why a manifest, a key or a certificate cannot be read, made or stored.
//!
//! A manifest that can be read and is wrong is no error: it is a list of checks, some failed.

use std::io;
use std::path::PathBuf;

use firmdrop_core::{Code, Diagnose, Diagnosis, FileError, Remedy, grouped};

/// Nothing useful can be done with what was given.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The bytes are no manifest.
    #[error("byte {offset}, {field}: {why}")]
    Unreadable {
        /// Where, bytes from the start.
        offset: usize,
        /// Which field was being read.
        field: String,
        /// What contradicts what.
        why: String,
    },
    /// A schema this app does not know.
    #[error("manifest schema {number} is not known")]
    UnknownSchema {
        /// Its number.
        number: u64,
    },
    /// More bytes than the service, or any manifest, has.
    #[error("{size_bytes} bytes, the limit is {limit_bytes}")]
    TooLarge {
        /// Its size.
        size_bytes: usize,
        /// The limit.
        limit_bytes: usize,
    },
    /// The wanted manifest or certificate contradicts itself or the schema.
    #[error("{what}: {why}")]
    Impossible {
        /// Which value.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The file is no key this app can use. Never tells its content.
    #[error("the key cannot be read: {why}")]
    KeyUnreadable {
        /// What is wrong with it.
        why: String,
    },
    /// The file is no certificate with a P-256 key.
    #[error("the certificate cannot be used: {why}")]
    CertificateUnusable {
        /// What is wrong with it.
        why: String,
    },
    /// A signature that was made elsewhere does not verify.
    #[error("the signature does not verify: {why}")]
    SignatureInvalid {
        /// What is wrong with it.
        why: String,
    },
    /// The manifest describes other bytes.
    #[error("the manifest belongs to another image: {why}")]
    OtherImage {
        /// What differs.
        why: String,
    },
    /// Devices would refuse the version.
    #[error("{version} is not greater than {previous}")]
    VersionNotGreater {
        /// The new one.
        version: String,
        /// The one before.
        previous: String,
    },
    /// A development key where only others are allowed.
    #[error("the key {name} is a development key")]
    DevelopmentKey {
        /// Its name.
        name: String,
    },
    /// A key of this name is there already and stays as it is.
    #[error("a key named {name} exists")]
    KeyExists {
        /// Its name.
        name: String,
    },
    /// The folder has no key of this name.
    #[error("there is no key named {name}")]
    KeyNotFound {
        /// Its name.
        name: String,
    },
    /// The system refused to read or write the folder of the keys.
    #[error("{}: {source}", path.display())]
    Folder {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused to read a key's file outside that folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {why}")]
    NoRandomness {
        /// What it said.
        why: String,
    },
}

impl ManifestError {
    /// What was asked for cannot be, and why.
    pub fn impossible(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Impossible {
            what: what.into(),
            why: why.into(),
        }
    }

    pub(crate) fn key(why: impl Into<String>) -> Self {
        Self::KeyUnreadable { why: why.into() }
    }

    pub(crate) fn certificate(why: impl Into<String>) -> Self {
        Self::CertificateUnusable { why: why.into() }
    }

    pub(crate) fn no_randomness(error: impl std::fmt::Display) -> Self {
        Self::NoRandomness {
            why: error.to_string(),
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } | Self::UnknownSchema { .. } => Code::ManifestUnreadable,
            Self::TooLarge { .. } => Code::ManifestTooLarge,
            Self::Impossible { .. } => Code::ManifestImpossible,
            Self::KeyUnreadable { .. } => Code::ManifestKeyUnreadable,
            Self::CertificateUnusable { .. } => Code::CertificateUnusable,
            Self::SignatureInvalid { .. } => Code::ManifestSignatureInvalid,
            Self::OtherImage { .. } => Code::ManifestDiffers,
            Self::VersionNotGreater { .. } => Code::VersionNotGreater,
            Self::DevelopmentKey { .. } => Code::DevelopmentKey,
            Self::KeyExists { .. } => Code::ManifestKeyExists,
            Self::KeyNotFound { .. } => Code::ManifestKeyNotFound,
            Self::Folder { .. } => Code::HomeNotWritable,
            Self::File(error) => error.diagnose().code,
            Self::NoRandomness { .. } => Code::Internal,
        }
    }

    fn what_happened(&self) -> String {
        match self {
            Self::Unreadable { .. } | Self::UnknownSchema { .. } => {
                "The bytes were not understood as a firmware manifest.".to_owned()
            }
            Self::TooLarge { .. } => "The manifest was not accepted.".to_owned(),
            Self::Impossible { what, .. } => format!("The {what} was not accepted."),
            Self::KeyUnreadable { .. } => "The key file was not understood.".to_owned(),
            Self::CertificateUnusable { .. } => "The certificate was not accepted.".to_owned(),
            Self::SignatureInvalid { .. } => "The signature was not accepted.".to_owned(),
            Self::OtherImage { .. } => "The manifest does not describe this image.".to_owned(),
            Self::VersionNotGreater { version, .. } => {
                format!("The manifest carries the version {version}.")
            }
            Self::DevelopmentKey { name } => format!("The key {name} was not used."),
            Self::KeyExists { name } => format!("No key was stored as {name}."),
            Self::KeyNotFound { name } => format!("The key {name} was asked for."),
            Self::Folder { path, .. } => format!("{} was not opened.", path.display()),
            Self::File(error) => error.diagnose().what_happened,
            Self::NoRandomness { .. } => "No key or nonce could be made.".to_owned(),
        }
    }

    fn why(&self) -> String {
        match self {
            Self::Unreadable { offset, field, why } => {
                format!(
                    "At byte {offset}, in {field}: {why}.",
                    offset = grouped(*offset)
                )
            }
            Self::UnknownSchema { number } => {
                format!("It says schema {number}; 1 and 3 are known.")
            }
            Self::TooLarge {
                size_bytes,
                limit_bytes,
            } => format!(
                "It has {size_bytes} bytes, the limit is {limit_bytes}.",
                size_bytes = grouped(*size_bytes),
                limit_bytes = grouped(*limit_bytes)
            ),
            Self::Impossible { why, .. }
            | Self::KeyUnreadable { why }
            | Self::CertificateUnusable { why }
            | Self::SignatureInvalid { why }
            | Self::OtherImage { why } => sentence(why),
            Self::VersionNotGreater { previous, .. } => {
                format!("Devices take only a version above {previous}.")
            }
            Self::DevelopmentKey { .. } => {
                "It is marked for development, and production was asked for.".to_owned()
            }
            Self::KeyExists { .. } => {
                "A key of that name is there already; it stays as it is.".to_owned()
            }
            Self::KeyNotFound { .. } => "The folder of the keys has none of that name.".to_owned(),
            Self::Folder { source, .. } => format!("The system says: {source}."),
            Self::File(error) => error.diagnose().why,
            Self::NoRandomness { why } => format!("The system says: {why}."),
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "Take the DER file that was made, without any encoding.",
            Self::UnknownSchema { .. } => "Make the manifest anew with schema 1 or 3.",
            Self::TooLarge { .. } => "Shorten the vendor data or the address.",
            Self::Impossible { .. } => "Correct the value.",
            Self::KeyUnreadable { .. } => {
                "Give an unencrypted P-256 key as PEM: `openssl ec -in KEY -out PLAIN`."
            }
            Self::CertificateUnusable { .. } => {
                "Give an X.509 certificate with a P-256 key, DER or PEM."
            }
            Self::SignatureInvalid { .. } => {
                "Sign the exported bytes again: ECDSA P-256 with SHA-256, DER or 64 raw bytes."
            }
            Self::OtherImage { .. } => "Make a new manifest for this image.",
            Self::VersionNotGreater { .. } => "Set a greater version.",
            Self::DevelopmentKey { .. } => "Choose the key the production devices trust.",
            Self::KeyExists { .. } => "Choose another name.",
            Self::KeyNotFound { .. } => "List the keys, or give the key as a file.",
            Self::Folder { .. } => "Make the folder readable and writable for this user alone.",
            Self::File(_) => "Name a file that this user may read.",
            Self::NoRandomness { .. } => "Restart the computer and try again.",
        }
    }
}

/// A reason as a sentence.
fn sentence(why: &str) -> String {
    let mut rest = why.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(rest).collect()
    }) + "."
}

impl Diagnose for ManifestError {
    fn diagnose(&self) -> Diagnosis {
        Diagnosis::new(self.code(), self.what_happened(), self.why())
            .state("Nothing was sent and nothing was changed.")
            .remedy(Remedy::Advice {
                text: self.advice().to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::FileFault;

    use super::*;

    #[test]
    fn every_error_names_a_cause_a_state_and_a_remedy() {
        let text = || "x".to_owned();
        let errors = [
            ManifestError::Unreadable {
                offset: 1,
                field: text(),
                why: text(),
            },
            ManifestError::UnknownSchema { number: 2 },
            ManifestError::TooLarge {
                size_bytes: 3000,
                limit_bytes: 2048,
            },
            ManifestError::impossible("x", "y"),
            ManifestError::key("x"),
            ManifestError::certificate("x"),
            ManifestError::SignatureInvalid { why: text() },
            ManifestError::OtherImage { why: text() },
            ManifestError::VersionNotGreater {
                version: text(),
                previous: text(),
            },
            ManifestError::DevelopmentKey { name: text() },
            ManifestError::KeyExists { name: text() },
            ManifestError::KeyNotFound { name: text() },
            ManifestError::Folder {
                path: "x".into(),
                source: io::ErrorKind::PermissionDenied.into(),
            },
            ManifestError::File(FileError {
                path: "x".into(),
                why: FileFault::NotThere,
            }),
            ManifestError::no_randomness("x"),
        ];
        for error in errors {
            let diagnosis = error.diagnose();
            assert!(!diagnosis.why.is_empty() && !diagnosis.state_now.is_empty());
            assert_eq!(diagnosis.remedies.len(), 1, "{error}");
            assert!(!diagnosis.what_happened.is_empty());
        }
    }
}
