//! `/v3/devices`: list, make, view, change, delete, suspend, resume.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, RawQuery, State},
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use super::{DeviceJson, body::DeviceBody};
use crate::pelion::{
    http::{
        body::{self, created},
        list::Listing,
        shared::Shared,
    },
    state::{
        Account, Id, Refusal, check_length,
        device::{Device, FIELDS, Suspension},
    },
};

/// From this length on a listing's URL is refused, characters: vendor's API reference.
const TOO_LONG_URL: usize = 4096;

fn json_of(account: &Account, id: Id) -> Result<DeviceJson<'_>, Refusal> {
    let device = account.directory.device(id)?;
    Ok(DeviceJson::new(&account.directory, id, device))
}

fn id_of(text: &str) -> Result<Id, Refusal> {
    Id::read(text).ok_or_else(|| Refusal::not_found("The device"))
}

pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let origin_length = shared.address.to_string().len() + "http://".len();
    let length = uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if origin_length + length >= TOO_LONG_URL {
        let message = "The URL has 4096 characters or more.";
        return Err(Refusal::bad_request(message));
    }
    let listing = Listing::read(query.as_deref(), &FIELDS)?;
    let account = shared.account();
    let directory = &account.directory;
    let json = |id, device| DeviceJson::new(directory, id, device);
    let page = listing.page_of(&directory.devices, json)?;
    Ok(Json(page).into_response())
}

pub(crate) async fn create(
    State(shared): State<Arc<Shared>>,
    body: Body,
) -> Result<Response, Refusal> {
    let mut body = body::read::<DeviceBody>(body).await?.checked()?;
    let mut account = shared.account();
    if let Some(name) = &body.endpoint_name
        && account.directory.has_endpoint(name)
    {
        return Err(Refusal::conflict("A device of this endpoint name exists."));
    }
    let mut device = Device::new(account.now());
    body.apply_first(&mut device)?;
    body.apply(&mut device);
    let id = account.add_device(device);
    let json = serde_json::to_value(json_of(&account, id)?).unwrap_or_default();
    Ok(created(&format!("/v3/devices/{id}"), json))
}

pub(crate) async fn view(
    State(shared): State<Arc<Shared>>,
    Path(device): Path<String>,
) -> Result<Response, Refusal> {
    let account = shared.account();
    let json = json_of(&account, id_of(&device)?)?;
    Ok(Json(json).into_response())
}

pub(crate) async fn change(
    State(shared): State<Arc<Shared>>,
    Path(device): Path<String>,
    body: Body,
) -> Result<Response, Refusal> {
    let body = body::read::<DeviceBody>(body).await?.checked()?;
    let mut account = shared.account();
    let id = write(&mut account, &device, |device| body.apply(device))?;
    Ok(Json(json_of(&account, id)?).into_response())
}

/// Changes a device.
fn write(
    account: &mut Account,
    device: &str,
    change: impl FnOnce(&mut Device),
) -> Result<Id, Refusal> {
    let id = id_of(device)?;
    let now = account.now();
    let device = account.directory.device_mut(id)?;
    change(device);
    device.updated_at = now;
    account.join_campaigns(id);
    Ok(id)
}

pub(crate) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(device): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.account().delete_device(id_of(&device)?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Longest reason, characters: vendor's API reference.
const LONGEST_DESCRIPTION: usize = 2000;

/// Why a device is suspended or resumed.
#[derive(Debug, Default, Deserialize)]
struct Reason {
    #[serde(default)]
    category: String,
    #[serde(default)]
    description: String,
}

pub(crate) async fn suspend(
    State(shared): State<Arc<Shared>>,
    Path(device): Path<String>,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let reason: Reason = body::read_or_default(body).await?;
    check_length(
        "description",
        Some(&reason.description),
        LONGEST_DESCRIPTION,
    )?;
    let mut account = shared.account();
    let at = Some(account.now());
    write(&mut account, &device, |device| {
        device.is_blocked = true;
        device.details_mut().suspension = Some(Suspension {
            category: reason.category,
            description: reason.description,
            at,
        });
    })?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn resume(
    State(shared): State<Arc<Shared>>,
    Path(device): Path<String>,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let reason: Reason = body::read_or_default(body).await?;
    check_length(
        "description",
        Some(&reason.description),
        LONGEST_DESCRIPTION,
    )?;
    let mut account = shared.account();
    write(&mut account, &device, |device| device.is_blocked = false)?;
    Ok(StatusCode::NO_CONTENT)
}
