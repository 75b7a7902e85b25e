//! The device management of the first generation: small letters in paths, flat identities, deployments
//! that are not below a group.
//!
//! Only deployments to groups are simulated, not those to single devices or to all.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{
    answer::Refusal,
    body::{self, needed},
    compliance,
    deployments::{moment, update_id},
    devices,
    filter::Filter,
    groups, json,
    page::page,
    request::Request,
    shared::{Held, Shared},
};
use crate::azure::state::{
    Deployment, DeploymentRequest, Device, DeviceClass, MemberState, Store, Subgroup, written,
};

/// Carries the request out.
pub(super) async fn route(
    shared: &Arc<Shared>,
    request: &Request,
    path: &[&str],
    body: Body,
) -> Result<Response, Refusal> {
    let method = &request.method;
    match (method, path) {
        (_, ["deployments", rest @ ..]) => deployment(shared, request, rest, body).await,
        (&Method::PUT, ["groups", id]) => put_group(shared, id, body).await,
        (&Method::DELETE, ["groups", id]) => groups::delete(shared, id),
        (&Method::GET, ["updatecompliance"]) => Ok(compliance::of_all(shared)),
        (&Method::GET, ["groups", id, "updateCompliance"]) => compliance::of_group(shared, id),
        (&Method::GET, rest) => read(&shared.store(), shared, request, rest),
        _ => Err(Refusal::not_found()),
    }
}

fn read(
    store: &Held<'_>,
    shared: &Shared,
    request: &Request,
    path: &[&str],
) -> Result<Response, Refusal> {
    let class_of = |id: &str| store.classes.get(id).ok_or_else(Refusal::not_found);
    match path {
        ["deviceclasses"] => {
            let classes = store.classes.values();
            page(shared, request, classes.map(|one| class(store, one)))
        }
        ["deviceclasses", id] => Ok(Json(class(store, class_of(id)?)).into_response()),
        ["deviceclasses", id, "deviceids"] => {
            let id = &class_of(id)?.id;
            let devices = store.devices.values().filter(|one| one.class == *id);
            page(shared, request, devices.map(|one| one.id.as_str().into()))
        }
        ["deviceclasses", id, "installableupdates"] => {
            let updates = store.installable(class_of(id)?).into_iter();
            page(shared, request, updates.map(|one| json::id(&one.id)))
        }
        ["devices"] => {
            let filter = Filter::read(request.option("filter"), &devices::FIELDS)?;
            let all = store.devices.values();
            let all = all.filter(|one| filter.passes(|name| devices::field(one, name)));
            page(shared, request, all.map(|one| device(store, one)))
        }
        ["devices", id] => {
            let found = store.devices.get(*id).ok_or_else(Refusal::not_found)?;
            Ok(Json(device(store, found)).into_response())
        }
        ["devicetags"] => page(
            shared,
            request,
            store.groups.keys().map(|one| tag(store, one)),
        ),
        ["devicetags", name] => {
            groups::check(store, name)?;
            Ok(Json(tag(store, name)).into_response())
        }
        ["groups"] => page(
            shared,
            request,
            store.groups.keys().map(|one| group(store, one)),
        ),
        ["groups", id] => {
            groups::check(store, id)?;
            Ok(Json(group(store, id)).into_response())
        }
        ["groups", id, "bestUpdates"] => {
            groups::check(store, id)?;
            let classes = store.classes_of(id).into_iter();
            let best = classes.filter_map(|one| Some((one, store.best_update(one)?)));
            let items = best.map(|(class, best)| {
                let devices = store.devices_of(id, Some(&class.id));
                let count = devices.filter(|one| one.installed.as_ref() != Some(&best.id));
                json!({ "updateId": json::id(&best.id), "deviceCount": count.count() })
            });
            page(shared, request, items)
        }
        _ => Err(Refusal::not_found()),
    }
}

fn class(store: &Store, class: &DeviceClass) -> Value {
    let text = |name: &str| class.properties.get(name).cloned().unwrap_or_default();
    let best = store.best_update(class).map(|best| json::id(&best.id));
    json!({
        "deviceClassId": class.id,
        "manufacturer": text("manufacturer"),
        "model": text("model"),
        "bestCompatibleUpdateId": best,
    })
}

fn device(store: &Store, device: &Device) -> Value {
    let class = store.classes.get(&device.class);
    let best = class.and_then(|class| store.best_update(class));
    let text = |name: &str| class.and_then(|class| class.properties.get(name).cloned());
    json!({
        "deviceId": device.id,
        "deviceClassId": device.class,
        "manufacturer": text("manufacturer"),
        "model": text("model"),
        "groupId": device.group,
        "lastAttemptedUpdateId": device.last_attempted.as_ref().map(json::id),
        "deploymentStatus": device.deployment_status,
        "installedUpdateId": device.installed.as_ref().map(json::id),
        "onLatestUpdate": best.is_none_or(|best| device.installed.as_ref() == Some(&best.id)),
        "lastDeploymentId": device.last_deployment,
    })
}

fn tag(store: &Store, name: &str) -> Value {
    json!({ "tagName": name, "deviceCount": store.devices_of(name, None).count() })
}

fn group(store: &Store, id: &str) -> Value {
    json!({
        "groupId": id,
        "groupType": "IoTHubTag",
        "tags": [id],
        "createdDateTime": store.groups.get(id).copied().map(written),
        "deviceCount": store.devices_of(id, None).count(),
    })
}

/// Makes the group of a tag. It has the devices that have the tag already.
async fn put_group(shared: &Shared, id: &str, body: Body) -> Result<Response, Refusal> {
    let body = body::read(body).await?;
    if needed(&body, "groupId", 200)? != id {
        return Err(Refusal::invalid("groupId", "The body and the path differ."));
    }
    let mut store = shared.store();
    let now = store.now();
    store.groups.entry(id.to_owned()).or_insert(now);
    Ok(Json(group(&store, id)).into_response())
}

