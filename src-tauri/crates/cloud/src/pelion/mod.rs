//! Pelion / Izuma Device Management Update: firmware images and upload jobs.
//!
//! [`Pelion`] has one method per operation of the service, each one request; [`upload`] is the task
//! that brings a file over and resumes it. Manifests and campaigns are not here yet.

mod account;
mod client;
mod connection;
mod error;
mod exchange;
mod firmware_images;
mod limits;
mod query;
pub mod upload;
mod upload_jobs;
mod wire;

pub use account::{AccessKey, PelionAccount};
pub use client::Pelion;
pub use connection::{ConnectionReport, ConnectionStep, StepResult};
pub use error::{PelionError, Refusal};
pub use firmware_images::NewImage;
pub use limits::{
    DESCRIPTION_CHARACTERS, FILE_NAME_CHARACTERS, LARGEST_CHUNK_BYTES, MOST_CHUNKS,
    NAME_CHARACTERS, SINGLE_POST_BELOW_BYTES, SMALLEST_CHUNK_BYTES,
};
pub use query::{Filter, ListQuery, Operator, Order};
pub use wire::{Chunk, FirmwareImage, Page, UploadJob};
