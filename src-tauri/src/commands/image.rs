//! Files: opening, fetching, judging. Each is named by a token that was handed out for it.

use firmdrop_api::{DestinationOffer, FileComparison, FileDigests, JobId, Verdict};
use serde::Serialize;
use tauri::AppHandle;
use tauri::ipc::Channel;

use super::{Answer, State};
use crate::open_files::{FileToken, OpenFile, host_of, is_address};
use crate::{confirm, dialog};

/// How far the reading of a file is.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub(crate) struct ByteCount {
    /// Bytes so far.
    #[specta(type = u32)]
    pub(crate) bytes: u64,
    /// Bytes in all, when it is known.
    #[specta(type = Option<u32>)]
    pub(crate) total_bytes: Option<u64>,
}

/// What a file is and where it can go.
#[tauri::command]
#[specta::specta]
pub(crate) async fn inspect(backend: State<'_>, file: FileToken) -> Answer<Verdict> {
    let path = backend.files.path(file)?;
    backend.firmdrop()?.inspect(&path).await
}

/// What is different between two files. Both are read anew; nothing is sent or stored.
#[tauri::command]
#[specta::specta]
pub(crate) async fn compare(
    backend: State<'_>,
    before: FileToken,
    after: FileToken,
) -> Answer<FileComparison> {
    let [before, after] = [backend.files.path(before)?, backend.files.path(after)?];
    backend.firmdrop()?.compare(&before, &after).await
}

/// Where an inspected file can go now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn offers(backend: State<'_>, file: FileToken) -> Answer<Vec<DestinationOffer>> {
    let path = backend.files.path(file)?;
    backend.firmdrop()?.offers_for(&path).await
}

/// SHA-256 and MD5 of the whole file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn digests(
    backend: State<'_>,
    file: FileToken,
    on_bytes: Channel<ByteCount>,
) -> Answer<FileDigests> {
    let path = backend.files.path(file)?;
    let tell = move |bytes| {
        drop(on_bytes.send(ByteCount {
            bytes,
            total_bytes: None,
        }));
    };
    backend.firmdrop()?.digests(&path, tell).await
}

/// Brings the file of an address here. Its token means the file from then on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn fetch_file(
    backend: State<'_>,
    file: FileToken,
    on_bytes: Channel<ByteCount>,
) -> Answer<()> {
    let address = backend.files.address(file)?;
    let tell = move |bytes, total_bytes| drop(on_bytes.send(ByteCount { bytes, total_bytes }));
    let hosts = backend.files.allowed_hosts();
    let firmdrop = backend.firmdrop()?;
    let path = firmdrop.fetch_url_from(&address, hosts, tell).await?;
    backend.files.fetched(file, path);
    Ok(())
}

/// Lets the user allow downloads from the host of an address although it lies in a private network.
#[tauri::command]
#[specta::specta]
pub(crate) async fn allow_host(app: AppHandle, backend: State<'_>, file: FileToken) -> Answer<()> {
    let address = backend.files.address(file)?;
    let Some(host) = host_of(&address) else {
        return Ok(());
    };
    let title = format!("Allow downloads from {host}?");
    let why = format!("{host} is in a private network. It stays allowed until Firmdrop is closed.");
    confirm::contact(&app, &title, &why).await?;
    backend.files.allow_host(host);
    Ok(())
}

/// Lets the user pick files.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_files(app: AppHandle, backend: State<'_>) -> Answer<Vec<OpenFile>> {
    let files = dialog::pick_files(&app).await;
    let paths = files.iter().map(|file| file.to_string_lossy().into_owned());
    Ok(backend.files.open_all(paths.collect()))
}

/// Opens paths and addresses that were pasted or typed, once the user confirmed those that are not open yet.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_texts(
    app: AppHandle,
    backend: State<'_>,
    texts: Vec<String>,
) -> Answer<Vec<OpenFile>> {
    let mut fresh = texts.clone();
    fresh.retain(|text| !backend.files.is_open(text));
    if !fresh.is_empty() {
        let title = if fresh.iter().any(|text| is_address(text)) {
            "Download and open?"
        } else {
            "Open this file?"
        };
        confirm::opening(&app, title, fresh).await?;
    }
    Ok(backend.files.open_all(texts))
}

/// Opens the files of a job again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_job_files(backend: State<'_>, id: JobId) -> Answer<Vec<OpenFile>> {
    let job = backend.firmdrop()?.job(&id).await?;
    let paths = job
        .plan
        .files
        .iter()
        .map(|file| file.path.to_string_lossy().into_owned());
    Ok(backend.files.open_all(paths.collect()))
}

/// Opens the demo world's firmware file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_sample(backend: State<'_>) -> Answer<Option<OpenFile>> {
    let demo = backend.firmdrop()?.startup().await.demo;
    Ok(demo.map(|demo| backend.files.open(demo.sample_path)))
}
