//! Groups of devices, and the classes in them.

use std::cmp::Reverse;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{answer::Refusal, filter::Filter, json, page::page, request::Request, shared::Shared};
use crate::azure::state::{DeviceClass, Problem, Store, written};

/// The group of the devices that are in no other.
const DEFAULT: &str = "$default";

pub(super) fn check(store: &Store, group: &str) -> Result<(), Refusal> {
    let is_there = store.groups.contains_key(group);
    is_there.then_some(()).ok_or_else(Refusal::not_found)
}

pub(super) fn check_subgroup<'a>(
    store: &'a Store,
    group: &str,
    class: &str,
) -> Result<&'a DeviceClass, Refusal> {
    check(store, group)?;
    let mut classes = store.classes_of(group).into_iter();
    let found = classes.find(|one| one.id == class);
    found.ok_or_else(Refusal::not_found)
}

fn body(store: &Store, group: &str) -> Value {
    let mut counts = [0_usize; 3];
    for class in store.classes_of(group) {
        let compliance = store.compliance(store.devices_of(group, Some(&class.id)));
        let index = match (compliance.in_progress, compliance.new_available) {
            (1.., _) => 2,
            (0, 1..) => 0,
            (0, 0) => 1,
        };
        if let Some(count) = counts.get_mut(index) {
            *count += 1;
        }
    }
    let deployments = store.deployments.keys().filter(|(of, _)| of == group);
    let deployments: Vec<&String> = deployments.map(|(_, id)| id).collect();
    let [new, latest, progress] = counts;
    json!({
        "groupId": group,
        "groupType": if group == DEFAULT { "DefaultNoTag" } else { "IoTHubTag" },
        "createdDateTime": store.groups.get(group).copied().map(written),
        "deviceCount": store.devices_of(group, None).count(),
        "deployments": deployments,
        "subgroupsWithNewUpdatesAvailableCount": new,
        "subgroupsWithOnLatestUpdateCount": latest,
        "subgroupsWithUpdatesInProgressCount": progress,
    })
}

/// The default group comes first, unless another order is wanted.
pub(super) fn list(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let store = shared.store();
    let mut groups: Vec<&String> = store.groups.keys().collect();
    let size = |group: &&String| store.devices_of(group, None).count();
    match request.option("orderby") {
        None => groups.sort_by_key(|group| (*group != DEFAULT, *group)),
        Some("groupId" | "groupId asc") => groups.sort(),
        Some("groupId desc") => groups.sort_by_key(|group| Reverse(*group)),
        Some("deviceCount" | "deviceCount asc") => groups.sort_by_key(size),
        Some("deviceCount desc") => groups.sort_by_key(|group| Reverse(size(group))),
        Some("createdDate" | "createdDate asc") => {
            groups.sort_by_key(|group| store.groups.get(*group).copied());
        }
        Some("createdDate desc") => {
            groups.sort_by_key(|group| Reverse(store.groups.get(*group).copied()));
        }
        Some(other) => {
            let why = format!("Groups cannot be ordered by {other}.");
            return Err(Refusal::invalid("orderby", why));
        }
    }
    page(
        shared,
        request,
        groups.into_iter().map(|group| body(&store, group)),
    )
}

pub(super) fn view(shared: &Shared, group: &str) -> Result<Response, Refusal> {
    let store = shared.store();
    check(&store, group)?;
    Ok(Json(body(&store, group)).into_response())
}

/// A group goes when no device has its tag any more.
pub(super) fn delete(shared: &Shared, group: &str) -> Result<Response, Refusal> {
    let mut store = shared.store();
    check(&store, group)?;
    if store.devices_of(group, None).next().is_some() {
        let problem = Problem::new("GroupNotEmpty", "The group has devices.").target(group);
        return Err(Refusal::coded(StatusCode::CONFLICT, problem));
    }
    store.groups.remove(group);
    store.deployments.retain(|(of, _), _| of != group);
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn best(store: &Store, group: &str, class: &DeviceClass) -> Option<Value> {
    let best = store.best_update(class)?;
    let devices = store.devices_of(group, Some(&class.id));
    let without = devices.filter(|device| device.installed.as_ref() != Some(&best.id));
    Some(json!({
        "groupId": group,
        "deviceClassId": class.id,
        "update": json::information(store, &best.id),
        "deviceCount": without.count(),
    }))
}

pub(super) fn best_updates(
    shared: &Shared,
    request: &Request,
    group: &str,
) -> Result<Response, Refusal> {
    let fields = ["deviceClassId", "provider", "name", "version"];
    let filter = Filter::read(request.option("filter"), &fields)?;
    let store = shared.store();
    check(&store, group)?;
    let classes = store.classes_of(group).into_iter();
    let listed = classes.filter_map(|class| best(&store, group, class));
    let listed = listed.filter(|one| {
        filter.passes(|field| {
            let value = match field {
                "deviceClassId" => &one[field],
                _ => &one["update"]["updateId"][field],
            };
            value.as_str().map(str::to_owned)
        })
    });
    page(shared, request, listed)
}

pub(super) fn best_update(shared: &Shared, group: &str, class: &str) -> Result<Response, Refusal> {
    let store = shared.store();
    let class = check_subgroup(&store, group, class)?;
    let best = best(&store, group, class).ok_or_else(Refusal::not_found)?;
    Ok(Json(best).into_response())
}

fn subgroup_body(store: &Store, group: &str, class: &DeviceClass) -> Value {
    let active = store.deployments.values().find(|one| {
        let subgroup = one.subgroups.get(&class.id);
        one.group == group && subgroup.is_some_and(|one| one.state() == "Active")
    });
    json!({
        "groupId": group,
        "deviceClassId": class.id,
        "createdDateTime": store.groups.get(group).copied().map(written),
        "deviceCount": store.devices_of(group, Some(&class.id)).count(),
        "deploymentId": active.map(|one| &one.id),
    })
}

pub(super) fn subgroups(
    shared: &Shared,
    request: &Request,
    group: &str,
) -> Result<Response, Refusal> {
    let store = shared.store();
    check(&store, group)?;
    let prefix = "compatProperties/";
    let names = store
        .classes
        .values()
        .flat_map(|class| class.properties.keys());
    let names: Vec<String> = names.map(|name| format!("{prefix}{name}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let filter = Filter::read(request.option("filter"), &names)?;
    let classes = store.classes_of(group).into_iter();
    let classes = classes.filter(|class| {
        filter.passes(|field| class.properties.get(field.strip_prefix(prefix)?).cloned())
    });
    page(
        shared,
        request,
        classes.map(|class| subgroup_body(&store, group, class)),
    )
}

pub(super) fn subgroup(shared: &Shared, group: &str, class: &str) -> Result<Response, Refusal> {
    let store = shared.store();
    let class = check_subgroup(&store, group, class)?;
    Ok(Json(subgroup_body(&store, group, class)).into_response())
}

/// A class in a group goes when no device is of it any more, and then it is not found: so this can
/// only be refused.
pub(super) fn delete_subgroup(
    shared: &Shared,
    group: &str,
    class: &str,
) -> Result<Response, Refusal> {
    let store = shared.store();
    check_subgroup(&store, group, class)?;
    let problem = Problem::new("SubgroupNotEmpty", "The subgroup has devices.").target(class);
    Err(Refusal::coded(StatusCode::CONFLICT, problem))
}
