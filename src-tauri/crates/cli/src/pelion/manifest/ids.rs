//! Vendor and class of a manifest, from its arguments.

use firmdrop_api::Diagnosis;
use firmdrop_manifest::Id;

use super::arguments::Ids;
use super::missing::missing;

/// The vendor's id, by domain or as it is.
pub(super) fn vendor(ids: &Ids) -> Result<Option<Id>, Diagnosis> {
    let id = match (&ids.vendor_domain, &ids.vendor_id) {
        (Some(domain), _) => Id::vendor_of_domain(domain),
        (None, Some(id)) => Id::read(id),
        (None, None) => return Ok(None),
    };
    id.map(Some).map_err(Diagnosis::from)
}

/// The class id, by the model's name or as it is.
pub(super) fn class(ids: &Ids, vendor: Option<Id>) -> Result<Option<Id>, Diagnosis> {
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
