//! The JSON of what the instance holds, as each generation writes it.

use serde_json::{Map, Value, json};

use super::profile::Profile;
use crate::azure::state::{
    Deployment, Device, DeviceClass, Kind, MemberState, Operation, Problem, Status, Store,
    Subgroup, Update, UpdateFile, UpdateId, written,
};

pub(super) fn id(id: &UpdateId) -> Value {
    json!({ "provider": id.provider, "name": id.name, "version": id.version })
}

/// An update's identity with what is known of it.
pub(super) fn information(store: &Store, update: &UpdateId) -> Value {
    let mut json = json!({ "updateId": id(update) });
    if let Some(update) = store.updates.get(update) {
        set(&mut json, "description", update.description.as_deref());
        set(&mut json, "friendlyName", update.friendly_name.as_deref());
    }
    json
}

fn set(json: &mut Value, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        json[name] = text.into();
    }
}

pub(super) fn update(store: &Store, update: &Update, profile: Profile) -> Value {
    let mut json = json!({
        "updateId": id(&update.id),
        "compatibility": update.compatibility,
        "manifestVersion": update.manifest_version,
        "importedDateTime": written(update.imported),
        "createdDateTime": update.created,
        "etag": update.etag,
    });
    set(&mut json, "updateType", update.kind.as_deref());
    set(
        &mut json,
        "installedCriteria",
        update.installed_criteria.as_deref(),
    );
    if profile == Profile::Legacy {
        return json;
    }
    set(&mut json, "description", update.description.as_deref());
    set(&mut json, "friendlyName", update.friendly_name.as_deref());
    json["isDeployable"] = update.is_deployable.into();
    json["scanResult"] = "Success".into();
    let parents: Vec<Value> = store
        .referenced_by(&update.id)
        .into_iter()
        .map(id)
        .collect();
    json["referencedBy"] = parents.into();
    if !update.steps.is_empty() {
        json["instructions"] = json!({ "steps": update.steps });
    }
    json
}

pub(super) fn file(file: &UpdateFile, profile: Profile) -> Value {
    let mut json = json!({
        "fileId": file.id,
        "fileName": file.name,
        "sizeInBytes": file.size_bytes,
        "hashes": { "sha256": file.sha256 },
        "mimeType": "application/octet-stream",
        "etag": file.etag,
    });
    if profile != Profile::Legacy {
        json["scanResult"] = "Success".into();
        json["scanDetails"] = "".into();
        json["properties"] = file.properties.clone().into();
        let related = file.related.iter().map(related).collect();
        json["relatedFiles"] = Value::Array(related);
        if let Some(handler) = &file.download_handler {
            json["downloadHandler"] = json!({ "id": handler });
        }
    }
    json
}

fn related(file: &UpdateFile) -> Value {
    json!({
        "fileName": file.name,
        "sizeInBytes": file.size_bytes,
        "hashes": { "sha256": file.sha256 },
        "mimeType": "application/octet-stream",
        "properties": file.properties,
        "scanResult": "Success",
    })
}

/// Where an update is found, without a host.
pub(super) fn resource(
    instance: &str,
    update: &UpdateId,
    profile: Profile,
    version: &str,
) -> String {
    let UpdateId {
        provider,
        name,
        version: of,
    } = update;
    let path = format!("updates/providers/{provider}/names/{name}/versions/{of}");
    match profile {
        Profile::Legacy => format!("/deviceupdate/{instance}/v2/{path}"),
        _ => format!("/deviceUpdate/{instance}/{path}?api-version={version}"),
    }
}

/// A job. Its error and its result are there as they become known.
pub(super) fn operation(
    operation: &Operation,
    store: &Store,
    (instance, profile, version): (&str, Profile, &str),
) -> Value {
    let mut json = json!({
        "operationId": operation.id,
        "status": operation.status.name(),
        "traceId": operation.trace_id,
        "createdDateTime": written(operation.created),
        "lastActionDateTime": written(operation.last_action),
        "etag": operation.etag,
    });
    if operation.kind == Kind::Devices {
        return json;
    }
    if let Some(update) = &operation.update {
        if profile == Profile::Legacy {
            json["updateId"] = id(update);
        } else {
            json["update"] = information(store, update);
            set(
                &mut json["update"],
                "friendlyName",
                operation.friendly_name.as_deref(),
            );
        }
        if operation.status == Status::Succeeded && operation.kind == Kind::Import {
            json["resourceLocation"] = resource(instance, update, profile, version).into();
        }
    }
    json["error"] = operation.error.as_ref().map_or(Value::Null, Problem::json);
    json
}

