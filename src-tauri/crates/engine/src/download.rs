//! Brings a file from an address a person gave into the home, whole or not at all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use firmdrop_core::{Code, Diagnosis, Remedy, grouped};
use firmdrop_net::HttpOptions;
use firmdrop_net::fetch::{FetchError, FetchRules, FetchWatch, LeastRate, fetch};
use tokio_util::sync::CancellationToken;

use crate::Home;
use crate::home::{make_private_folder, private_file, rename_durably};

/// Largest download, bytes. Whole systems of large readers have some hundred MiB; a larger file is
/// fetched by other means and given as a file.
const LARGEST_BYTES: u64 = 4 * 1024 * firmdrop_core::MIB;

/// Bytes that a download leaves free on the disk: journal and other programs go on.
const LEFT_FREE_BYTES: u64 = 256 * firmdrop_core::MIB;

/// A download that wrote nothing for so long has ended: one that runs is ended by its least rate
/// after a minute.
const LEFT_BEHIND_AFTER: Duration = Duration::from_mins(10);

/// Downloads an https or http address. Private networks are refused unless their host is named in
/// `allowed_hosts`. Dropping the future removes what was written.
pub async fn download(
    home: &Home,
    address: &str,
    allowed_hosts: BTreeSet<String>,
    on_bytes: &(dyn Fn(u64, Option<u64>) + Send + Sync),
) -> Result<PathBuf, Diagnosis> {
    let not_writable = |error: std::io::Error| home.not_writable(&error);
    let folder = home
        .downloads()
        .join(uuid::Uuid::new_v4().simple().to_string());
    make_private_folder(&folder).map_err(not_writable)?;
    let mut cleanup = RemoveFolder(Some(folder.clone()));
    let part = folder.join("part");
    let mut file = private_file(&part)
        .map(tokio::fs::File::from_std)
        .map_err(not_writable)?;
    let room = free_bytes(&folder).map(|free| free.saturating_sub(LEFT_FREE_BYTES));
    let limit_bytes = room.map_or(LARGEST_BYTES, |room| room.min(LARGEST_BYTES));
    let rules = FetchRules {
        limit_bytes,
        slowest: LeastRate::default(),
        allowed_hosts,
    };
    let cancel = CancellationToken::new();
    let watch = FetchWatch {
        progress: on_bytes,
        cancel: &cancel,
    };
    let fetched = fetch(address, &rules, &HttpOptions::default(), &mut file, watch).await;
    let fetched = fetched.map_err(|error| match error {
        FetchError::TooLarge { address, .. } if limit_bytes < LARGEST_BYTES => {
            no_room(&address, limit_bytes)
        }
        error => error.into(),
    })?;
    file.sync_all().await.map_err(not_writable)?;
    let named = folder.join(safe_name(fetched.file_name.as_deref()));
    rename_durably(&part, &named).map_err(not_writable)?;
    cleanup.0 = None;
    Ok(named)
}

/// Removes what downloads left behind whose program ended meanwhile. One that runs writes more often.
pub(crate) fn sweep_downloads(home: &Home) {
    let entries = std::fs::read_dir(home.downloads());
    for folder in entries.into_iter().flatten().flatten() {
        let part = folder.path().join("part");
        let age = std::fs::metadata(&part).and_then(|part| part.modified());
        let age = age.ok().and_then(|written| written.elapsed().ok());
        if age.is_some_and(|age| age > LEFT_BEHIND_AFTER) {
            // What cannot be removed now is only a leftover in our own folder.
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
}

fn no_room(address: &str, limit_bytes: u64) -> Diagnosis {
    Diagnosis::new(
        Code::DiskFull,
        format!(
            "{address} was not downloaded: there is room for {} bytes.",
            grouped(limit_bytes)
        ),
        format!(
            "{} of the disk are left free for other programs.",
            grouped(LEFT_FREE_BYTES)
        ),
    )
    .state("Nothing was stored of the download.")
    .remedy(Remedy::FreeSpace)
}

/// Bytes that this user may still write where the folder lies; `None` where nobody can say.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
const fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// Removes a half-made download.
#[derive(Debug)]
struct RemoveFolder(Option<PathBuf>);

impl Drop for RemoveFolder {
    fn drop(&mut self) {
        if let Some(folder) = self.0.take() {
            // What cannot be removed now is only a leftover in our own folder.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// A name from outside, made fit for any file system: it can never leave its folder.
fn safe_name(name: Option<&str>) -> String {
    let allowed: String = name
        .unwrap_or_default()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ' | '+') {
                c
            } else {
                '_'
            }
        })
        .take(120)
        .collect();
    let allowed = allowed.trim_matches(['.', ' ']);
    if allowed.is_empty() || allowed == "part" {
        "download.bin".to_owned()
    } else {
        allowed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_never_leaves_its_folder() {
        assert_eq!(safe_name(Some("gate-2.4.1.bin")), "gate-2.4.1.bin");
        assert_eq!(safe_name(Some("../../etc/passwd")), "_.._etc_passwd");
        assert_eq!(safe_name(Some("..")), "download.bin");
        assert_eq!(safe_name(Some("a\0b\\c")), "a_b_c");
        assert_eq!(safe_name(None), "download.bin");
    }

    #[test]
    fn what_a_dead_download_left_is_swept_and_what_runs_or_is_whole_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let old = std::time::SystemTime::now() - LEFT_BEHIND_AFTER * 2;
        for (name, file, written) in [
            ("dead", "part", Some(old)),
            ("runs", "part", None),
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

    #[test]
    fn the_room_on_the_disk_is_known() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(free_bytes(folder.path()).is_some(), cfg!(unix));
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
                download(&home, address, BTreeSet::new(), &|_, _| {})
                    .await
                    .is_err(),
                "{address}"
            );
        }
        assert_eq!(std::fs::read_dir(home.downloads()).unwrap().count(), 0);
    }
}
