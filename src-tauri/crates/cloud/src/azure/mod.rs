//! Azure Device Update for IoT Hub: updates and their import, groups and deployments, and the blob
//! storage that an import is read from.
//!
//! Nothing here knows a device on the bench, a journal or a window.

pub mod import_manifest;
pub mod sign_in;
pub mod staging;
mod token;

pub use token::{AccessToken, Resource, TokenError, TokenSource};
