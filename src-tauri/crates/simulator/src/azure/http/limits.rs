//! What the instance may hold, and what it holds: `/limits` of 2023-10-01-preview.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::shared::Shared;

pub(super) fn view(shared: &Shared) -> Response {
    let store = shared.store();
    let active = store.deployments.values();
    let active = active.filter(|one| one.state() == "Active").count();
    let limit =
        |name: &str, most: usize, used: usize| json!({ "name": name, "limit": most, "used": used });
    // The numbers of the standard tier: limits page.
    Json(json!({ "value": [
        limit("DeviceClasses", 80, store.classes.len()),
        limit("Groups", 100, store.groups.len()),
        limit("Devices", 50_000, store.devices.len()),
        limit("ActiveDeployments", 50, active),
        limit("Deployments", 100, store.deployments.len()),
    ] }))
    .into_response()
}
