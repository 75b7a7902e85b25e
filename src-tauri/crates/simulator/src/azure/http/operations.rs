//! Jobs: lists and one.

use axum::{http::header, response::Response};

use super::{
    answer::{Refusal, tagged, with_header},
    filter::Filter,
    json, own,
    page::page,
    request::Request,
    shared::Shared,
};
use crate::azure::state::Kind;

/// A status that the service does not have.
const UNKNOWN_STATUS: &str = "Analyzing";

/// The jobs of updates, or those of devices. Deletes are not listed; the newest comes first.
pub(super) fn list(
    shared: &Shared,
    request: &Request,
    is_updates: bool,
) -> Result<Response, Refusal> {
    let filter = Filter::read(request.option("filter"), &["status"])?;
    let kind = if is_updates {
        Kind::Import
    } else {
        Kind::Devices
    };
    let store = shared.store();
    let all = store.operations.values().rev();
    let listed =
        all.filter(|one| one.kind == kind && filter.passes(|_| Some(one.status.name().to_owned())));
    let said = (&*request.instance, request.profile, request.version());
    let items = listed.map(|one| json::operation(one, &store, said));
    page(shared, request, items)
}

pub(super) fn view(shared: &Shared, request: &Request, id: &str) -> Result<Response, Refusal> {
    let store = shared.store();
    let operation = store.operations.get(id).ok_or_else(Refusal::not_found)?;
    let said = (&*request.instance, request.profile, request.version());
    let mut body = json::operation(operation, &store, said);
    let mut etag = operation.etag.clone();
    if request.faults.has(own::STATUS) {
        body["status"] = UNKNOWN_STATUS.into();
        "\"unknown\"".clone_into(&mut etag);
    }
    let response = tagged(request.header("if-none-match"), &etag, body);
    Ok(match store.pace.retry_after_seconds {
        Some(seconds) if operation.status.is_open() => {
            with_header(response, header::RETRY_AFTER, &seconds.to_string())
        }
        _ => response,
    })
}
