//! The instance's side of HTTP: profiles, paths, bodies and the JSON of answers.
//!
//! What the instance holds and its rules are the neighbour's, `state`.

mod answer;
mod body;
mod compliance;
mod deployments;
mod devices;
mod diagnostics;
mod download;
mod filter;
mod groups;
mod import;
mod job;
mod json;
mod legacy;
mod limits;
mod management;
mod operations;
pub(super) mod own;
mod page;
mod profile;
mod request;
mod route;
mod service;
mod shared;
mod updates;

pub(super) use job::resume;

pub(super) use service::UpdateService;
pub(super) use shared::Shared;
