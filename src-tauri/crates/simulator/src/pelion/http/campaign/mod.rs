//! `/v3/update-campaigns` and everything below it.

mod body;
mod handlers;
mod json;
mod metadata;
mod statistics;

pub(crate) use handlers::{archive, change, create, delete, list, start, stop, view};
pub(crate) use metadata::{list as list_metadata, view as view_metadata};
pub(crate) use statistics::{
    event_type, event_types, list as list_statistics, metrics, view as view_statistics,
};
