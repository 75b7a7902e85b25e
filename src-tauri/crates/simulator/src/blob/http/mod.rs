//! The storage's side of HTTP: paths, headers, bodies and the XML of its answers.
//!
//! What the account holds is the neighbour's, `state`; who may do what is `access`.

mod answer;
mod blobs;
mod blocks;
mod conditions;
mod containers;
mod delegation;
mod download;
mod list;
mod range;
mod request;
mod service;
mod shared;
mod upload;
mod xml;

pub(super) use service::BlobService;
pub(super) use shared::Shared;
