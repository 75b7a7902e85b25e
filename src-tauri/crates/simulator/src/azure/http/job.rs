//! Jobs as they run: downloads, checks, and what comes of them.

use std::{sync::Arc, time::Duration};

use super::{download::download, shared::Shared};
use crate::azure::state::{
    Fetched, FetchedItem, ImportItem, Inner, Kind, Operation, Problem, Status, check_file,
    check_manifest, manifest::Manifest,
};

/// Largest manifest that is read, bytes; ours.
const LARGEST_MANIFEST_BYTES: u64 = 1024 * 1024;
/// Largest file: what the instance takes at most, bytes; limits page.
const LARGEST_FILE_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Lets the jobs run on that had not ended when the last server did.
pub(in crate::azure) fn resume(shared: &Arc<Shared>) {
    let store = shared.store();
    let open = store.operations.values().filter(|one| one.status.is_open());
    let open: Vec<String> = open.map(|one| one.id.clone()).collect();
    drop(store);
    for id in open {
        spawn(shared, &id);
    }
}

/// Lets a job run until it, or the server, ends.
pub(super) fn spawn(shared: &Arc<Shared>, id: &str) {
    let (shared, id, end) = (Arc::clone(shared), id.to_owned(), shared.end.clone());
    let jobs = shared.jobs.clone();
    jobs.spawn(async move {
        tokio::select! {
            () = end.cancelled() => {}
            () = run(&shared, &id) => {}
        }
    });
}

/// Runs a job to its end.
pub(super) async fn run(shared: &Arc<Shared>, id: &str) {
    let found = |store: &super::shared::Held<'_>| store.operations.get(id).cloned();
    let (operation, pace) = {
        let store = shared.store();
        (found(&store), store.pace)
    };
    let Some(operation) = operation else { return };
    tokio::time::sleep(pace.begin).await;
    shared
        .store()
        .advance(id, |one| one.status = Status::Running);
    let slower = Duration::from_secs(operation.trouble.slower_seconds);
    tokio::time::sleep(pace.work + slower).await;
    if operation.trouble.never_ends {
        return;
    }
    let result = match operation.kind {
        Kind::Devices => Ok(()),
        Kind::Delete => {
            let mut store = shared.store();
            if let Some(update) = &operation.update {
                store.updates.remove(update);
            }
            Ok(())
        }
        Kind::Import => import(shared, &operation).await,
    };
    shared.store().end(id, result);
}

async fn import(shared: &Arc<Shared>, operation: &Operation) -> Result<(), Problem> {
    let id = &operation.id;
    let mut fetched = Vec::new();
    for item in &operation.items {
        let manifest = manifest(item).await?;
        shared.store().check_identity(id, &manifest.id)?;
        fetched.push(FetchedItem {
            manifest,
            friendly_name: item.friendly_name.clone(),
        });
    }
    // The parent is what was asked for: the one that no other refers to.
    let is_child = |one: &Manifest| {
        let mut others = fetched.iter();
        others.any(|other| other.manifest.references.contains(&one.id))
    };
    let mut parents = fetched.iter().filter(|one| !is_child(&one.manifest));
    if let Some(parent) = parents.next() {
        let (update, name) = (parent.manifest.id.clone(), parent.friendly_name.clone());
        shared.store().advance(id, |one| {
            one.update = Some(update);
            one.friendly_name = name;
        });
    }
    if let Some(code) = &operation.trouble.fails {
        return Err(documented(code));
    }
    for (item, fetched) in operation.items.iter().zip(&fetched) {
        files(item, &fetched.manifest).await?;
    }
    let mut store = shared.store();
    store.publish(id, &fetched, operation.trouble.loses_update)
}

async fn manifest(item: &ImportItem) -> Result<Manifest, Problem> {
    let downloaded = download(&item.manifest_url, LARGEST_MANIFEST_BYTES, true).await;
    let downloaded = downloaded.map_err(|why| {
        let inner = Inner::new(
            "CannotDownload",
            "The import manifest cannot be downloaded.",
        );
        Problem::new(
            "CannotProcessImportManifest",
            "Error processing import manifest.",
        )
        .because(inner.detail(why))
    })?;
    check_manifest(item, &downloaded.bytes)
}

async fn files(item: &ImportItem, manifest: &Manifest) -> Result<(), Problem> {
    for file in &item.files {
        let downloaded = download(&file.url, LARGEST_FILE_BYTES, false).await;
        let downloaded = downloaded.map_err(|why| {
            let message = format!("The file {} cannot be downloaded.", file.name);
            let inner = Inner::new("ContentFileCannotDownload", message);
            Problem::new("CannotProcessUpdateFile", "Error processing update file.")
                .target(file.name.clone())
                .because(inner.detail(why))
        })?;
        let fetched = Fetched {
            name: file.name.clone(),
            size_bytes: downloaded.size_bytes,
            sha256: downloaded.sha256,
        };
        check_file(manifest, &fetched)?;
    }
    Ok(())
}

/// The error of a documented code, with the codes around it.
fn documented(code: &str) -> Problem {
    let outer = match code {
        "CannotDownload" | "CannotParse" | "UnsupportedVersion" => "CannotProcessImportManifest",
        "UpdateProvider" | "UpdateName" | "UpdateVersion" => "UpdateLimitExceeded",
        "ContentFileCannotDownload" => "CannotProcessUpdateFile",
        other => return Problem::new(other, format!("The import failed with {other}.")),
    };
    let cause = Inner::new("SimulatedFault", "This failure was requested.");
    let inner = Inner::new(code, format!("The import failed with {code}.")).because(cause);
    Problem::new(outer, format!("The import failed with {outer}.")).because(inner)
}
