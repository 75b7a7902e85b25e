//! Upload jobs: create, list, view, change, delete.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};

use super::{
    body::{self, created},
    list::Listing,
    shared::Shared,
};
use crate::pelion::state::{Job, Refusal, Texts, filter::Field};

/// Where the upload jobs are.
pub(crate) const JOBS: &str = "/v3/firmware-images/upload-jobs";

/// The upload job that a path is about.
pub(crate) fn job_in(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(JOBS)?.strip_prefix('/')?;
    rest.split('/').next()
}

static FIELDS: [Field; 9] = [
    Field::text("name"),
    Field::text("description"),
    Field::flag("complete"),
    Field::text("id"),
    Field::text("firmware_image_id"),
    Field::text("status"),
    Field::moment("created_at"),
    Field::moment("updated_at"),
    Field::moment("etag"),
];

fn json_of(job: &Job) -> Value {
    let completed = job.image_id.is_some();
    json!({
        "object": "upload-job",
        "id": job.id,
        "name": job.name,
        "description": job.description,
        "status": job.status(),
        // The guide writes one, the API reference the other.
        "completed": completed,
        "complete": completed,
        "firmware_image_id": job.image_id.as_deref().unwrap_or_default(),
        "created_at": job.created_at.to_string(),
        "updated_at": job.updated_at.to_string(),
        "etag": job.updated_at.to_string(),
    })
}

async fn texts(body: Body) -> Result<Texts, Refusal> {
    body::read::<Texts>(body).await?.checked()
}

pub(crate) async fn create(
    State(shared): State<Arc<Shared>>,
    body: Body,
) -> Result<Response, Refusal> {
    let texts = texts(body).await?;
    let job = shared.account().create_job(texts)?;
    Ok(created(&format!("{JOBS}/{}", job.id), json_of(&job)))
}

pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let listing = Listing::read(query.as_deref(), &FIELDS)?;
    let account = shared.account();
    listing.page(account.jobs.values().map(json_of)).map(Json)
}

pub(crate) async fn view(
    State(shared): State<Arc<Shared>>,
    Path(job): Path<String>,
) -> Result<Json<Value>, Refusal> {
    shared.account().job(&job).map(|job| Json(json_of(job)))
}

pub(crate) async fn change(
    State(shared): State<Arc<Shared>>,
    Path(job): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let texts = texts(body).await?;
    let job = shared.account().change_job(&job, texts)?;
    Ok(Json(json_of(&job)))
}

pub(crate) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(job): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.account().delete_job(&job)?;
    Ok(StatusCode::NO_CONTENT)
}
