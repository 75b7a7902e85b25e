//! A fleet as a list answers it: pages of devices, campaigns, devices of campaigns.

use serde_json::{Value, json};

use crate::recorder::Recorded;

pub(crate) const VENDOR: &str = "cfbff0d193755685968c48ce8b15ae17";
pub(crate) const CLASS: &str = "c9e5e8a4dd02584fbcad02e9cd816d21";

pub(crate) fn id(number: u32) -> String {
    format!("{number:032x}")
}

/// A registered device of the right kind on version 1.0.0.
pub(crate) fn device(number: u32) -> Value {
    json!({
        "id": id(number), "name": format!("puck-{number}"), "vendor_id": VENDOR, "device_class": CLASS,
        "state": "registered", "component_attributes": {"MAIN": "1.0.0"}, "bootstrapped_timestamp": "t",
    })
}

pub(crate) fn campaign(number: u32, phase: &str) -> Value {
    json!({ "id": id(number), "name": format!("campaign {number}"), "phase": phase, "state": "", "device_filter": "" })
}

pub(crate) fn member(number: u32, state: &str) -> Value {
    json!({ "id": format!("m{number}"), "device_id": id(number), "deployment_state": state })
}

/// The page of `all` that the request asks for, as an honest service gives it.
pub(crate) fn page(request: &Recorded, all: &[Value]) -> (u16, String) {
    let limit: usize = request
        .parameter("limit")
        .map_or(50, |limit| limit.parse().unwrap());
    let after = request.parameter("after");
    let begin = after.map_or(0, |after| {
        let at = all.iter().position(|one| one["id"] == after);
        at.map_or(0, |at| at + 1)
    });
    let rest = &all[begin..];
    let data = &rest[..limit.min(rest.len())];
    let mut page =
        json!({ "object": "list", "limit": limit, "has_more": rest.len() > limit, "data": data });
    if request.parameter("include") == Some("total_count") {
        page["total_count"] = all.len().into();
    }
    (200, page.to_string())
}
