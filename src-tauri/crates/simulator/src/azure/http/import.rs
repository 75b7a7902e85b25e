//! The request to import: its body in each generation, and what is answered.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use super::{
    answer::{Refusal, with_header},
    body::{self, needed, text},
    job, json, own,
    profile::Profile,
    request::Request,
    shared::Shared,
};
use crate::azure::state::{ImportFile, ImportItem, Kind, Operation, Status};

/// Most items of one import: a parent and ten children.
const MOST_ITEMS: usize = 11;
/// Most files of one item: limits page and manifest schema; related files beside them.
const MOST_FILES: usize = 50;
/// Longest address, characters; ours.
const LONGEST_URL: usize = 8_192;

const OPERATION_LOCATION: HeaderName = HeaderName::from_static("operation-location");

pub(super) async fn import(
    shared: &Arc<Shared>,
    request: &Request,
    body: Body,
) -> Result<Response, Refusal> {
    let items = read(&body::read(body).await?, request.profile)?;
    let trouble = own::trouble(&request.faults);
    let operation = {
        let mut store = shared.store();
        if store.open_jobs() >= shared.most_jobs {
            return Err(Refusal::too_many());
        }
        store.begin(Kind::Import, items, None, trouble)
    };
    if !request.faults.has(own::AT_ONCE) {
        job::spawn(shared, &operation.id);
        return Ok(accepted(shared, request, &operation));
    }
    job::run(shared, &operation.id).await;
    let store = shared.store();
    let ended = store.operations.get(&operation.id);
    let update = ended
        .filter(|ended| ended.status == Status::Succeeded)
        .and_then(|ended| store.update(ended.update.as_ref()?));
    Ok(match update {
        Some(update) => Json(json::update(&store, update, request.profile)).into_response(),
        None => accepted(shared, request, &operation),
    })
}

/// 202 with the address of the job, as this generation writes it or as a fault wants it.
pub(super) fn accepted(shared: &Shared, request: &Request, operation: &Operation) -> Response {
    let (instance, id) = (&request.instance, &operation.id);
    let version = request.version();
    let address = match request.profile {
        // As recorded in 2021: no v2 in the path, and a version that no other request has.
        Profile::Legacy => {
            format!("/deviceupdate/{instance}/updates/operations/{id}?api-version=2")
        }
        Profile::Between | Profile::Current => {
            let part = match operation.kind {
                Kind::Devices => "management",
                Kind::Import | Kind::Delete => "updates",
            };
            format!("/deviceUpdate/{instance}/{part}/operations/{id}?api-version={version}")
        }
    };
    let response = StatusCode::ACCEPTED.into_response();
    match request.faults.value(own::LOCATION) {
        Some("absolute") => with_header(
            response,
            OPERATION_LOCATION,
            &format!("{}{address}", shared.url),
        ),
        Some("location_only") => with_header(response, header::LOCATION, &address),
        Some("none") => response,
        _ if request.profile == Profile::Legacy => {
            let response = with_header(response, OPERATION_LOCATION, &address);
            with_header(response, header::LOCATION, &address)
        }
        _ => with_header(response, OPERATION_LOCATION, &address),
    }
}

fn read(body: &Value, profile: Profile) -> Result<Vec<ImportItem>, Refusal> {
    if profile == Profile::Legacy {
        if !body.is_object() {
            return Err(Refusal::invalid("body", "The body is no object."));
        }
        return Ok(vec![item(body, profile)?]);
    }
    let items = body.as_array();
    let items = items.ok_or_else(|| Refusal::invalid("body", "The body is no list."))?;
    if !(1..=MOST_ITEMS).contains(&items.len()) {
        return Err(Refusal::invalid("body", "The list has not 1 to 11 items."));
    }
    items.iter().map(|one| item(one, profile)).collect()
}

fn item(value: &Value, profile: Profile) -> Result<ImportItem, Refusal> {
    let manifest = value.get("importManifest").unwrap_or(&Value::Null);
    let size = manifest.get("sizeInBytes").and_then(Value::as_u64);
    let size = size.filter(|size| *size > 0);
    let hashes = manifest.get("hashes").and_then(Value::as_object);
    let sha256 = hashes.into_iter().flatten();
    let sha256 = sha256
        .filter(|(name, _)| name.eq_ignore_ascii_case("sha256"))
        .find_map(|(_, hash)| hash.as_str());
    let missing =
        |what: &str| Refusal::invalid(what, format!("{what} is missing or no good value."));
    let files = match value.get("files") {
        None | Some(Value::Null) if profile != Profile::Legacy => &[],
        files => {
            let files = files.and_then(Value::as_array);
            &**files.ok_or_else(|| missing("files"))?
        }
    };
    if files.len() > MOST_FILES {
        return Err(Refusal::invalid("files", "There are too many files."));
    }
    let file = |file: &Value| {
        Ok(ImportFile {
            name: needed(file, "filename", 255)?,
            url: needed(file, "url", LONGEST_URL)?,
        })
    };
    let files: Result<Vec<_>, Refusal> = files.iter().map(file).collect();
    let friendly_name = match profile {
        Profile::Current => text(value, "friendlyName", 512)?,
        Profile::Legacy | Profile::Between => None,
    };
    Ok(ImportItem {
        manifest_url: needed(manifest, "url", LONGEST_URL)?,
        manifest_bytes: size.ok_or_else(|| missing("sizeInBytes"))?,
        manifest_sha256: sha256.ok_or_else(|| missing("hashes"))?.to_owned(),
        friendly_name,
        files: files?,
    })
}
