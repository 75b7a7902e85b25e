//! The simulated service's side of HTTP: paths, headers, bodies and the JSON of its answers.
//!
//! What the account holds and the rules it follows are the neighbour's, `state`.

mod body;
mod campaign;
mod chunks;
mod corrupt;
mod device;
mod event;
mod form;
mod group;
mod images;
mod jobs;
mod list;
mod manifest;
mod query;
mod refusal;
mod routes;
mod service;
mod shared;

pub(super) use service::PelionService;
pub(super) use shared::Shared;
