//! How many devices have the newest update, could have it, or are getting it.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};

use super::{answer::Refusal, groups, json, shared::Shared};
use crate::azure::state::Compliance;

pub(super) fn of_all(shared: &Shared) -> Response {
    let store = shared.store();
    answer(store.compliance(store.devices.values()))
}

pub(super) fn of_group(shared: &Shared, group: &str) -> Result<Response, Refusal> {
    let store = shared.store();
    groups::check(&store, group)?;
    Ok(answer(store.compliance(store.devices_of(group, None))))
}

pub(super) fn of_subgroup(shared: &Shared, group: &str, class: &str) -> Result<Response, Refusal> {
    let store = shared.store();
    groups::check_subgroup(&store, group, class)?;
    Ok(answer(
        store.compliance(store.devices_of(group, Some(class))),
    ))
}

fn answer(counts: Compliance) -> Response {
    let body = json::object([
        ("totalDeviceCount", counts.total),
        ("onLatestUpdateDeviceCount", counts.on_latest),
        ("newUpdatesAvailableDeviceCount", counts.new_available),
        ("updatesInProgressDeviceCount", counts.in_progress),
    ]);
    Json(body).into_response()
}