async fn deployment(
    shared: &Shared,
    request: &Request,
    path: &[&str],
    body: Body,
) -> Result<Response, Refusal> {
    match (&request.method, path, request.action.as_deref()) {
        (&Method::GET, [], None) => list(shared, request),
        (&Method::PUT, [id], None) => create(shared, id, body).await,
        (&Method::GET, [id], None) => {
            let store = shared.store();
            Ok(Json(deployment_body(found(&store, id)?)).into_response())
        }
        (&Method::DELETE, [id], None) => {
            let mut store = shared.store();
            found(&store, id)?;
            store.deployments.retain(|(_, one), _| one != id);
            Ok(StatusCode::OK.into_response())
        }
        (&Method::POST, [id], Some(action @ ("cancel" | "retry"))) => act(shared, id, action),
        (&Method::GET, [id, "status"], None) => {
            let store = shared.store();
            Ok(Json(status(found(&store, id)?)).into_response())
        }
        (&Method::GET, [id, "devicestates"], None) => states(shared, request, id),
        _ => Err(Refusal::not_found()),
    }
}

fn found<'a>(store: &'a Store, id: &str) -> Result<&'a Deployment, Refusal> {
    let mut all = store.deployments.values();
    all.find(|one| one.id == id).ok_or_else(Refusal::not_found)
}

fn deployment_body(one: &Deployment) -> Value {
    let members = || {
        one.subgroups
            .values()
            .flat_map(|subgroup| subgroup.members.values())
    };
    let is_open = members().any(|member| member.state == MemberState::InProgress);
    json!({
        "deploymentId": one.id,
        "deploymentType": "Complete",
        "startDateTime": one.start_text,
        "deviceGroupType": "DeviceGroupDefinitions",
        "deviceGroupDefinition": [one.group],
        "updateId": json::id(&one.update),
        "isCanceled": one.subgroups.values().all(|subgroup| subgroup.is_canceled),
        "isRetried": one.subgroups.values().any(|subgroup| subgroup.is_retried),
        "isCompleted": one.has_started && !is_open,
    })
}

fn list(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let fields = ["provider", "name", "version"];
    let filter = Filter::read(request.option("filter"), &fields)?;
    let store = shared.store();
    let all = store.deployments.values().filter(|one| {
        filter.passes(|name| {
            Some(match name {
                "provider" => one.update.provider.clone(),
                "name" => one.update.name.clone(),
                _ => one.update.version.clone(),
            })
        })
    });
    page(shared, request, all.map(deployment_body))
}

async fn create(shared: &Shared, id: &str, body: Body) -> Result<Response, Refusal> {
    let body = body::read(body).await?;
    if needed(&body, "deviceGroupType", 64)? != "DeviceGroupDefinitions" {
        let why = "The simulator deploys to groups only.";
        return Err(Refusal::invalid("deviceGroupType", why));
    }
    let group = body
        .pointer("/deviceGroupDefinition/0")
        .and_then(Value::as_str);
    let group = group.ok_or_else(|| Refusal::invalid("deviceGroupDefinition", "No group."))?;
    let start_text = needed(&body, "startDateTime", 64)?;
    let request = DeploymentRequest {
        id: id.to_owned(),
        group: group.to_owned(),
        update: update_id(body.get("updateId").unwrap_or(&Value::Null))?,
        start: moment(&start_text)?,
        start_text,
        download_security: None,
        rollback: None,
    };
    let made = shared.store().deploy(request);
    let made = made.map_err(|problem| Refusal::coded(StatusCode::BAD_REQUEST, problem))?;
    Ok(Json(deployment_body(&made)).into_response())
}

/// What is done for one class in the later generations is done for all here.
fn act(shared: &Shared, id: &str, action: &str) -> Result<Response, Refusal> {
    let mut store = shared.store();
    let one = found(&store, id)?;
    let key = (one.group.clone(), one.id.clone());
    let classes: Vec<String> = one.subgroups.keys().cloned().collect();
    for class in classes {
        let _ = match action {
            "cancel" => store.cancel(&key, &class),
            _ => store.retry(&key, &class),
        };
    }
    Ok(Json(deployment_body(found(&store, id)?)).into_response())
}

fn status(one: &Deployment) -> Value {
    let subgroups = || one.subgroups.values();
    let sum = |state| {
        subgroups()
            .map(|subgroup| subgroup.count(state))
            .sum::<usize>()
    };
    let state = match one.state() {
        "Inactive" => "Superseded",
        other => other,
    };
    let total = |subgroup: &Subgroup| subgroup.members.len();
    json!({
        "deploymentState": state,
        "totalDevices": subgroups().map(total).sum::<usize>(),
        "devicesIncompatibleCount": 0,
        "devicesInProgressCount": sum(MemberState::InProgress),
        "devicesCompletedFailedCount": sum(MemberState::Failed),
        "devicesCompletedSucceededCount": sum(MemberState::Succeeded),
        "devicesCanceledCount": sum(MemberState::Canceled),
    })
}

fn states(shared: &Shared, request: &Request, id: &str) -> Result<Response, Refusal> {
    let filter = Filter::read(request.option("filter"), &["deviceId", "deviceState"])?;
    let store = shared.store();
    let members = found(&store, id)?.subgroups.values();
    let members = members.flat_map(|subgroup| &subgroup.members);
    let members = members.filter(|(id, member)| {
        filter.passes(|name| match name {
            "deviceId" => Some((*id).clone()),
            _ => Some(member.state.name().to_owned()),
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
