//! `Get User Delegation Key`.

use axum::{body::Body, http::StatusCode, response::Response};
use firmdrop_core::Moment;

use super::{answer::document, request::Request, shared::Shared, upload, xml};
use crate::blob::{
    access::BearerIdentity,
    state::{Code, Refusal},
};

/// The version of keys when the request names none.
const VERSION: &str = "2023-11-03";

pub(crate) async fn key(
    shared: &Shared,
    request: &Request,
    body: Body,
    identity: Option<BearerIdentity>,
) -> Result<Response, Refusal> {
    let identity = identity.ok_or_else(|| Refusal::from(Code::AuthenticationFailed))?;
    let text = upload::document(body).await?;
    let said = xml::children(&text, "KeyInfo");
    let said = said.ok_or_else(|| Refusal::from(Code::InvalidXmlDocument))?;
    let moment = |name: &str| {
        let text = said.iter().find(|(other, _)| other == name);
        let timestamp: jiff::Timestamp = text?.1.parse().ok()?;
        Some(Moment::from_microsecond(timestamp.as_microsecond()))
    };
    let now = shared.account().now();
    let expiry = moment("Expiry").ok_or_else(|| Refusal::from(Code::InvalidXmlDocument))?;
    let start = moment("Start").unwrap_or(now);
    let version = request.header("x-ms-version").unwrap_or(VERSION);
    let delegator = &shared.gate.delegator;
    let issued = delegator.issue(identity, (start, expiry), now, version);
    let (key, value) = issued.map_err(|why| Refusal {
        message: why.to_owned(),
        ..Refusal::from(Code::InvalidXmlDocument)
    })?;
    let content: String = [
        ("SignedOid", &*key.object),
        ("SignedTid", &key.tenant),
        ("SignedStart", &key.start),
        ("SignedExpiry", &key.expiry),
        ("SignedService", &key.service),
        ("SignedVersion", &key.version),
        ("Value", &value),
    ]
    .iter()
    .map(|(name, text)| xml::element(name, text))
    .collect();
    let content = format!("<UserDelegationKey>{content}</UserDelegationKey>");
    Ok(document(StatusCode::OK, &content))
}
