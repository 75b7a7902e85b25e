//! What each collection can be filtered by, for warnings and for a filter builder.
//!
//! Source: the public contract of January 2021, filter tables of each list. A service may know more.

use serde::{Deserialize, Serialize};

use super::{
    Operator::{self, AtLeast, AtMost, Equal, In, NotEqual, NotIn},
    condition::is_keyed,
};

const TEXT: &[Operator] = &[Equal, NotEqual, In, NotIn];
const FLAG: &[Operator] = &[Equal, NotEqual];
/// Exact moments can be listed, spans are limited at both ends.
const MOMENT: &[Operator] = &[AtLeast, AtMost, Equal, In, NotIn];
const NUMBER: &[Operator] = &[Equal, NotEqual, In, NotIn, AtLeast, AtMost];
const KEYED: &[Operator] = &[Equal];

/// A list that can be filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Collection {
    /// Firmware images.
    FirmwareImages,
    /// Upload jobs.
    UploadJobs,
    /// Chunks of an upload job.
    Chunks,
    /// Firmware manifests.
    FirmwareManifests,
    /// Update campaigns. Their phase cannot be asked for, only their older state.
    UpdateCampaigns,
    /// Devices; a campaign's filter is one of these.
    Devices,
    /// Saved queries.
    DeviceQueries,
    /// Device groups.
    DeviceGroups,
    /// Device events.
    DeviceEvents,
}

/// What kind of value an attribute has; says which control asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum AttributeKind {
    /// Any text.
    Text,
    /// One of a few words.
    Choice,
    /// A moment, RFC 3339 in UTC.
    Moment,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A text behind a key of somebody's choice: the field ends in two underscores, the key follows.
    Keyed,
}

/// Something a list can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FilterAttribute {
    /// The field: `device_class`.
    pub field: String,
    /// In plain words: "Device class".
    pub title: String,
    /// What kind of value it has.
    pub kind: AttributeKind,
    /// How it can be compared, the usual first.
    pub operators: Vec<Operator>,
    /// The known words of a choice.
    pub choices: Vec<String>,
}

/// Everything this collection is known to be filtered by, the usual first.
pub fn attributes(of: Collection) -> Vec<FilterAttribute> {
    let rows = of.rows().iter();
    rows.map(|row| FilterAttribute {
        field: row.field.to_owned(),
        title: row.title.to_owned(),
        kind: row.kind,
        operators: row.operators.to_vec(),
        choices: row.choices.iter().map(|&word| word.to_owned()).collect(),
    })
    .collect()
}

struct Row {
    field: &'static str,
    title: &'static str,
    kind: AttributeKind,
    operators: &'static [Operator],
    choices: &'static [&'static str],
}

const fn row(
    field: &'static str,
    title: &'static str,
    kind: AttributeKind,
    operators: &'static [Operator],
) -> Row {
    Row {
        field,
        title,
        kind,
        operators,
        choices: &[],
    }
}

const fn text(field: &'static str, title: &'static str) -> Row {
    row(field, title, AttributeKind::Text, TEXT)
}

const fn moment(field: &'static str, title: &'static str) -> Row {
    row(field, title, AttributeKind::Moment, MOMENT)
}

const fn number(field: &'static str, title: &'static str) -> Row {
    row(field, title, AttributeKind::Number, NUMBER)
}

const fn flag(field: &'static str, title: &'static str) -> Row {
    row(field, title, AttributeKind::Flag, FLAG)
}

const fn choice(field: &'static str, title: &'static str, choices: &'static [&'static str]) -> Row {
    Row {
        field,
        title,
        kind: AttributeKind::Choice,
        operators: TEXT,
        choices,
    }
}

const fn keyed(field: &'static str, title: &'static str) -> Row {
    row(field, title, AttributeKind::Keyed, KEYED)
}

