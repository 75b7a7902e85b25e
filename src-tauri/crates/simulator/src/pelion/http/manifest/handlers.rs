//! `/v3/firmware-manifests`: upload, list, view, delete.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequest as _, Multipart, Path, RawQuery, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use super::json::{FIELDS, json_of};
use crate::pelion::{
    http::{
        body::created,
        form::{self, broken},
        list::Listing,
        shared::Shared,
    },
    state::{
        Id, Refusal, Texts,
        manifest::{Manifest, read},
    },
};

/// Largest manifest, bytes: "2 KB", vendor's guide.
const LARGEST_BYTES: usize = 2048;
/// Largest key table, bytes; ours: nothing says.
const LARGEST_KEY_TABLE_BYTES: usize = 1024 * 1024;
/// Longest file name, characters: vendor's API reference.
const LONGEST_FILE_NAME: usize = 100;

fn unknown() -> Refusal {
    Refusal::not_found("The firmware manifest")
}

/// What the form brings.
#[derive(Default)]
struct Uploaded {
    texts: Texts,
    datafile: Option<Vec<u8>>,
    key_table: Option<Vec<u8>>,
}

async fn receive(request: Request) -> Result<Uploaded, Refusal> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| Refusal::bad_request("The body is no multipart/form-data."))?;
    let mut uploaded = Uploaded::default();
    while let Some(mut part) = form.next_field().await.map_err(|error| broken(&error))? {
        match part.name().unwrap_or_default() {
            "name" => uploaded.texts.name = Some(form::text(&mut part).await?),
            "description" => uploaded.texts.description = Some(form::text(&mut part).await?),
            "datafile" => {
                form::check_file_name("datafile", &part, LONGEST_FILE_NAME)?;
                let message = "The manifest is larger than 2 KB.";
                let bytes = form::bytes(&mut part, LARGEST_BYTES).await?;
                uploaded.datafile =
                    Some(bytes.ok_or_else(|| Refusal::invalid("datafile", message))?);
            }
            "key_table" => {
                form::check_file_name("key_table", &part, LONGEST_FILE_NAME)?;
                let message = "The key table is larger than 1 MiB.";
                let bytes = form::bytes(&mut part, LARGEST_KEY_TABLE_BYTES).await?;
                uploaded.key_table =
                    Some(bytes.ok_or_else(|| Refusal::invalid("key_table", message))?);
            }
            _ => drop(form::text(&mut part).await?),
        }
    }
    Ok(uploaded)
}

pub(crate) async fn upload(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Refusal> {
    let uploaded = receive(request).await?;
    let texts = uploaded.texts.checked()?;
    let missing = || Refusal::invalid("datafile", "This part is missing.");
    let bytes = uploaded.datafile.ok_or_else(missing)?;
    let name = texts.name.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::invalid("name", "This is missing."))?;
    let contents =
        read(&bytes).map_err(|_| Refusal::invalid("datafile", "This is no firmware manifest."))?;
    let mut account = shared.account();
    let manifest = Manifest {
        name,
        description: texts.description.unwrap_or_default(),
        bytes,
        key_table: uploaded.key_table,
        contents,
        created_at: account.now(),
    };
    let id = account.next();
    let json = json_of(shared.address, id, &manifest);
    account.manifests.insert(id, manifest);
    Ok(created(&format!("/v3/firmware-manifests/{id}"), json))
}

pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let listing = Listing::read(query.as_deref(), &FIELDS)?;
    let account = shared.account();
    let json = |id, manifest| json_of(shared.address, id, manifest);
    let page = listing.page_of(&account.manifests, json)?;
    Ok(Json(page).into_response())
}

pub(crate) async fn view(
    State(shared): State<Arc<Shared>>,
    Path(manifest): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let id = Id::read(&manifest).ok_or_else(unknown)?;
    let account = shared.account();
    let manifest = account.manifests.get(&id).ok_or_else(unknown)?;
    Ok(Json(json_of(shared.address, id, manifest)))
}

pub(crate) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(manifest): Path<String>,
) -> Result<StatusCode, Refusal> {
    let id = Id::read(&manifest).ok_or_else(unknown)?;
    let removed = shared.account().manifests.remove(&id);
    removed.map(|_| StatusCode::NO_CONTENT).ok_or_else(unknown)
}

/// The key table of a manifest, as a device asks for it.
pub(crate) async fn key_table(
    State(shared): State<Arc<Shared>>,
    Path(manifest): Path<String>,
) -> Result<Response, Refusal> {
    let id = Id::read(&manifest).ok_or_else(unknown)?;
    let account = shared.account();
    let manifest = account.manifests.get(&id).ok_or_else(unknown)?;
    let table = manifest.key_table.clone();
    let table = table.ok_or_else(|| Refusal::not_found("The key table"))?;
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((kind, table).into_response())
}
