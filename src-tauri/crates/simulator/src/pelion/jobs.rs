//! Upload jobs: create, list, view, change, delete.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    filter::Field,
    gate::JOBS,
    list::Listing,
    refusal::Refusal,
    routes::Shared,
    texts::{LARGEST_JSON_BYTES, Texts},
    upload_job::Job,
};

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

/// 201 with both headers that name the new resource.
pub(super) fn created(location: &str, body: Value) -> Response {
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    if let Ok(value) = HeaderValue::from_str(location) {
        response
            .headers_mut()
            .insert(header::LOCATION, value.clone());
        response
            .headers_mut()
            .insert(header::CONTENT_LOCATION, value);
    }
    response
}

async fn texts(body: Body) -> Result<Texts, Refusal> {
    let bytes = axum::body::to_bytes(body, LARGEST_JSON_BYTES)
        .await
        .map_err(|_| Refusal::too_large("The body is larger than 64 KiB."))?;
    Texts::from_json(&bytes)
}

pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    body: Body,
) -> Result<Response, Refusal> {
    let texts = texts(body).await?;
    let job = shared.account().create_job(texts)?;
    Ok(created(&format!("{JOBS}/{}", job.id), json_of(&job)))
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let listing = Listing::read(query.as_deref(), &FIELDS)?;
    let account = shared.account();
    listing.page(account.jobs.values().map(json_of)).map(Json)
}

pub(super) async fn view(
    State(shared): State<Arc<Shared>>,
    Path(job): Path<String>,
) -> Result<Json<Value>, Refusal> {
    shared.account().job(&job).map(|job| Json(json_of(job)))
}

pub(super) async fn change(
    State(shared): State<Arc<Shared>>,
    Path(job): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let texts = texts(body).await?;
    let job = shared.account().change_job(&job, texts)?;
    Ok(Json(json_of(&job)))
}

pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(job): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.account().delete_job(&job)?;
    Ok(StatusCode::NO_CONTENT)
}
