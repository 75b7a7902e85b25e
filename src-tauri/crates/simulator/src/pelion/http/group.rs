//! Groups of devices: `/v3/device-groups`.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    body::Body,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    body::{self, created},
    device::{DeviceJson, check_attributes},
    list::Listing,
    shared::Shared,
};
use crate::pelion::state::{
    Account, Group, Id, Refusal, check_length, device,
    filter::{Cell, Field, Item},
};

/// Longest name and description, characters, and most custom attributes: vendor's API reference.
const LONGEST_NAME: usize = 128;
const LONGEST_DESCRIPTION: usize = 1024;
const MOST_ATTRIBUTES: usize = 10;

static FIELDS: [Field; 8] = [
    Field::text("id"),
    Field::text("name"),
    Field::text("description"),
    Field::number("devices_count", true),
    Field::moment("created_at"),
    Field::moment("updated_at"),
    Field::moment("etag"),
    Field::map("custom_attributes"),
];

impl Item for Group {
    fn cell(&self, id: Id, field: &'static str) -> Cell<'_> {
        match field {
            "id" => Cell::Id(id),
            "name" => self.name.as_str().into(),
            "description" => self.description.as_str().into(),
            "devices_count" => Cell::Number(self.devices.len() as u64),
            "created_at" => Cell::Moment(self.created_at),
            _ => Cell::Moment(self.updated_at),
        }
    }

    fn entry(&self, _field: &'static str, key: &str) -> Option<&str> {
        self.custom_attributes.get(key).map(String::as_str)
    }
}

fn json_of(id: Id, group: &Group) -> Value {
    json!({
        "object": "device-group",
        "id": id,
        "name": group.name,
        "description": group.description,
        "custom_attributes": group.custom_attributes,
        "devices_count": group.devices.len(),
        "created_at": group.created_at.to_string(),
        "updated_at": group.updated_at.to_string(),
        "etag": group.updated_at.to_string(),
    })
}

#[derive(Debug, Deserialize)]
struct GroupBody {
    name: Option<String>,
    description: Option<String>,
    custom_attributes: Option<BTreeMap<String, String>>,
}

impl GroupBody {
    fn checked(self) -> Result<Self, Refusal> {
        check_length("name", self.name.as_deref(), LONGEST_NAME)?;
        let description = self.description.as_deref();
        check_length("description", description, LONGEST_DESCRIPTION)?;
        if let Some(attributes) = &self.custom_attributes {
            check_attributes(attributes, MOST_ATTRIBUTES)?;
        }
        Ok(self)
    }

    fn apply(self, group: &mut Group) {
        if let Some(name) = self.name {
            group.name = name;
        }
        if let Some(description) = self.description {
            group.description = description;
        }
        if let Some(attributes) = self.custom_attributes {
            group.custom_attributes = attributes;
        }
    }
}

fn unknown() -> Refusal {
    Refusal::not_found("The device group")
}

fn group_mut<'a>(account: &'a mut Account, id: &str) -> Result<(Id, &'a mut Group), Refusal> {
    let id = Id::read(id).ok_or_else(unknown)?;
    let group = account.directory.groups.get_mut(&id);
    group.map(|group| (id, group)).ok_or_else(unknown)
}

pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let listing = Listing::read(query.as_deref(), &FIELDS)?;
    let account = shared.account();
    let page = listing.page_of(&account.directory.groups, json_of)?;
    Ok(Json(page).into_response())
}

pub(crate) async fn create(
    State(shared): State<Arc<Shared>>,
    body: Body,
) -> Result<Response, Refusal> {
    let body = body::read::<GroupBody>(body).await?.checked()?;
    let name = body.name.clone().unwrap_or_default();
    if name.is_empty() {
        return Err(Refusal::invalid("name", "This is missing."));
    }
    let mut account = shared.account();
    let (id, now) = (account.next(), account.now());
    let mut group = Group::new(name, now);
    body.apply(&mut group);
    let json = json_of(id, &group);
    account.directory.groups.insert(id, group);
    Ok(created(&format!("/v3/device-groups/{id}"), json))
}

pub(crate) async fn view(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let mut account = shared.account();
    let (id, group) = group_mut(&mut account, &group)?;
    Ok(Json(json_of(id, group)))
}

pub(crate) async fn change(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let body = body::read::<GroupBody>(body).await?.checked()?;
    let mut account = shared.account();
    let now = account.now();
    let (id, group) = group_mut(&mut account, &group)?;
    body.apply(group);
    group.updated_at = now;
    Ok(Json(json_of(id, group)))
}

pub(crate) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
) -> Result<StatusCode, Refusal> {
    let mut account = shared.account();
    let (id, _) = group_mut(&mut account, &group)?;
    account.directory.groups.remove(&id);
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn devices(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let listing = Listing::read(query.as_deref(), &device::FIELDS)?;
    let bounds = listing.bounds()?;
    let account = shared.account();
    let directory = &account.directory;
    let id = Id::read(&group).ok_or_else(unknown)?;
    let members = &directory.groups.get(&id).ok_or_else(unknown)?.devices;
    let row = |id: &Id| Some((*id, directory.devices.get(id)?));
    let page = listing.pick(
        members.range(bounds).filter_map(row),
        || listing.count(members.iter().filter_map(row)),
        |id, device| DeviceJson::new(directory, id, device),
    );
    Ok(Json(page).into_response())
}

/// Which device comes or goes. The API reference names one; an older SDK sends a list.
#[derive(Debug, Deserialize)]
struct Members {
    device_id: Option<String>,
    device_ids: Option<Vec<String>>,
}

impl Members {
    fn read(self, account: &Account) -> Result<Vec<Id>, Refusal> {
        let given = self.device_id.into_iter();
        let given: Vec<_> = given.chain(self.device_ids.into_iter().flatten()).collect();
        if given.is_empty() {
            return Err(Refusal::invalid("device_id", "This is missing."));
        }
        let known = |text: String| {
            let id = Id::read(&text).filter(|id| account.directory.devices.contains_key(id));
            id.ok_or_else(|| Refusal::invalid("device_id", "No such device exists."))
        };
        given.into_iter().map(known).collect()
    }
}

pub(crate) async fn add(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    move_devices(&shared, &group, body::read(body).await?, true)
}

pub(crate) async fn remove(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    move_devices(&shared, &group, body::read(body).await?, false)
}

fn move_devices(
    shared: &Shared,
    group: &str,
    members: Members,
    comes: bool,
) -> Result<Json<Value>, Refusal> {
    let mut account = shared.account();
    let members = members.read(&account)?;
    let now = account.now();
    let (id, group) = group_mut(&mut account, group)?;
    for device in members {
        if comes {
            group.devices.insert(device);
        } else {
            group.devices.remove(&device);
        }
    }
    group.updated_at = now;
    Ok(Json(json_of(id, group)))
}
