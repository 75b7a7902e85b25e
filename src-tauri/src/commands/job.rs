//! Jobs: details, log, and what a user may do to them.

use firmdrop_api::{Job, JobId};
use tauri::AppHandle;

use super::{Answer, State};
use crate::dialog;

/// Everything that is known about a job.
#[tauri::command]
#[specta::specta]
pub(crate) async fn job(backend: State<'_>, id: JobId) -> Answer<Job> {
    backend.firmdrop()?.job(&id).await
}

/// Stops at the next safe point, to be resumed later.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pause_job(backend: State<'_>, id: JobId) -> Answer<()> {
    backend.firmdrop()?.pause(&id).await
}

/// Resumes a job from where the other side stands.
#[tauri::command]
#[specta::specta]
pub(crate) async fn resume_job(backend: State<'_>, id: JobId) -> Answer<()> {
    backend.firmdrop()?.resume(&id).await
}

/// Ends a job that failed because the service holds its bytes already with that firmware image.
#[tauri::command]
#[specta::specta]
pub(crate) async fn use_existing_image(backend: State<'_>, id: JobId) -> Answer<()> {
    backend.firmdrop()?.use_existing(&id).await
}

/// Resumes a job in the unfinished upload job of somebody else that has its name, once its chunks were compared.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adopt_upload_job(backend: State<'_>, id: JobId) -> Answer<()> {
    backend.firmdrop()?.adopt_upload_job(&id).await
}

/// Ends at the next safe point, for good.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_job(backend: State<'_>, id: JobId) -> Answer<()> {
    backend.firmdrop()?.cancel(&id).await
}

/// The log as text.
#[tauri::command]
#[specta::specta]
pub(crate) async fn job_log(backend: State<'_>, id: JobId) -> Answer<String> {
    backend.firmdrop()?.job_log(&id).await
}

/// Lets the user choose a file for the log and writes it; returns where.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_log(
    app: AppHandle,
    backend: State<'_>,
    id: JobId,
) -> Answer<Option<String>> {
    let log = backend.firmdrop()?.job_log(&id).await?;
    let saved = dialog::save_text(&app, format!("firmdrop-job-{id}.log"), log).await?;
    Ok(saved.map(|path| path.to_string_lossy().into_owned()))
}
