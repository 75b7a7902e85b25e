//! The chunks of an upload job: append, list, view.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderName, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::{Md5, Md5Hasher};
use futures::StreamExt as _;
use serde_json::{Value, json};

use super::{body::created, jobs::JOBS, list::Listing, shared::Shared};
use crate::fault::Corruptions;
use crate::pelion::state::{
    Arrived, Begun, Chunk, LARGEST_REQUEST_BYTES, Refusal, RefusalKind, disk, filter::Field,
};

static FIELDS: [Field; 6] = [
    Field::number("id", false),
    Field::hash("hash"),
    Field::number("length", true),
    Field::moment("created_at"),
    Field::moment("updated_at"),
    Field::moment("etag"),
];

/// What chunks are sent as: the first by every client, the second by the API reference.
const CONTENT_TYPES: [&str; 2] = ["binary/octet-stream", "application/octet-stream"];

fn json_of(job: &str, chunk: &Chunk) -> Value {
    json!({
        "object": "upload-info",
        "upload_job_id": job,
        "id": chunk.id,
        "hash": chunk.hash,
        "length": chunk.length,
        "created_at": chunk.created_at.to_string(),
        "updated_at": chunk.created_at.to_string(),
        "etag": chunk.created_at.to_string(),
    })
}

/// What the headers of a chunk say about it.
struct Announced {
    length: u64,
    md5: Option<Md5>,
}

impl Announced {
    fn read(headers: &HeaderMap) -> Result<Self, Refusal> {
        let text = |name: HeaderName| headers.get(name).map(|v| v.to_str().unwrap_or_default());
        let length = text(header::CONTENT_LENGTH).and_then(|text| text.parse().ok());
        let length: u64 = length.ok_or_else(|| {
            let kind = RefusalKind::LengthRequired;
            Refusal::new(kind, "A chunk needs Content-Length.")
        })?;
        if length > LARGEST_REQUEST_BYTES {
            return Err(Refusal::too_large("A chunk has at most 100 MiB."));
        }
        let kind = text(header::CONTENT_TYPE).unwrap_or_default();
        if length > 0 && !CONTENT_TYPES.contains(&kind) {
            let message = "A chunk is sent as binary/octet-stream.";
            return Err(Refusal::new(RefusalKind::UnsupportedType, message));
        }
        let md5 = text(HeaderName::from_static("content-md5"))
            .map(decoded)
            .transpose()?;
        Ok(Self { length, md5 })
    }
}

/// RFC 1864: base64 of the sixteen bytes.
fn decoded(text: &str) -> Result<Md5, Refusal> {
    let bytes = STANDARD
        .decode(text.trim())
        .ok()
        .and_then(|bytes| bytes.try_into().ok());
    let bytes =
        bytes.ok_or_else(|| Refusal::bad_request("Content-MD5 is not base64 of 16 bytes."))?;
    Ok(Md5::from_bytes(bytes))
}

pub(crate) async fn append(
    State(shared): State<Arc<Shared>>,
    Path(job): Path<String>,
    Extension(corruptions): Extension<Corruptions>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let announced = Announced::read(&headers)?;
    let mut begun = shared.account().begin_append(&job, announced.length)?;
    let arrived = receive(&shared, &announced, &mut begun, body).await?;
    shared.uploads.arrived(&job, begun.offset);
    if announced.md5.is_some_and(|md5| md5 != arrived.md5) {
        return Err(Refusal::bad_request(
            "Content-MD5 does not match the chunk.",
        ));
    }
    // On a thread of its own: storing is not undone half-way when the connection goes.
    let account = Arc::clone(&shared);
    let stored = tokio::task::spawn_blocking(move || account.account().append(begun, arrived));
    let mut chunk = stored
        .await
        .map_err(|_| Refusal::failed("Storing the chunk failed."))??;
    if corruptions.hash {
        chunk.hash = Md5::of(chunk.hash.as_bytes()).to_string();
    }
    let location = format!("{JOBS}/{job}/chunks/{}", chunk.id);
    Ok(created(&location, json_of(&job, &chunk)))
}

/// Takes the body in, hashing it for the chunk and for the image as it comes.
async fn receive(
    shared: &Shared,
    announced: &Announced,
    begun: &mut Begun,
    body: Body,
) -> Result<Arrived, Refusal> {
    let name = shared.account().next_id();
    let mut sink = shared
        .storage
        .sink(&name, begun.offset)
        .await
        .map_err(|error| disk(&error))?;
    let mut md5 = Md5Hasher::default();
    let mut length = 0;
    let mut frames = body.into_data_stream();
    while let Some(frame) = frames.next().await {
        let bytes = frame.map_err(|_| Refusal::bad_request("The body broke off."))?;
        md5.update(&bytes);
        begun.sha256.update(&bytes);
        sink.write(&bytes).await.map_err(|error| disk(&error))?;
        length += bytes.len() as u64;
    }
    if length != announced.length {
        return Err(Refusal::bad_request(
            "The body is not as long as Content-Length says.",
        ));
    }
    let hash = announced.md5.map(|md5| md5.to_string()).unwrap_or_default();
    let part = sink.close().await.map_err(|error| disk(&error))?;
    Ok(Arrived {
        length,
        md5: md5.finish(),
        hash,
        part,
    })
}

pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Path(job): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let listing = Listing::read(query.as_deref(), &FIELDS)?;
    let account = shared.account();
    let job = account.job(&job)?;
    listing
        .page(job.chunks.iter().map(|chunk| json_of(&job.id, chunk)))
        .map(Json)
}

pub(crate) async fn view(
    State(shared): State<Arc<Shared>>,
    Path((job, chunk)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let account = shared.account();
    let job = account.job(&job)?;
    let number: Option<u32> = chunk.parse().ok();
    let found = job.chunks.iter().find(|chunk| Some(chunk.id) == number);
    let found = found.ok_or_else(|| Refusal::not_found("The chunk"))?;
    Ok(Json(json_of(&job.id, found)))
}
