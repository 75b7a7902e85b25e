//! `manifest`: one file for each command. Everything happens on this computer.

mod arguments;
mod checks;
mod create;
mod files;
mod key;
mod payload;
mod show;
mod verify;

use std::path::Path;

use firmdrop_api::Diagnosis;
use firmdrop_manifest::{Id, KeyStore, ManifestError};

use self::arguments::Ids;
use crate::exit::Exit;

pub(crate) use self::arguments::Manifest;

/// Folder of the keys inside a home.
const KEYS: &str = "manifest-keys";

/// What every command is given.
struct Desk {
    keys: KeyStore,
    json: bool,
}

/// Carries one command out.
pub(crate) fn run(home: &Path, json: bool, command: Manifest) -> Result<Exit, Diagnosis> {
    let desk = Desk {
        keys: KeyStore::new(home.join(KEYS)),
        json,
    };
    match command {
        Manifest::Key(command) => key::run(&desk, command),
        Manifest::Create(command) => create::run(&desk, &command),
        Manifest::Show { file } => show::run(&desk, &file),
        Manifest::Verify(command) => verify::run(&desk, &command),
    }
}

/// The vendor's id, by domain or as it is.
fn vendor(ids: &Ids) -> Result<Option<Id>, Diagnosis> {
    let id = match (&ids.vendor_domain, &ids.vendor_id) {
        (Some(domain), _) => Id::vendor_of_domain(domain),
        (None, Some(id)) => Id::read(id),
        (None, None) => return Ok(None),
    };
    id.map(Some).map_err(Diagnosis::from)
}

/// The class id, by the model's name or as it is.
fn class(ids: &Ids, vendor: Option<Id>) -> Result<Option<Id>, Diagnosis> {
    let id = match (&ids.model, &ids.class_id, vendor) {
        (Some(model), _, Some(vendor)) => Id::class_of_model(vendor, model),
        (Some(_), _, None) => Err(missing(
            "vendor",
            "the class of a model is computed under its vendor; give --vendor-domain or --vendor-id",
        )),
        (None, Some(id), _) => Id::read(id),
        (None, None, _) => return Ok(None),
    };
    id.map(Some).map_err(Diagnosis::from)
}

/// A value that is needed and was not given.
fn missing(what: &str, why: &str) -> ManifestError {
    ManifestError::Impossible {
        what: what.to_owned(),
        why: why.to_owned(),
    }
}
