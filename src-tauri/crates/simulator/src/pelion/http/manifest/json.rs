//! A manifest as the service writes it.

use std::net::SocketAddr;

use firmdrop_core::Moment;
use serde_json::{Value, json};

use crate::pelion::state::{
    DATAFILES, Id,
    filter::{Cell, Field, Item},
    manifest::{Contents, Manifest, dotted, hex},
};

/// What manifests can be filtered by: vendor's API reference.
pub(crate) static FIELDS: [Field; 10] = [
    Field::text("id"),
    Field::text("name"),
    Field::text("description"),
    Field::text("datafile"),
    Field::number("datafile_size", false),
    Field::text("device_class"),
    Field::moment("timestamp"),
    Field::moment("created_at"),
    Field::moment("updated_at"),
    Field::moment("etag"),
];

impl Item for Manifest {
    fn cell(&self, id: Id, field: &'static str) -> Cell<'_> {
        match field {
            "id" => Cell::Id(id),
            "name" => self.name.as_str().into(),
            "description" => self.description.as_str().into(),
            "datafile" => format!("{DATAFILES}{id}").into(),
            "datafile_size" => Cell::Number(self.bytes.len() as u64),
            "device_class" => uuid(&self.contents.class_id).into(),
            "timestamp" => Cell::Moment(self.timestamp()),
            _ => Cell::Moment(self.created_at),
        }
    }
}

impl Manifest {
    /// Of schema 1 the version, where it is a time; otherwise when the manifest came.
    fn timestamp(&self) -> Moment {
        self.contents.time().unwrap_or(self.created_at)
    }
}

/// Where anybody can download it, as a device would.
pub(crate) fn url(address: SocketAddr, id: Id) -> String {
    format!("http://{address}{DATAFILES}{id}")
}

pub(crate) fn json_of(address: SocketAddr, id: Id, manifest: &Manifest) -> Value {
    let contents = &manifest.contents;
    let payload = &contents.payload;
    let kind = if payload.is_patch() { "delta" } else { "full" };
    let created_at = manifest.created_at.to_string();
    let table = manifest.key_table.as_ref();
    json!({
        "object": "firmware-manifest",
        "id": id,
        "name": manifest.name,
        "description": manifest.description,
        "datafile": url(address, id),
        "datafile_size": manifest.bytes.len(),
        "key_table": table.map(|_| format!("{}/key_table", url(address, id))),
        "device_class": uuid(&contents.class_id),
        "device_vendor": uuid(&contents.vendor_id),
        "timestamp": manifest.timestamp().to_string(),
        "manifest_schema_version": contents.schema.to_string(),
        "delivered_payload_type": kind,
        "delivered_payload_digest": hex(&payload.digest),
        "delivered_payload_size": payload.size_bytes,
        "delivered_payload_url": payload.uri,
        "precursor_payload_digest": payload.precursor_digest.as_deref().map(hex),
        "update_priority": contents.priority,
        "parsed_raw_manifest": parsed(contents),
        // Its name of 2017; the guide still speaks of it.
        "manifest_contents": older(contents),
        "created_at": created_at,
        "updated_at": created_at,
        "etag": created_at,
    })
}

/// The tree as it corruptions in the file. The vendor promises no shape: "may change, for debugging".
fn parsed(contents: &Contents) -> Value {
    let payload = &contents.payload;
    json!({
        "vendor-id": hex(&contents.vendor_id),
        "class-id": hex(&contents.class_id),
        "update-priority": contents.priority,
        "component-name": contents.component,
        "payload-version": contents.version.map(dotted),
        "timestamp": contents.timestamp,
        "payload-digest": hex(&payload.digest),
        "payload-size": payload.size_bytes,
        "payload-uri": payload.uri,
        "payload-format": payload.format,
        "installed-digest": payload.installed_digest.as_deref().map(hex),
        "precursor-digest": payload.precursor_digest.as_deref().map(hex),
    })
}

fn older(contents: &Contents) -> Value {
    let payload = &contents.payload;
    json!({
        "classId": hex(&contents.class_id),
        "vendorId": hex(&contents.vendor_id),
        "deviceId": "",
        "manifestVersion": contents.schema.to_string(),
        "description": contents.description,
        "nonce": hex(&contents.nonce),
        "timestamp": contents.timestamp,
        "encryptionMode": { "enum": contents.encryption_mode },
        "applyImmediately": contents.apply_immediately,
        "payload": {
            "format": { "enum": payload.format },
            "storageIdentifier": "default",
            "reference": {
                "hash": hex(&payload.digest),
                "uri": payload.uri,
                "size": payload.size_bytes,
            },
        },
    })
}

/// An id with hyphens, as manifests' answers write it; devices have the bare 32 digits.
fn uuid(id: &[u8; 16]) -> String {
    let mut text = hex(id);
    for at in [20, 16, 12, 8] {
        text.insert(at, '-');
    }
    text
}
