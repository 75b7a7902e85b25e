//! Which handler a path goes to.

use std::sync::Arc;

use axum::{body::Body, http::Method, response::Response};

use super::{
    answer::Refusal, import::import, limits, management, operations, profile::Profile,
    request::Request, shared::Shared, updates,
};

/// Carries the request out.
pub(super) async fn route(
    shared: &Arc<Shared>,
    request: &Request,
    body: Body,
) -> Result<Response, Refusal> {
    let path: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    match path.split_first() {
        Some((&"updates", rest)) => update(shared, request, rest, body).await,
        Some((&"management", rest)) if request.profile == Profile::Legacy => {
            super::legacy::route(shared, request, rest, body).await
        }
        Some((&"management", rest)) => management::route(shared, request, rest, body).await,
        Some((&"limits", [])) if request.version() == "2023-10-01-preview" => {
            Ok(limits::view(shared))
        }
        _ => Err(Refusal::not_found()),
    }
}

async fn update(
    shared: &Arc<Shared>,
    request: &Request,
    path: &[&str],
    body: Body,
) -> Result<Response, Refusal> {
    let action = request.action.as_deref();
    match (&request.method, path, action) {
        (&Method::GET, [], None) => updates::list(shared, request),
        (&Method::POST, [], Some("import")) => import(shared, request, body).await,
        (&Method::GET, ["operations"], None) => operations::list(shared, request, true),
        (&Method::GET, ["operations", id], None) => operations::view(shared, request, id),
        (&Method::GET, ["providers"], None) => updates::providers(shared, request),
        (&Method::GET, ["providers", provider, "names"], None) => {
            updates::names_of(shared, request, provider)
        }
        (&Method::GET, ["providers", provider, "names", name, "versions"], None) => {
            updates::versions(shared, request, (provider, name))
        }
        (
            method,
            [
                "providers",
                provider,
                "names",
                name,
                "versions",
                version,
                rest @ ..,
            ],
            None,
        ) => {
            let id = updates::id_of(provider, name, version);
            match (method, rest) {
                (&Method::GET, []) => updates::view(shared, request, &id),
                (&Method::DELETE, []) => updates::delete(shared, request, &id),
                (&Method::GET, ["files"]) => updates::files(shared, request, &id),
                (&Method::GET, ["files", file]) => updates::file(shared, request, &id, file),
                (_, [] | ["files", ..]) => Err(Refusal::method()),
                _ => Err(Refusal::not_found()),
            }
        }
        _ => Err(Refusal::not_found()),
    }
}
