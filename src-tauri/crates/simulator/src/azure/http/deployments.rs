//! Deployments: of a group, and for one class of its devices.

use axum::{
    Json,
    body::Body,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use firmdrop_core::Moment;
use serde_json::{Value, json};

use super::{
    answer::Refusal,
    body::{self, needed, text},
    filter::Filter,
    groups, json,
    page::page,
    request::Request,
    shared::Shared,
};
use crate::azure::state::{
    Deployment, DeploymentRequest, MemberState, Store, Subgroup, UpdateId, written,
};

/// A group and a deployment's id.
type Place<'a> = (&'a str, &'a str);

fn key((group, id): Place<'_>) -> (String, String) {
    (group.to_owned(), id.to_owned())
}

fn found<'a>(
    store: &'a Store,
    place: Place<'_>,
    class: Option<&str>,
) -> Result<&'a Deployment, Refusal> {
    let deployment = store.deployments.get(&key(place));
    let concerns = |one: &&Deployment| class.is_none_or(|class| one.subgroups.contains_key(class));
    deployment.filter(concerns).ok_or_else(Refusal::not_found)
}

fn subgroup<'a>(store: &'a Store, place: Place<'_>, class: &str) -> Result<&'a Subgroup, Refusal> {
    let subgroups = &found(store, place, Some(class))?.subgroups;
    subgroups.get(class).ok_or_else(Refusal::not_found)
}

pub(super) fn list(
    shared: &Shared,
    request: &Request,
    group: &str,
    class: Option<&str>,
) -> Result<Response, Refusal> {
    let store = shared.store();
    groups::check(&store, group)?;
    let all = store.deployments.values();
    let mut listed: Vec<&Deployment> = all
        .filter(|one| one.group == group)
        .filter(|one| class.is_none_or(|class| one.subgroups.contains_key(class)))
        .collect();
    listed.sort_by_key(|one| one.start);
    match request.option("orderby") {
        None | Some("startDateTime desc") => listed.reverse(),
        Some("startDateTime" | "startDateTime asc") => {}
        Some(other) => {
            let why = format!("Deployments cannot be ordered by {other}.");
            return Err(Refusal::invalid("orderby", why));
        }
    }
    page(
        shared,
        request,
        listed.into_iter().map(|one| json::deployment(&store, one)),
    )
}

pub(super) fn view(
    shared: &Shared,
    place: Place<'_>,
    class: Option<&str>,
) -> Result<Response, Refusal> {
    let store = shared.store();
    let body = json::deployment(&store, found(&store, place, class)?);
    Ok(Json(body).into_response())
}

/// The identity in the body, wrapped as `update.updateId` or not.
pub(super) fn update_id(value: &Value) -> Result<UpdateId, Refusal> {
    Ok(UpdateId {
        provider: needed(value, "provider", 64)?,
        name: needed(value, "name", 64)?,
        version: needed(value, "version", 64)?,
    })
}

pub(super) fn moment(text: &str) -> Result<Moment, Refusal> {
    let timestamp: Result<jiff::Timestamp, _> = text.parse();
    let timestamp =
        timestamp.map_err(|_| Refusal::invalid("startDateTime", "This is no moment."))?;
    Ok(Moment::from_microsecond(timestamp.as_microsecond()))
}

pub(super) async fn create(
    shared: &Shared,
    place: Place<'_>,
    body: Body,
) -> Result<Response, Refusal> {
    let body = body::read(body).await?;
    for (name, wanted) in [("deploymentId", place.1), ("groupId", place.0)] {
        if needed(&body, name, 200)? != wanted {
            return Err(Refusal::invalid(name, "The body and the path differ."));
        }
    }
    let update = body.pointer("/update/updateId").unwrap_or(&Value::Null);
    let mut store = shared.store();
    let start_text = text(&body, "startDateTime", 64)?;
    let start_text = start_text.unwrap_or_else(|| written(store.now()));
    let request = DeploymentRequest {
        id: place.1.to_owned(),
        group: place.0.to_owned(),
        update: update_id(update)?,
        start: moment(&start_text)?,
        start_text,
        download_security: text(&body, "downloadSecurity", 16)?,
        rollback: body
            .get("rollbackPolicy")
            .filter(|one| !one.is_null())
            .cloned(),
    };
    let made = store.deploy(request);
    let made = made.map_err(|problem| Refusal::coded(StatusCode::BAD_REQUEST, problem))?;
    Ok(Json(json::deployment(&store, &made)).into_response())
}

