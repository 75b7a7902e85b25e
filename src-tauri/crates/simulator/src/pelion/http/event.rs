//! What happened to devices: `/v3/device-events`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{list::Listing, shared::Shared};
use crate::pelion::state::{
    DeviceEvent, Id, Refusal,
    filter::{Cell, Field, Item},
};

static FIELDS: [Field; 8] = [
    Field::text("id"),
    Field::text("device_id"),
    Field::text("event_type"),
    Field::text("description"),
    Field::flag("state_change"),
    Field::moment("date_time"),
    Field::moment("created_at"),
    Field::moment("etag"),
];

impl Item for DeviceEvent {
    fn cell(&self, id: Id, field: &'static str) -> Cell<'_> {
        match field {
            "id" => Cell::Id(id),
            "device_id" => Cell::Id(self.device),
            "event_type" => self.code.to_string().into(),
            "description" => self.code.description().into(),
            "state_change" => Cell::Flag(self.firmware_checksum.is_some()),
            _ => Cell::Moment(self.at),
        }
    }
}

fn json_of(id: Id, event: &DeviceEvent) -> Value {
    let changes = event
        .firmware_checksum
        .map_or_else(|| json!({}), |sum| json!({ "firmware_checksum": sum }));
    let data = event
        .campaign
        .map_or_else(|| json!({}), |id| json!({ "campaign_id": id }));
    let at = event.at.to_string();
    json!({
        "object": "device-event",
        "id": id,
        "device_log_id": id,
        "device_id": event.device,
        "date_time": at,
        "created_at": at,
        "etag": at,
        "event_type": event.code.to_string(),
        "event_type_category": event.code.category(),
        "event_type_description": event.code.summary().word(),
        "description": event.code.description(),
        "state_change": event.firmware_checksum.is_some(),
        "changes": changes,
        "data": data,
    })
}

pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let listing = Listing::read(query.as_deref(), &FIELDS)?;
    let account = shared.account();
    let directory = &account.directory;
    let page = match listing.ids("device_id") {
        Some(devices) => {
            let ids = directory.events_of(&devices);
            listing.page_among(directory.events(), &ids, json_of)?
        }
        None => listing.page_of(directory.events(), json_of)?,
    };
    Ok(Json(page).into_response())
}

pub(crate) async fn view(
    State(shared): State<Arc<Shared>>,
    Path(event): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let unknown = || Refusal::not_found("The device event");
    let id = Id::read(&event).ok_or_else(unknown)?;
    let account = shared.account();
    let event = account.directory.events().get(&id).ok_or_else(unknown)?;
    Ok(Json(json_of(id, event)))
}
