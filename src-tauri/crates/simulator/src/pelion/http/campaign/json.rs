//! A campaign as the service writes it.

use std::net::SocketAddr;

use firmdrop_core::Moment;
use serde_json::{Value, json};

use crate::pelion::state::{
    Id,
    campaign::{Campaign, Strategy},
    filter::{Cell, Field, Item},
};

/// What campaigns can be filtered by: vendor's API reference. The phase is not among them.
pub(crate) static FIELDS: [Field; 12] = [
    Field::text("id"),
    Field::text("name"),
    Field::text("description"),
    Field::text("device_filter"),
    Field::text("root_manifest_id"),
    Field::text("state"),
    Field::moment("created_at"),
    Field::moment("updated_at"),
    Field::moment("started_at"),
    Field::moment("finished"),
    Field::moment("when"),
    Field::moment("etag"),
];

impl Item for Campaign {
    fn cell(&self, id: Id, field: &'static str) -> Cell<'_> {
        match field {
            "id" => Cell::Id(id),
            "name" => self.name.as_str().into(),
            "description" => self.description.as_str().into(),
            "device_filter" => self.device_filter.as_str().into(),
            "root_manifest_id" => self.root_manifest.map_or(Cell::Nothing, Cell::Id),
            "state" => self.state.text().into(),
            "created_at" => Cell::Moment(self.created_at),
            "started_at" => self.times.started.into(),
            "finished" => self.times.stopped.into(),
            "when" => self.when.into(),
            _ => Cell::Moment(self.updated_at),
        }
    }
}

pub(crate) fn json_of(address: SocketAddr, id: Id, campaign: &Campaign) -> Value {
    let written = |moment: Option<Moment>| moment.map(|moment| moment.to_string());
    let times = &campaign.times;
    let manifest = campaign.root_manifest;
    let url = |id| format!("http://{address}/v3/firmware-manifests/{id}");
    let strategy = match campaign.strategy {
        Strategy::OneShot => "one-shot",
        Strategy::Continuous => "continuous",
    };
    json!({
        "object": "update-campaign",
        "id": id,
        "name": campaign.name,
        "description": campaign.description,
        "device_filter": campaign.device_filter,
        "root_manifest_id": manifest.map(|id| id.to_string()).unwrap_or_default(),
        "root_manifest_url": manifest.map(url).unwrap_or_default(),
        "campaign_strategy": strategy,
        "autostop": campaign.autostop,
        "autostop_success_percent": campaign.autostop_success_percent,
        "approval_required": campaign.approval_required,
        "when": written(campaign.when),
        "phase": campaign.phase.text(),
        "state": campaign.state.text(),
        "autostop_reason": campaign.autostop_reason,
        "finished": written(times.stopped),
        "started_at": written(times.started),
        "starting_at": written(times.starting),
        "active_at": written(times.active),
        "stopping_at": written(times.stopping),
        "stopped_at": written(times.stopped),
        "archived_at": written(times.archived),
        "created_at": campaign.created_at.to_string(),
        "updated_at": campaign.updated_at.to_string(),
        "etag": campaign.updated_at.to_string(),
    })
}
