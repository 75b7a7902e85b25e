//! How an update is written.

use firmdrop_api::{Code, Diagnosis, Remedy};

/// `PROVIDER/NAME/VERSION` as the id of an update.
pub(super) fn update_id(text: &str) -> Result<firmdrop_api::azure::UpdateId, Diagnosis> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [provider, name, version] if parts.iter().all(|part| !part.is_empty()) => {
            Ok(firmdrop_api::azure::UpdateId {
                provider: (*provider).to_owned(),
                name: (*name).to_owned(),
                version: (*version).to_owned(),
            })
        }
        _ => Err(Diagnosis::new(
            Code::ArgumentInvalid,
            format!("{text:?} is no update."),
            "An update is written PROVIDER/NAME/VERSION.",
        )
        .titled("This is not an update")
        .state("Nothing was sent.")
        .remedy(Remedy::advice("Write it as `adu updates list` prints it."))),
    }
}