impl Collection {
    /// In plain words, many of them: "Devices".
    pub const fn title(self) -> &'static str {
        match self {
            Self::FirmwareImages => "Firmware images",
            Self::UploadJobs => "Upload jobs",
            Self::Chunks => "Chunks",
            Self::FirmwareManifests => "Firmware manifests",
            Self::UpdateCampaigns => "Campaigns",
            Self::Devices => "Devices",
            Self::DeviceQueries => "Saved queries",
            Self::DeviceGroups => "Device groups",
            Self::DeviceEvents => "Device events",
        }
    }

    /// How a field can be compared; `None` when it is not known.
    pub(super) fn operators(self, field: &str) -> Option<&'static [Operator]> {
        let rows = self.rows().iter();
        let mut found = rows
            .filter(|row| row.field == field || (is_keyed(field) && field.starts_with(row.field)));
        found.next().map(|row| row.operators)
    }

    const fn rows(self) -> &'static [Row] {
        match self {
            Self::FirmwareImages => IMAGES,
            Self::UploadJobs => UPLOAD_JOBS,
            Self::Chunks => CHUNKS,
            Self::FirmwareManifests => MANIFESTS,
            Self::UpdateCampaigns => CAMPAIGNS,
            Self::Devices => DEVICES,
            Self::DeviceQueries => QUERIES,
            Self::DeviceGroups => GROUPS,
            Self::DeviceEvents => EVENTS,
        }
    }
}

const CREATED: Row = moment("created_at", "Created");
const UPDATED: Row = moment("updated_at", "Changed");
const ETAG: Row = moment("etag", "Version tag");

const IMAGES: &[Row] = &[
    text("name", "Name"),
    text("description", "Description"),
    text("id", "Id"),
    number("datafile_size", "Size"),
    text("datafile_checksum", "SHA-256"),
    text("datafile", "Address"),
    CREATED,
    UPDATED,
    ETAG,
];

const UPLOAD_JOBS: &[Row] = &[
    text("name", "Name"),
    choice(
        "status",
        "Status",
        &["not_started", "in_progress", "completed"],
    ),
    text("description", "Description"),
    text("id", "Id"),
    text("firmware_image_id", "Firmware image"),
    flag("complete", "Finished"),
    CREATED,
    UPDATED,
    ETAG,
];

const CHUNKS: &[Row] = &[
    number("id", "Number"),
    text("hash", "MD5"),
    number("length", "Length"),
    CREATED,
    UPDATED,
    ETAG,
];

const MANIFESTS: &[Row] = &[
    text("name", "Name"),
    text("device_class", "Device class"),
    text("description", "Description"),
    text("id", "Id"),
    text("datafile", "Address"),
    number("datafile_size", "Size"),
    moment("timestamp", "Version in time"),
    CREATED,
    UPDATED,
    ETAG,
];

/// States as section "update-campaigns" of the contract lists them.
const STATES: &[&str] = &[
    "draft",
    "scheduled",
    "allocatingquota",
    "allocatedquota",
    "quotaallocationfailed",
    "checkingmanifest",
    "checkedmanifest",
    "devicefetch",
    "devicecopy",
    "devicecheck",
    "publishing",
    "deploying",
    "deployed",
    "manifestremoved",
    "expired",
    "stopping",
    "autostopped",
    "userstopped",
    "conflict",
];

const CAMPAIGNS: &[Row] = &[
    text("name", "Name"),
    choice("state", "State", STATES),
    text("description", "Description"),
    text("id", "Id"),
    text("root_manifest_id", "Firmware manifest"),
    text("device_filter", "Device filter"),
    moment("started_at", "Started"),
    moment("finished", "Ended"),
    moment("when", "Planned for"),
    CREATED,
    UPDATED,
    ETAG,
];

