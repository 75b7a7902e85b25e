//! `/v3/devices`.

mod body;
mod handlers;
mod json;

pub(crate) use body::check_attributes;
pub(crate) use handlers::{change, create, delete, list, resume, suspend, view};
pub(crate) use json::DeviceJson;
