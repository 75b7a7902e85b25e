//! A folder of manifest keys: one PEM file for each key, one DER file for its certificate.
//!
//! The caller names the folder. No key leaves it except as a value that does not print.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use firmdrop_core::{FileFault, Sha256, read_file};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::limits::KEY_FILE_BYTES;
use crate::{Certificate, CertificateFacts, Hex, ManifestError, SigningKey};

/// Longest name of a key.
const NAME_CHARACTERS: usize = 64;

/// Ends of the names of the files.
const PRODUCTION: &str = ".key.pem";
const DEVELOPMENT: &str = ".development-key.pem";
const CERTIFICATE: &str = ".certificate.der";

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum KeyPurpose {
    /// Devices in people's hands trust it.
    Production,
    /// Only devices of developers trust it.
    Development,
}

/// What may be shown of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct KeyEntry {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// The uncompressed point of its public half.
    pub public_key: Hex,
    /// SHA-256 of that point.
    pub fingerprint: Sha256,
    /// Its certificate, when it has one.
    pub certificate: Option<CertificateFacts>,
    /// Whether other users of this computer may read the file.
    pub others_can_read: bool,
}

impl KeyEntry {
    /// Fails for a development key: for callers that send to production.
    pub fn require_production(&self) -> Result<(), ManifestError> {
        match self.purpose {
            KeyPurpose::Production => Ok(()),
            KeyPurpose::Development => Err(ManifestError::DevelopmentKey {
                name: self.name.clone(),
            }),
        }
    }
}

/// The folder.
#[derive(Debug, Clone)]
pub struct KeyStore {
    folder: PathBuf,
}

impl KeyStore {
    /// The store in this folder, which is made with the first key.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Names of the keys, in order. An absent folder has none.
    pub fn names(&self) -> Result<Vec<String>, ManifestError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(folder_error(&self.folder, error)),
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|file| {
                let name = file
                    .strip_suffix(DEVELOPMENT)
                    .or_else(|| file.strip_suffix(PRODUCTION))?;
                check_name(name).is_ok().then(|| name.to_owned())
            })
            .collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Stores a key under a new name. The file can be read by this user alone.
    pub fn add(
        &self,
        name: &str,
        key: &SigningKey,
        purpose: KeyPurpose,
    ) -> Result<KeyEntry, ManifestError> {
        check_name(name)?;
        if self.find(name).is_some() {
            return Err(ManifestError::KeyExists {
                name: name.to_owned(),
            });
        }
        self.make_folder()?;
        let pem = key.to_pem()?;
        let path = self.path(name, suffix(purpose));
        write_new(&path, pem.as_bytes()).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => ManifestError::KeyExists {
                name: name.to_owned(),
            },
            _ => folder_error(&path, error),
        })?;
        self.entry(name)
    }

    /// The key of this name, to sign with.
    pub fn key(&self, name: &str) -> Result<SigningKey, ManifestError> {
        let (path, _) = self.require(name)?;
        SigningKey::from_pem(&read_secret(&path)?)
    }

    /// What may be shown of the key of this name.
    pub fn entry(&self, name: &str) -> Result<KeyEntry, ManifestError> {
        let (path, purpose) = self.require(name)?;
        let public_key = self.key(name)?.public_key();
        let certificate = self.certificate(name)?;
        Ok(KeyEntry {
            name: name.to_owned(),
            purpose,
            public_key: Hex(public_key.point()),
            fingerprint: public_key.fingerprint(),
            certificate: certificate.map(|one| one.facts().clone()),
            others_can_read: others_can_read(&path),
        })
    }

    /// The certificate of this key, when it has one.
    pub fn certificate(&self, name: &str) -> Result<Option<Certificate>, ManifestError> {
        check_name(name)?;
        let path = self.path(name, CERTIFICATE);
        match read_file(&path, KEY_FILE_BYTES as u64) {
            Ok(bytes) => Certificate::read(&bytes).map(Some),
            Err(error) if matches!(error.why, FileFault::NotThere) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Stores the certificate of a key; one that was there is replaced. It must be about this key.
    pub fn set_certificate(
        &self,
        name: &str,
        certificate: &Certificate,
    ) -> Result<(), ManifestError> {
        if *certificate.public_key() != self.key(name)?.public_key() {
            return Err(ManifestError::certificate("it is about another key"));
        }
        let path = self.path(name, CERTIFICATE);
        let fresh = self.path(name, ".certificate.new");
        let write = || {
            match fs::remove_file(&fresh) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => write_new(&fresh, certificate.der())?,
            }
            fs::rename(&fresh, &path)
        };
        write().map_err(|error| folder_error(&path, error))
    }

    fn path(&self, name: &str, suffix: &str) -> PathBuf {
        self.folder.join(format!("{name}{suffix}"))
    }

    fn find(&self, name: &str) -> Option<(PathBuf, KeyPurpose)> {
        // A key that is there twice counts as the one with less trust.
        [KeyPurpose::Development, KeyPurpose::Production]
            .into_iter()
            .map(|purpose| (self.path(name, suffix(purpose)), purpose))
            .find(|(path, _)| path.exists())
    }

    fn require(&self, name: &str) -> Result<(PathBuf, KeyPurpose), ManifestError> {
        check_name(name)?;
        self.find(name).ok_or_else(|| ManifestError::KeyNotFound {
            name: name.to_owned(),
        })
    }

    fn make_folder(&self) -> Result<(), ManifestError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.folder)
            .map_err(|error| folder_error(&self.folder, error))
    }
}