const DEVICES: &[Row] = &[
    text("device_class", "Device class"),
    text("vendor_id", "Vendor"),
    choice(
        "state",
        "State",
        &[
            "registered",
            "deregistered",
            "bootstrapped",
            "cloud_enrolling",
            "unenrolled",
        ],
    ),
    text("name", "Name"),
    text("endpoint_name", "Endpoint name"),
    text("id", "Id"),
    keyed("custom_attributes__", "Custom attribute"),
    keyed("component_attributes__", "Version of component"),
    text("serial_number", "Serial number"),
    text("firmware_checksum", "SHA-256 of the firmware"),
    choice("lifecycle_status", "Lifecycle", &["enabled", "blocked"]),
    choice(
        "deployed_state",
        "Deployed as",
        &["development", "production"],
    ),
    text("endpoint_type", "Endpoint type"),
    text("description", "Description"),
    number("device_execution_mode", "Execution mode"),
    choice("mechanism", "Reached by", &["connector", "direct"]),
    text("mechanism_url", "Reached at"),
    text("host_gateway", "Gateway"),
    text("net_id", "Network"),
    text("account_id", "Account"),
    text("ca_id", "Certificate authority"),
    text("device_key", "Certificate fingerprint"),
    text("issuer_fingerprint", "Issuer fingerprint"),
    text("manifest", "Last manifest"),
    text("deployment", "Last deployment"),
    flag("auto_update", "Updates by itself"),
    flag("operator_suspended", "Suspended by the operator"),
    flag("system_suspended", "Suspended by the service"),
    moment("manifest_timestamp", "Version in time"),
    moment("bootstrapped_timestamp", "Bootstrapped"),
    moment("bootstrap_expiration_date", "Bootstrap certificate ends"),
    moment("connector_expiration_date", "Certificate ends"),
    moment("enrolment_list_timestamp", "Claimed"),
    CREATED,
    UPDATED,
    ETAG,
];

const QUERIES: &[Row] = &[
    text("name", "Name"),
    text("query", "Conditions"),
    text("id", "Id"),
    CREATED,
    UPDATED,
    ETAG,
];

const GROUPS: &[Row] = &[
    text("name", "Name"),
    text("description", "Description"),
    text("id", "Id"),
    number("devices_count", "Number of devices"),
    keyed("custom_attributes__", "Custom attribute"),
    CREATED,
    UPDATED,
    ETAG,
];

const EVENTS: &[Row] = &[
    text("device_id", "Device"),
    text("event_type", "Event code"),
    moment("date_time", "When"),
    text("description", "Description"),
    flag("state_change", "State changed"),
    text("id", "Id"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ALL: [Collection; 9] = [
        Collection::FirmwareImages,
        Collection::UploadJobs,
        Collection::Chunks,
        Collection::FirmwareManifests,
        Collection::UpdateCampaigns,
        Collection::Devices,
        Collection::DeviceQueries,
        Collection::DeviceGroups,
        Collection::DeviceEvents,
    ];

    #[test]
    fn every_attribute_is_offered_once_with_a_title_and_a_way_to_compare() {
        for collection in ALL {
            let offered = attributes(collection);
            let fields: BTreeSet<_> = offered.iter().map(|one| &one.field).collect();
            let titles: BTreeSet<_> = offered.iter().map(|one| &one.title).collect();
            assert_eq!(
                (fields.len(), titles.len()),
                (offered.len(), offered.len()),
                "{collection:?}"
            );
            for one in &offered {
                assert!(!one.operators.is_empty() && !one.title.is_empty());
                assert_eq!(
                    one.kind == AttributeKind::Choice,
                    !one.choices.is_empty(),
                    "{}",
                    one.field
                );
            }
        }
    }

    #[test]
    fn keys_of_somebodys_choice_belong_to_their_attribute() {
        let of = Collection::Devices;
        assert_eq!(of.operators("custom_attributes__tag"), Some(KEYED));
        assert_eq!(of.operators("component_attributes__MAIN"), Some(KEYED));
        assert_eq!(of.operators("tag"), None);
        assert_eq!(Collection::UpdateCampaigns.operators("phase"), None);
    }
}
