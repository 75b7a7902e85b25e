//! Brings a file from an address a person gave into the home, whole or not at all.

use std::collections::BTreeSet;
use std::path::PathBuf;

use firmdrop_core::Diagnosis;
use firmdrop_net::HttpOptions;
use firmdrop_net::fetch::{FetchRules, FetchWatch, fetch};
use tokio_util::sync::CancellationToken;

use crate::Home;
use crate::home::{make_private_folder, private_file, rename_durably};

/// Largest download, bytes: the largest file an upload job can take, 10,000 chunks of 5 MiB.
const LARGEST_BYTES: u64 = 10_000 * 5 * firmdrop_core::MIB;

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
    let rules = FetchRules {
        limit_bytes: LARGEST_BYTES,
        allowed_hosts,
    };
    let cancel = CancellationToken::new();
    let watch = FetchWatch {
        progress: on_bytes,
        cancel: &cancel,
    };
    let fetched = fetch(address, &rules, &HttpOptions::default(), &mut file, watch).await?;
    file.sync_all().await.map_err(not_writable)?;
    let named = folder.join(safe_name(fetched.file_name.as_deref()));
    rename_durably(&part, &named).map_err(not_writable)?;
    cleanup.0 = None;
    Ok(named)
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
    let kept: String = name
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
    let kept = kept.trim_matches(['.', ' ']);
    if kept.is_empty() || kept == "part" {
        "download.bin".to_owned()
    } else {
        kept.to_owned()
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