pub(super) fn delete(shared: &Shared, place: Place<'_>) -> Result<Response, Refusal> {
    let mut store = shared.store();
    found(&store, place, None)?;
    store.deployments.remove(&key(place));
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Takes one class out of a deployment; the last one takes it away.
pub(super) fn delete_for(
    shared: &Shared,
    place: Place<'_>,
    class: &str,
) -> Result<Response, Refusal> {
    let mut store = shared.store();
    found(&store, place, Some(class))?;
    let is_empty = store.deployments.get_mut(&key(place)).is_some_and(|one| {
        one.subgroups.remove(class);
        one.subgroups.is_empty()
    });
    if is_empty {
        store.deployments.remove(&key(place));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) fn status(shared: &Shared, place: Place<'_>) -> Result<Response, Refusal> {
    let store = shared.store();
    let deployment = found(&store, place, None)?;
    let subgroups = deployment.subgroups.iter();
    let subgroups: Vec<Value> = subgroups
        .map(|(class, one)| json::subgroup_status(place.0, class, one))
        .collect();
    let body = json!({
        "groupId": place.0,
        "deploymentState": deployment.state(),
        "subgroupStatus": subgroups,
    });
    Ok(Json(body).into_response())
}

pub(super) fn subgroup_status(
    shared: &Shared,
    place: Place<'_>,
    class: &str,
) -> Result<Response, Refusal> {
    let store = shared.store();
    let subgroup = subgroup(&store, place, class)?;
    Ok(Json(json::subgroup_status(place.0, class, subgroup)).into_response())
}

pub(super) fn device_states(
    shared: &Shared,
    request: &Request,
    place: Place<'_>,
    class: &str,
) -> Result<Response, Refusal> {
    let fields = ["deviceId", "moduleId", "deviceState"];
    let filter = Filter::read(request.option("filter"), &fields)?;
    let store = shared.store();
    let members = subgroup(&store, place, class)?.members.iter();
    let members = members.filter(|(id, member)| {
        filter.passes(|name| match name {
            "deviceId" => Some((*id).clone()),
            "deviceState" => Some(member.state.name().to_owned()),
            _ => None,
        })
    });
    let items = members.map(|(id, member)| {
        json!({
            "deviceId": id,
            "retryCount": member.retries,
            "movedOnToNewDeployment": member.moved_on,
            "deviceState": member.state.name(),
        })
    });
    page(shared, request, items)
}

pub(super) fn cancel(shared: &Shared, place: Place<'_>, class: &str) -> Result<Response, Refusal> {
    let mut store = shared.store();
    found(&store, place, Some(class))?;
    let changed = store.cancel(&key(place), class);
    let changed = changed.ok_or_else(Refusal::not_found)?;
    Ok(Json(json::deployment(&store, &changed)).into_response())
}

pub(super) fn retry(shared: &Shared, place: Place<'_>, class: &str) -> Result<Response, Refusal> {
    let mut store = shared.store();
    let subgroup = subgroup(&store, place, class)?;
    let has_ended = |state| subgroup.count(state) > 0;
    if !has_ended(MemberState::Failed) && !has_ended(MemberState::Canceled) {
        let why = "No device of the subgroup has failed or was canceled.";
        return Err(Refusal::invalid("deploymentId", why));
    }
    let changed = store.retry(&key(place), class);
    let changed = changed.ok_or_else(Refusal::not_found)?;
    Ok(Json(json::deployment(&store, &changed)).into_response())
}