/// Reads a private key from a regular file anywhere; the copy in memory is wiped.
pub fn read_key_file(path: &Path) -> Result<SigningKey, ManifestError> {
    SigningKey::from_pem(&read_secret(path)?)
}

fn suffix(purpose: KeyPurpose) -> &'static str {
    match purpose {
        KeyPurpose::Production => PRODUCTION,
        KeyPurpose::Development => DEVELOPMENT,
    }
}

fn check_name(name: &str) -> Result<(), ManifestError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_fit = (1..=NAME_CHARACTERS).contains(&name.len())
        && name.chars().all(is_plain)
        && !name.starts_with('-');
    if is_fit {
        return Ok(());
    }
    Err(ManifestError::impossible(
        "name of the key",
        format!("it takes 1 to {NAME_CHARACTERS} letters, digits, `-` and `_`"),
    ))
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The text of a key's file. Bytes that are no text are no key: they become an empty one.
fn read_secret(path: &Path) -> Result<Zeroizing<String>, ManifestError> {
    let bytes = Zeroizing::new(read_file(path, KEY_FILE_BYTES as u64)?);
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) => Err(
            ManifestError::key("it is text in UTF-16; save it as ASCII or UTF-8"),
        ),
        Err(_) => Err(ManifestError::key(
            "it is no text; `openssl ec -inform DER -in KEY -out PLAIN` writes a key in DER as PEM",
        )),
    }
}

#[cfg(unix)]
fn others_can_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_can_read(_path: &Path) -> bool {
    false // The profile's folder is closed by the system's access lists.
}

fn folder_error(path: &Path, source: io::Error) -> ManifestError {
    ManifestError::Folder {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Moment;

    use super::*;
    use crate::CertificateDraft;

    fn store() -> (tempfile::TempDir, KeyStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStore::new(folder.path().join("keys"));
        (folder, store)
    }

    #[test]
    fn a_key_comes_back_and_only_its_owner_may_read_it() {
        let (_folder, store) = store();
        assert_eq!(store.names().unwrap(), [""; 0]);
        let key = SigningKey::generate().unwrap();
        let entry = store.add("front", &key, KeyPurpose::Production).unwrap();
        assert_eq!(entry.public_key, Hex(key.public_key().point()));
        assert!(!entry.others_can_read);
        assert_eq!(store.key("front").unwrap().public_key(), key.public_key());
        assert_eq!(store.names().unwrap(), ["front"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let path = store.path("front", PRODUCTION);
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            assert!(store.entry("front").unwrap().others_can_read);
        }
    }

    #[test]
    fn a_stored_key_is_never_replaced() {
        let (_folder, store) = store();
        let (first, second) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        store.add("a", &first, KeyPurpose::Production).unwrap();
        let again = store.add("a", &second, KeyPurpose::Development);
        assert!(matches!(again, Err(ManifestError::KeyExists { .. })));
        assert_eq!(store.key("a").unwrap().public_key(), first.public_key());
    }

    #[test]
    fn a_development_key_is_refused_for_production() {
        let (_folder, store) = store();
        let key = SigningKey::generate().unwrap();
        let entry = store.add("dev", &key, KeyPurpose::Development).unwrap();
        assert!(matches!(
            entry.require_production(),
            Err(ManifestError::DevelopmentKey { .. })
        ));
    }

    #[test]
    fn a_certificate_of_another_key_is_refused_and_its_own_can_be_renewed() {
        let (_folder, store) = store();
        let key = SigningKey::generate().unwrap();
        store.add("a", &key, KeyPurpose::Production).unwrap();
        let draft = |days| CertificateDraft {
            name: "a".to_owned(),
            vendor_id: None,
            class_id: None,
            is_development: false,
            not_before: Moment::from_millisecond(0),
            days,
        };
        let other = draft(1).sign(&SigningKey::generate().unwrap()).unwrap();
        assert!(store.set_certificate("a", &other).is_err());
        for days in [1, 2] {
            let own = draft(days).sign(&key).unwrap();
            store.set_certificate("a", &own).unwrap();
            assert_eq!(store.certificate("a").unwrap(), Some(own));
        }
    }

    #[test]
    fn a_name_that_leads_out_of_the_folder_is_refused() {
        let (_folder, store) = store();
        let key = SigningKey::generate().unwrap();
        for name in ["", "../a", "a/b", "a.b", "-a", "é", &"a".repeat(65)] {
            assert!(
                store.add(name, &key, KeyPurpose::Production).is_err(),
                "{name}"
            );
            assert!(store.key(name).is_err() && store.certificate(name).is_err());
        }
    }
}
