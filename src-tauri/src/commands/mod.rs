//! What the page may call: each unpacks, calls the facade, and hands back what it said.

pub(crate) mod account;
pub(crate) mod azure;
pub(crate) mod bench;
pub(crate) mod console;
pub(crate) mod delivery;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod image;
pub(crate) mod job;
pub(crate) mod pelion;
pub(crate) mod reader;
pub(crate) mod startup;
pub(crate) mod window;

use firmdrop_api::Diagnosis;

use crate::backend::Backend;

/// What commands answer.
type Answer<T> = Result<T, Diagnosis>;
/// How commands reach the facade.
type State<'a> = tauri::State<'a, Backend>;