pub(super) fn class(store: &Store, class: &DeviceClass) -> Value {
    let best = store.best_update(class);
    let mut json = json!({
        "deviceClassId": class.id,
        "deviceClassProperties": {
            "contractModel": { "id": class.model_id, "name": class.model_name },
            "compatProperties": class.properties,
        },
        "bestCompatibleUpdate": best.map(|best| information(store, &best.id)),
    });
    set(&mut json, "friendlyName", class.friendly_name.as_deref());
    json
}

pub(super) fn device(store: &Store, device: &Device) -> Value {
    let information = |update: &Option<UpdateId>| {
        update
            .as_ref()
            .map(|update| self::information(store, update))
    };
    let class = store.classes.get(&device.class);
    let best = class.and_then(|class| store.best_update(class));
    let is_on_latest = best.is_none_or(|best| device.installed.as_ref() == Some(&best.id));
    let mut json = json!({
        "deviceId": device.id,
        "deviceClassId": device.class,
        "groupId": device.group,
        "onLatestUpdate": is_on_latest,
        "installedUpdate": information(&device.installed),
        "lastAttemptedUpdate": information(&device.last_attempted),
    });
    set(
        &mut json,
        "deploymentStatus",
        device.deployment_status.as_deref(),
    );
    set(
        &mut json,
        "lastDeploymentId",
        device.last_deployment.as_deref(),
    );
    if let Some(result) = &device.last_result {
        let codes = |details: &str| {
            json!({
                "resultCode": result.result_code,
                "extendedResultCode": result.extended_result_code,
                "resultDetails": details,
            })
        };
        let mut step = codes(&result.details);
        step["update"] = self::information(store, &result.update);
        step["description"] = "Install".into();
        let mut whole = codes(&result.details);
        whole["stepResults"] = vec![step].into();
        json["lastInstallResult"] = whole;
    }
    json
}

pub(super) fn deployment(store: &Store, one: &Deployment) -> Value {
    let subgroups: Vec<&String> = one.subgroups.keys().collect();
    let all = |is: fn(&Subgroup) -> bool| one.subgroups.values().all(is);
    let mut json = json!({
        "deploymentId": one.id,
        "groupId": one.group,
        "startDateTime": one.start_text,
        "update": information(store, &one.update),
        "deviceClassSubgroups": subgroups,
        "isCanceled": all(|subgroup| subgroup.is_canceled),
        "isRetried": one.subgroups.values().any(|subgroup| subgroup.is_retried),
        "isCloudInitiatedRollback": false,
    });
    set(
        &mut json,
        "downloadSecurity",
        one.download_security.as_deref(),
    );
    if let Some(rollback) = &one.rollback {
        json["rollbackPolicy"] = rollback.clone();
    }
    json
}

/// How far a class of devices is in a deployment.
pub(super) fn subgroup_status(group: &str, class: &str, subgroup: &Subgroup) -> Value {
    json!({
        "groupId": group,
        "deviceClassId": class,
        "deploymentState": subgroup.state(),
        "totalDevices": subgroup.members.len(),
        "devicesInProgressCount": subgroup.count(MemberState::InProgress),
        "devicesCompletedFailedCount": subgroup.count(MemberState::Failed),
        "devicesCompletedSucceededCount": subgroup.count(MemberState::Succeeded),
        "devicesCanceledCount": subgroup.count(MemberState::Canceled),
    })
}

/// A map as an object.
pub(super) fn object(pairs: impl IntoIterator<Item = (&'static str, usize)>) -> Value {
    let pairs = pairs.into_iter();
    let map: Map<String, Value> = pairs
        .map(|(name, count)| (name.to_owned(), count.into()))
        .collect();
    map.into()
}
