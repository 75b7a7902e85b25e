//! `/v3/firmware-manifests`.

mod handlers;
mod json;

pub(crate) use handlers::{delete, key_table, list, upload, view};
