//! The files the page may name. It holds tokens for them, never paths.
//!
//! A file gets a token outside of the page: picked in the system's dialog, dropped, named at a start, part of a job
//! that was confirmed, or allowed in a dialog of ours. A token for an address means the downloaded file once there is one.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use firmdrop_api::{Code, Diagnosis, Remedy};
use serde::{Deserialize, Serialize};

/// Files that are remembered; a page that holds more has lost count.
const MOST: usize = 8_192;

/// Names a file to the shell.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type,
)]
#[serde(transparent)]
pub(crate) struct FileToken(u32);

/// A file as the page knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub(crate) struct OpenFile {
    /// Names it.
    pub(crate) token: FileToken,
    /// Path or address, to be shown.
    pub(crate) source: String,
    /// It is an address and must be fetched first.
    pub(crate) remote: bool,
}

/// Every file that was opened, by its token.
#[derive(Debug, Default)]
pub(crate) struct OpenFiles {
    files: Mutex<Files>,
}

#[derive(Debug, Default)]
struct Files {
    next: u32,
    by_token: HashMap<FileToken, File>,
    /// Hosts of private networks that may be downloaded from.
    hosts: BTreeSet<String>,
}

#[derive(Debug, Clone)]
struct File {
    /// Path or address.
    source: String,
    /// Where the file is; absent until an address was fetched.
    path: Option<String>,
}

impl OpenFiles {
    /// A token for a path or an address.
    pub(crate) fn open(&self, source: String) -> OpenFile {
        let mut files = self.lock();
        let remote = is_address(&source);
        let known = files
            .by_token
            .iter()
            .find(|(_, file)| file.source == source);
        if let Some((token, _)) = known {
            let token = *token;
            return OpenFile {
                token,
                source,
                remote,
            };
        }
        if files.by_token.len() >= MOST
            && let Some(oldest) = files.by_token.keys().min().copied()
        {
            files.by_token.remove(&oldest);
        }
        files.next += 1;
        let token = FileToken(files.next);
        let path = (!remote).then(|| source.clone());
        let file = File {
            source: source.clone(),
            path,
        };
        files.by_token.insert(token, file);
        OpenFile {
            token,
            source,
            remote,
        }
    }

    /// Tokens for several.
    pub(crate) fn open_all(&self, sources: Vec<String>) -> Vec<OpenFile> {
        sources
            .into_iter()
            .map(|source| self.open(source))
            .collect()
    }

    /// Where the file lies.
    pub(crate) fn path(&self, token: FileToken) -> Result<String, Diagnosis> {
        let file = self.file(token)?;
        file.path.ok_or_else(not_open)
    }

    /// The address that a token stands for.
    pub(crate) fn address(&self, token: FileToken) -> Result<String, Diagnosis> {
        let file = self.file(token)?;
        if is_address(&file.source) {
            Ok(file.source)
        } else {
            Err(not_open())
        }
    }

    /// The file behind an address was downloaded and lies there.
    pub(crate) fn fetched(&self, token: FileToken, path: String) {
        if let Some(file) = self.lock().by_token.get_mut(&token) {
            file.path = Some(path);
        }
    }

    /// Hosts of private networks that downloads may come from.
    pub(crate) fn allowed_hosts(&self) -> BTreeSet<String> {
        self.lock().hosts.clone()
    }

    /// Downloads may come from this host until the program ends.
    pub(crate) fn allow_host(&self, host: String) {
        self.lock().hosts.insert(host);
    }

    /// Whether a path or an address was opened before.
    pub(crate) fn is_open(&self, source: &str) -> bool {
        self.lock()
            .by_token
            .values()
            .any(|file| file.source == source)
    }

    fn file(&self, token: FileToken) -> Result<File, Diagnosis> {
        let files = self.lock();
        files.by_token.get(&token).cloned().ok_or_else(not_open)
    }

    fn lock(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a text is an address to download from.
pub(crate) fn is_address(text: &str) -> bool {
    let scheme = text
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

/// The host of an address, as it is written; without user, port and brackets.
pub(crate) fn host_of(address: &str) -> Option<String> {
    let url: tauri::Url = address.parse().ok()?;
    let host = url.host_str()?;
    Some(host.trim_matches(['[', ']']).to_owned())
}

fn not_open() -> Diagnosis {
    Diagnosis::new(
        Code::FileNotFound,
        "The file was not opened here.",
        "The window works on files that were picked, dropped or allowed, and on no others.",
    )
    .titled("The file is not open")
    .state("Nothing was read and nothing was sent.")
    .remedy(Remedy::ChooseAnotherFile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_was_not_handed_out_names_no_file() {
        let files = OpenFiles::default();
        assert!(files.path(FileToken(1)).is_err());
        let open = files.open("/srv/gate.bin".to_owned());
        assert_eq!(files.path(open.token).unwrap(), "/srv/gate.bin");
        assert!(files.path(FileToken(u32::MAX)).is_err());
        assert!(
            files.address(open.token).is_err(),
            "a path is never fetched"
        );
    }

    #[test]
    fn an_address_names_a_file_once_it_was_fetched() {
        let files = OpenFiles::default();
        let open = files.open("HTTPS://ci.example/gate.bin".to_owned());
        assert!(open.remote);
        assert!(files.path(open.token).is_err());
        files.fetched(open.token, "/srv/downloads/gate.bin".to_owned());
        assert_eq!(files.path(open.token).unwrap(), "/srv/downloads/gate.bin");
    }

    #[test]
    fn one_file_has_one_token_and_the_oldest_of_too_many_goes() {
        let files = OpenFiles::default();
        let first = files.open("/0".to_owned());
        assert_eq!(files.open("/0".to_owned()).token, first.token);
        for number in 1..=MOST {
            files.open(format!("/{number}"));
        }
        assert!(files.path(first.token).is_err());
        assert!(files.is_open(&format!("/{MOST}")) && !files.is_open("/0"));
    }

    #[test]
    fn the_host_of_an_address_is_what_the_guard_compares() {
        assert_eq!(host_of("http://ci.lan:8080/x").as_deref(), Some("ci.lan"));
        assert_eq!(host_of("http://a@10.0.0.5/x").as_deref(), Some("10.0.0.5"));
        assert_eq!(host_of("http://[::1]/x").as_deref(), Some("::1"));
        assert_eq!(host_of("nonsense"), None);
    }
}
