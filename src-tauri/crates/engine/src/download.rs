//! Brings a file from an address a person gave into the home, whole or not at all.

use std::collections::BTreeSet;
use std::time::Duration;

use firmdrop_core::{Diagnose, Diagnosis, grouped};
use firmdrop_net::HttpOptions;
use firmdrop_net::fetch::{FetchError, FetchRules, FetchWatch, LeastRate, fetch};
use tokio_util::sync::CancellationToken;

use crate::Home;
use crate::received::{NewFolder, PART, Received, no_room, room_bytes};

/// Largest download, bytes. Whole systems of large readers have some hundred MiB; a larger file is
/// fetched by other means and given as a file.
const LARGEST_BYTES: u64 = 4 * 1024 * firmdrop_core::MIB;

/// A download that wrote nothing for so long has ended: one that runs is ended by its least rate
/// after a minute.
const LEFT_BEHIND_AFTER: Duration = Duration::from_mins(10);

/// What may be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadRules {
    /// Hosts that may lead to private addresses, because a user named them.
    pub allowed_hosts: BTreeSet<String>,
    /// Largest file, bytes.
    pub limit_bytes: u64,
}

impl Default for DownloadRules {
    /// Public hosts, up to 4 GiB.
    fn default() -> Self {
        Self {
            allowed_hosts: BTreeSet::new(),
            limit_bytes: LARGEST_BYTES,
        }
    }
}

/// A download that did not end well. Nothing of it is left.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The host, or the way there.
    #[error(transparent)]
    Fetch(FetchError),
    /// The disk has no room for it.
    #[error("there is room for {room_bytes} bytes")]
    NoRoom {
        /// The address, without its query.
        address: String,
        /// Bytes that may be written.
        room_bytes: u64,
    },
    /// The home cannot be written.
    #[error("{0}")]
    Home(Box<Diagnosis>),
}

impl DownloadError {
    /// The status with which the host refused it, when that is what happened.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Fetch(FetchError::Status { status, .. }) => Some(*status),
            _ => None,
        }
    }

    /// Whether it failed at this computer, not at the host or the way there.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Fetch(error) => matches!(error, FetchError::Store(_)),
            Self::NoRoom { .. } | Self::Home(_) => true,
        }
    }
}

impl Diagnose for DownloadError {
    fn diagnose(&self) -> Diagnosis {
        match self {
            Self::Fetch(error) => error.diagnose(),
            Self::NoRoom {
                address,
                room_bytes,
            } => {
                let room = grouped(*room_bytes);
                let what = format!("{address} was not downloaded: there is room for {room} bytes.");
                no_room(what).state("Nothing was stored of the download.")
            }
            Self::Home(diagnosis) => (**diagnosis).clone(),
        }
    }
}

/// Downloads an https or http address. Private networks are refused unless their host is named in the
/// rules. Dropping the future, or what it answers, removes what was written.
pub async fn download(
    home: &Home,
    address: &str,
    rules: DownloadRules,
    on_bytes: &(dyn Fn(u64, Option<u64>) + Send + Sync),
) -> Result<Received, DownloadError> {
    let not_writable =
        |error: std::io::Error| DownloadError::Home(Box::new(home.not_writable(&error)));
    let folder = NewFolder::make(home).map_err(not_writable)?;
    let mut file = folder
        .file()
        .map(tokio::fs::File::from_std)
        .map_err(not_writable)?;
    let limit_bytes =
        room_bytes(folder.path()).map_or(rules.limit_bytes, |room| room.min(rules.limit_bytes));
    let is_full = limit_bytes < rules.limit_bytes;
    let rules = FetchRules {
        limit_bytes,
        slowest: LeastRate::default(),
        allowed_hosts: rules.allowed_hosts,
    };
    let cancel = CancellationToken::new();
    let watch = FetchWatch {
        progress: on_bytes,
        cancel: &cancel,
    };
    let fetched = fetch(address, &rules, &HttpOptions::default(), &mut file, watch).await;
    let fetched = fetched.map_err(|error| match error {
        FetchError::TooLarge { address, .. } if is_full => DownloadError::NoRoom {
            address,
            room_bytes: limit_bytes,
        },
        error => DownloadError::Fetch(error),
    })?;
    file.sync_all().await.map_err(not_writable)?;
    folder
        .finish(fetched.file_name.as_deref())
        .map_err(not_writable)
}

/// Removes what downloads left behind whose program ended meanwhile. One that runs writes more often.
pub(crate) fn sweep_downloads(home: &Home) {
    let entries = std::fs::read_dir(home.downloads());
    for folder in entries.into_iter().flatten().flatten() {
        let part = folder.path().join(PART);
        let age = std::fs::metadata(&part).and_then(|part| part.modified());
        let age = age.ok().and_then(|written| written.elapsed().ok());
        if age.is_some_and(|age| age > LEFT_BEHIND_AFTER) {
            // What cannot be removed now is only a leftover in our own folder.
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_download_left_is_swept_and_what_runs_or_is_whole_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let old = std::time::SystemTime::now() - LEFT_BEHIND_AFTER * 2;
        for (name, file, written) in [
            ("dead", PART, Some(old)),
            ("runs", PART, None),
            ("whole", "fw.bin", Some(old)),
        ] {
            let download = home.downloads().join(name);
            std::fs::create_dir(&download).unwrap();
            let file = std::fs::File::create(download.join(file)).unwrap();
            if let Some(written) = written {
                file.set_modified(written).unwrap();
            }
        }
        sweep_downloads(&home);
        let left = |name| home.downloads().join(name).exists();
        assert_eq!(
            (left("dead"), left("runs"), left("whole")),
            (false, true, true)
        );
    }

    #[tokio::test]
    async fn a_refused_address_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        for address in [
            "file:///etc/passwd",
            "http://127.0.0.1:9/x",
            "https://169.254.169.254/meta",
        ] {
            assert!(
                download(&home, address, DownloadRules::default(), &|_, _| {})
                    .await
                    .is_err(),
                "{address}"
            );
        }
        assert_eq!(std::fs::read_dir(home.downloads()).unwrap().count(), 0);
    }
}
