//! The bench: set up, armed, and what a user does at its lanes.

use std::sync::Arc;

use firmdrop_api::{Bench, BenchLane, BenchSetup, BenchView, Code, Diagnosis};
use tauri::AppHandle;
use tauri::ipc::Channel;

use super::{Answer, State};
use crate::open_files::FileToken;
use crate::{confirm, dialog};

/// The bench as it was stored last, and as it stands when it is open.
#[derive(Debug, Clone, serde::Serialize, specta::Type)]
pub(crate) struct BenchStart {
    /// What was stored; the paths of files are left out.
    setup: BenchSetup,
    /// How it stands; nothing while it is closed.
    open: Option<BenchView>,
}

/// What the page shows first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn bench(backend: State<'_>) -> Answer<BenchStart> {
    let firmdrop = backend.firmdrop()?;
    Ok(BenchStart {
        setup: without_paths(firmdrop.bench_setup()),
        open: firmdrop.bench().map(|bench| seen(&bench.view())),
    })
}

/// A lane for a reader of the list.
#[tauri::command]
#[specta::specta]
pub(crate) async fn bench_lane(
    backend: State<'_>,
    name: String,
    reader: String,
) -> Answer<BenchLane> {
    backend.firmdrop()?.bench_lane(&name, &reader).await
}

/// Lets the user choose the file for the record; nothing when they changed their mind.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_record(
    app: AppHandle,
    backend: State<'_>,
    lot: String,
) -> Answer<Option<String>> {
    let chosen = dialog::place(&app, format!("{lot}.csv")).await;
    let path = chosen.map(|path| path.to_string_lossy().into_owned());
    if let Some(path) = &path {
        backend.records.allow(path.clone());
    }
    Ok(path)
}

/// Opens the bench with the image of this file. Nothing is written to a reader. An address that is not known here is
/// contacted once the user confirmed it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_bench(
    app: AppHandle,
    backend: State<'_>,
    file: FileToken,
    mut setup: BenchSetup,
) -> Answer<BenchView> {
    let firmdrop = backend.firmdrop()?;
    for destination in setup
        .lanes
        .iter()
        .filter_map(|lane| lane.destination.as_ref())
    {
        confirm::destination(&app, firmdrop, destination).await?;
    }
    setup.recipe.file = backend.files.path(file)?;
    if let Some(record) = &setup.record
        && !backend.records.is_allowed(record)
    {
        return Err(Diagnosis::new(
            Code::ConfirmationMissing,
            "The record was not opened.",
            "Its file was not chosen in the system's dialog.",
        )
        .state("No reader was written."));
    }
    let bench = firmdrop.open_bench(setup.clone()).await?;
    firmdrop.save_bench_setup(&setup)?;
    Ok(seen(&bench.view()))
}

/// Everything about the open bench, until the page asks again or the bench is closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn watch_bench(backend: State<'_>, on_view: Channel<BenchView>) -> Answer<()> {
    let mut watch = open(&backend)?.watch();
    let task = tauri::async_runtime::spawn(async move {
        loop {
            let view = Arc::clone(&watch.borrow_and_update());
            // A page that went away takes no more.
            if on_view.send(seen(&view)).is_err() || watch.changed().await.is_err() {
                return;
            }
        }
    });
    backend.keep_bench_feed(task);
    Ok(())
}

/// Arms the bench, once the user confirmed it outside of the page. A bench of simulated readers alone needs none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn arm_bench(app: AppHandle, backend: State<'_>) -> Answer<()> {
    let bench = open(&backend)?;
    confirm::arming(&app, &bench.view()).await?;
    bench.arm().await
}

/// Nothing more starts.
#[tauri::command]
#[specta::specta]
pub(crate) async fn disarm_bench(backend: State<'_>) -> Answer<()> {
    open(&backend)?.disarm().await
}

/// Teaches lanes their places, or ends that.
#[tauri::command]
#[specta::specta]
pub(crate) async fn teach_bench(backend: State<'_>, on: bool) -> Answer<()> {
    let bench = open(&backend)?;
    if on {
        bench.teach().await
    } else {
        bench.teach_no_more().await
    }
}

/// Forgets the place of a lane.
#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_lane(backend: State<'_>, lane: u16) -> Answer<()> {
    open(&backend)?.forget(usize::from(lane)).await
}

/// Tries the unit of a lane again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn retry_lane(backend: State<'_>, lane: u16) -> Answer<()> {
    open(&backend)?.retry(usize::from(lane)).await
}

/// Tries every failed unit again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn retry_failed_lanes(backend: State<'_>) -> Answer<()> {
    open(&backend)?.retry_failed().await
}

/// The user has seen how the unit of a lane ended.
#[tauri::command]
#[specta::specta]
pub(crate) async fn acknowledge_lane(backend: State<'_>, lane: u16) -> Answer<()> {
    open(&backend)?.acknowledge(usize::from(lane)).await
}

/// Closes the bench. One that is busy stays open.
#[tauri::command]
#[specta::specta]
pub(crate) async fn close_bench(backend: State<'_>) -> Answer<()> {
    backend.firmdrop()?.close_bench()
}

fn open(backend: &State<'_>) -> Answer<Bench> {
    backend.firmdrop()?.bench().ok_or_else(|| {
        Diagnosis::new(
            Code::BenchNotReady,
            "Nothing was changed.",
            "The bench is closed.",
        )
        .state("No reader was written.")
    })
}

fn seen(view: &BenchView) -> BenchView {
    BenchView {
        setup: without_paths(view.setup.clone()),
        ..view.clone()
    }
}

/// The page gets tokens for images, never paths.
fn without_paths(mut setup: BenchSetup) -> BenchSetup {
    setup.recipe.file.clear();
    setup
}
