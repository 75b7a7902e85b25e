//! Operations on containers, and the account's properties.

use axum::{
    body::Body,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use super::{
    answer::{document, sent, tagged},
    request::Request,
    shared::Shared,
    xml,
};
use crate::blob::state::Refusal;

pub(crate) fn create(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let mut account = shared.account();
    account.create_container(request.container())?;
    let made = account.container(request.container())?;
    let built = tagged(StatusCode::CREATED, &made.etag, made.modified).body(Body::empty());
    Ok(sent(built))
}

pub(crate) fn view(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let account = shared.account();
    let container = account.container(request.container())?;
    let built = tagged(StatusCode::OK, &container.etag, container.modified)
        .header("x-ms-lease-state", "available")
        .header("x-ms-lease-status", "unlocked")
        .header("x-ms-has-immutability-policy", "false")
        .header("x-ms-has-legal-hold", "false")
        .body(Body::empty());
    Ok(sent(built))
}

pub(crate) fn delete(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    shared.account().delete_container(request.container())?;
    Ok(StatusCode::ACCEPTED.into_response())
}

/// The containers whose names begin with `prefix`. All of them: nobody makes thousands here.
pub(crate) fn list(shared: &Shared, request: &Request) -> Response {
    let prefix = request.parameter("prefix").unwrap_or_default();
    let account = shared.account();
    let containers = account.containers().iter();
    let listed: Vec<String> = containers
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, container)| {
            let modified = crate::http::http_date(container.modified);
            let properties = xml::element("Last-Modified", &modified)
                + &xml::element("Etag", &container.etag)
                + &xml::element("LeaseStatus", "unlocked")
                + &xml::element("LeaseState", "available");
            let name = xml::element("Name", name);
            format!("<Container>{name}<Properties>{properties}</Properties></Container>")
        })
        .collect();
    let listed = listed.concat();
    let endpoint = xml::escaped(&format!("{}/{}", shared.url, shared.name));
    let prefix = xml::element("Prefix", prefix);
    document(
        StatusCode::OK,
        &format!(
            "<EnumerationResults ServiceEndpoint=\"{endpoint}\">{prefix}\
             <Containers>{listed}</Containers><NextMarker /></EnumerationResults>"
        ),
    )
}

/// What kind of account it is.
pub(crate) fn account_information() -> Response {
    let built = Response::builder()
        .header("x-ms-sku-name", "Standard_LRS")
        .header("x-ms-account-kind", "StorageV2")
        .header("x-ms-is-hns-enabled", "false")
        .body(Body::empty());
    sent(built)
}
