//! Devices and their classes.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use super::{
    answer::Refusal,
    body::{self, needed},
    filter::Filter,
    import::accepted,
    job, json,
    page::page,
    request::Request,
    shared::{Held, Shared},
};
use crate::azure::state::{Device, DeviceClass, JobFaults, Kind, Problem};

fn found<'a>(store: &'a Held<'_>, id: &str) -> Result<&'a DeviceClass, Refusal> {
    store.classes.get(id).ok_or_else(Refusal::not_found)
}

pub(super) fn classes(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let filter = Filter::read(request.option("filter"), &["friendlyName"])?;
    let store = shared.store();
    let classes = store.classes.values();
    let classes = classes.filter(|class| filter.passes(|_| class.friendly_name.clone()));
    page(
        shared,
        request,
        classes.map(|class| json::class(&store, class)),
    )
}

pub(super) fn class(shared: &Shared, id: &str) -> Result<Response, Refusal> {
    let store = shared.store();
    Ok(Json(json::class(&store, found(&store, id)?)).into_response())
}

pub(super) async fn rename_class(
    shared: &Shared,
    id: &str,
    body: Body,
) -> Result<Response, Refusal> {
    let body = body::read(body).await?;
    // Swagger: 1 to 100 letters, digits, dots and dashes.
    let name = needed(&body, "friendlyName", 100)?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    if !name.chars().all(is_allowed) {
        let why = "The name has a character that is not allowed.";
        return Err(Refusal::invalid("friendlyName", why));
    }
    let mut store = shared.store();
    let class = store.classes.get_mut(id).ok_or_else(Refusal::not_found)?;
    class.friendly_name = Some(name);
    Ok(Json(json::class(&store, found(&store, id)?)).into_response())
}

/// A class goes when no device is of it any more.
pub(super) fn delete_class(shared: &Shared, id: &str) -> Result<Response, Refusal> {
    let mut store = shared.store();
    found(&store, id)?;
    if store.devices.values().any(|device| device.class == id) {
        let problem = Problem::new("DeviceClassNotEmpty", "The class has devices.").target(id);
        return Err(Refusal::coded(StatusCode::CONFLICT, problem));
    }
    store.classes.remove(id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) fn installable(
    shared: &Shared,
    request: &Request,
    id: &str,
) -> Result<Response, Refusal> {
    let store = shared.store();
    let updates = store.installable(found(&store, id)?).into_iter();
    page(
        shared,
        request,
        updates.map(|one| json::information(&store, &one.id)),
    )
}

/// The value of a field that devices can be filtered by.
pub(super) fn field(device: &Device, name: &str) -> Option<String> {
    match name {
        "groupId" => Some(device.group.clone()),
        "deviceClassId" => Some(device.class.clone()),
        "deviceId" => Some(device.id.clone()),
        _ => device.deployment_status.clone(),
    }
}

pub(super) const FIELDS: [&str; 4] = ["groupId", "deviceClassId", "deviceId", "deploymentStatus"];

pub(super) fn list(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let filter = Filter::read(request.option("filter"), &FIELDS)?;
    let store = shared.store();
    let devices = store.devices.values();
    let devices = devices.filter(|device| filter.passes(|name| field(device, name)));
    page(
        shared,
        request,
        devices.map(|device| json::device(&store, device)),
    )
}

pub(super) fn view(shared: &Shared, id: &str) -> Result<Response, Refusal> {
    let store = shared.store();
    let device = store.devices.get(id).ok_or_else(Refusal::not_found)?;
    Ok(Json(json::device(&store, device)).into_response())
}

/// The body is one JSON text. There is nothing to import: every device is known already.
pub(super) async fn import(
    shared: &Arc<Shared>,
    request: &Request,
    body: Body,
) -> Result<Response, Refusal> {
    let body = body::read(body).await?;
    if !matches!(&body, Value::String(kind) if ["All", "Devices", "Modules"].contains(&&**kind)) {
        let why = "The body is none of \"All\", \"Devices\" and \"Modules\".";
        return Err(Refusal::invalid("body", why));
    }
    let mut store = shared.store();
    let operation = store.begin(Kind::Devices, Vec::new(), None, JobFaults::default());
    drop(store);
    job::spawn(shared, &operation.id);
    Ok(accepted(shared, request, &operation))
}
