//! Collections of logs, and the health of devices.

use std::time::Duration;

use axum::{
    Json,
    body::Body,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{
    answer::Refusal,
    body::{self, needed, text},
    devices,
    filter::Filter,
    page::page,
    request::Request,
    shared::Shared,
};
use crate::azure::state::{LogCollection, Outcome, Problem, Store, written};

/// Most devices of a collection: limits page.
const MOST_DEVICES: usize = 100;
/// How long a collection takes; ours.
const TAKES: Duration = Duration::from_secs(2);

fn json_of(store: &Store, one: &LogCollection, is_detailed: bool) -> Value {
    let is_done = one.done <= store.now();
    let status = if is_done { "Succeeded" } else { "Running" };
    let mut json = json!({
        "operationId": one.operation,
        "description": one.description,
        "status": status,
        "createdDateTime": written(one.created),
        "lastActionDateTime": written(if is_done { one.done } else { one.created }),
    });
    let devices = one.devices.iter().map(|(device, module)| {
        let mut json = json!({ "deviceId": device });
        if let Some(module) = module {
            json["moduleId"] = module.as_str().into();
        }
        if is_detailed {
            json["status"] = status.into();
            json["resultCode"] = if is_done { "200" } else { "" }.into();
            json["extendedResultCode"] = "0".into();
            json["logLocation"] = format!("{device}/{}.zip", one.operation).into();
        }
        json
    });
    let name = if is_detailed {
        "deviceStatus"
    } else {
        "deviceList"
    };
    json[name] = devices.collect();
    json
}

pub(super) async fn begin(shared: &Shared, id: &str, body: Body) -> Result<Response, Refusal> {
    let body = body::read(body).await?;
    let description = text(&body, "description", 512)?;
    let listed = body.get("deviceList").and_then(Value::as_array);
    let listed = listed.filter(|list| (1..=MOST_DEVICES).contains(&list.len()));
    let why = "The list has not 1 to 100 devices.";
    let listed = listed.ok_or_else(|| Refusal::invalid("deviceList", why))?;
    let mut store = shared.store();
    if store.logs.contains_key(id) {
        let problem = Problem::new("LogCollectionAlreadyExists", "This id is taken.").target(id);
        return Err(Refusal::coded(StatusCode::CONFLICT, problem));
    }
    let mut devices = Vec::new();
    for device in listed {
        let name = needed(device, "deviceId", 128)?;
        if !store.devices.contains_key(&name) {
            return Err(Refusal::invalid(
                "deviceList",
                format!("There is no device {name}."),
            ));
        }
        devices.push((name, text(device, "moduleId", 128)?));
    }
    let now = store.now();
    let made = LogCollection {
        id: id.to_owned(),
        operation: id.to_owned(),
        description,
        devices,
        created: now,
        done: now.after(TAKES),
    };
    let json = json_of(&store, &made, false);
    store.logs.insert(id.to_owned(), made);
    Ok((StatusCode::CREATED, Json(json)).into_response())
}

pub(super) fn list(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let store = shared.store();
    page(
        shared,
        request,
        store.logs.values().map(|one| json_of(&store, one, false)),
    )
}

pub(super) fn view(shared: &Shared, id: &str, is_detailed: bool) -> Result<Response, Refusal> {
    let store = shared.store();
    let one = store.logs.get(id).ok_or_else(Refusal::not_found)?;
    Ok(Json(json_of(&store, one, is_detailed)).into_response())
}

/// The health of the devices that a filter names; there must be one.
pub(super) fn health(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let text = request.option("filter");
    if text.is_none() {
        return Err(Refusal::invalid("filter", "The filter is required."));
    }
    let filter = Filter::read(text, &["state", "deviceId"])?;
    let store = shared.store();
    let rows = store.devices.values().map(|device| {
        let is_healthy = device.outcome != Outcome::Silent;
        let state = if is_healthy { "healthy" } else { "unhealthy" };
        (device, state)
    });
    let rows = rows.filter(|(device, state)| {
        filter.passes(|name| match name {
            "state" => Some((*state).to_owned()),
            other => devices::field(device, other),
        })
    });
    let items = rows.map(|(device, state)| {
        let result = if state == "healthy" {
            "Success"
        } else {
            "Failed"
        };
        json!({
            "deviceId": device.id,
            "state": state,
            "digitalTwinModelId": "dtmi:azure:iot:deviceUpdateModel;3",
            "healthChecks": [{ "name": "LatestTelemetry", "result": result }],
        })
    });
    page(shared, request, items)
}
