//! Which handler a path of the device management goes to.

use std::sync::Arc;

use axum::{body::Body, http::Method, response::Response};

use super::{
    answer::Refusal, compliance, deployments, devices, diagnostics, groups, operations,
    request::Request, shared::Shared,
};

/// Carries the request out.
pub(super) async fn route(
    shared: &Arc<Shared>,
    request: &Request,
    path: &[&str],
    body: Body,
) -> Result<Response, Refusal> {
    match path {
        ["deviceClasses", rest @ ..] => classes(shared, request, rest, body).await,
        ["devices", rest @ ..] => devices_of(shared, request, rest, body).await,
        ["groups", rest @ ..] => group(shared, request, rest, body).await,
        ["deviceDiagnostics", rest @ ..] => diagnosis(shared, request, rest, body).await,
        _ => match (&request.method, path) {
            (&Method::GET, ["operations"]) => operations::list(shared, request, false),
            (&Method::GET, ["operations", id]) => operations::view(shared, request, id),
            (&Method::GET, ["updateCompliance"]) => Ok(compliance::of_all(shared)),
            _ => Err(Refusal::not_found()),
        },
    }
}

async fn classes(
    shared: &Shared,
    request: &Request,
    path: &[&str],
    body: Body,
) -> Result<Response, Refusal> {
    match (&request.method, path) {
        (&Method::GET, []) => devices::classes(shared, request),
        (&Method::GET, [id]) => devices::class(shared, id),
        (&Method::PATCH, [id]) => devices::rename_class(shared, id, body).await,
        (&Method::DELETE, [id]) => devices::delete_class(shared, id),
        (&Method::GET, [id, "installableUpdates"]) => devices::installable(shared, request, id),
        _ => Err(Refusal::not_found()),
    }
}

async fn devices_of(
    shared: &Arc<Shared>,
    request: &Request,
    path: &[&str],
    body: Body,
) -> Result<Response, Refusal> {
    match (&request.method, path, request.action.as_deref()) {
        (&Method::GET, [], None) => devices::list(shared, request),
        // A path that ends with an action names the collection as `devices` in front of the colon.
        (&Method::POST, [], Some("import")) => devices::import(shared, request, body).await,
        (&Method::GET, [id], None) => devices::view(shared, id),
        // No device of the simulator has modules.
        _ => Err(Refusal::not_found()),
    }
}

async fn group(
    shared: &Shared,
    request: &Request,
    path: &[&str],
    body: Body,
) -> Result<Response, Refusal> {
    let method = &request.method;
    match path {
        [] if method == Method::GET => groups::list(shared, request),
        [id] if method == Method::GET => groups::view(shared, id),
        [id] if method == Method::DELETE => groups::delete(shared, id),
        [id, "updateCompliance"] if method == Method::GET => compliance::of_group(shared, id),
        [id, "bestUpdates"] if method == Method::GET => groups::best_updates(shared, request, id),
        [id, "deployments"] if method == Method::GET => {
            deployments::list(shared, request, id, None)
        }
        [id, "deployments", deployment] => match *method {
            Method::GET => deployments::view(shared, (id, deployment), None),
            Method::PUT => deployments::create(shared, (id, deployment), body).await,
            Method::DELETE => deployments::delete(shared, (id, deployment)),
            _ => Err(Refusal::method()),
        },
        [id, "deployments", deployment, "status"] if method == Method::GET => {
            deployments::status(shared, (id, deployment))
        }
        [id, "deviceClassSubgroups"] if method == Method::GET => {
            groups::subgroups(shared, request, id)
        }
        [id, "deviceClassSubgroups", class, rest @ ..] => {
            subgroup(shared, request, (id, class), rest)
        }
        _ => Err(Refusal::not_found()),
    }
}

fn subgroup(
    shared: &Shared,
    request: &Request,
    (group, class): (&str, &str),
    path: &[&str],
) -> Result<Response, Refusal> {
    match (&request.method, path, request.action.as_deref()) {
        (&Method::GET, [], None) => groups::subgroup(shared, group, class),
        (&Method::DELETE, [], None) => groups::delete_subgroup(shared, group, class),
        (&Method::GET, ["updateCompliance"], None) => compliance::of_subgroup(shared, group, class),
        (&Method::GET, ["bestUpdates"], None) => groups::best_update(shared, group, class),
        (&Method::GET, ["deployments"], None) => {
            deployments::list(shared, request, group, Some(class))
        }
        (&Method::GET, ["deployments", id], None) => {
            deployments::view(shared, (group, id), Some(class))
        }
        (&Method::DELETE, ["deployments", id], None) => {
            deployments::delete_for(shared, (group, id), class)
        }
        (&Method::POST, ["deployments", id], Some("cancel")) => {
            deployments::cancel(shared, (group, id), class)
        }
        (&Method::POST, ["deployments", id], Some("retry")) => {
            deployments::retry(shared, (group, id), class)
        }
        (&Method::GET, ["deployments", id, "status"], None) => {
            deployments::subgroup_status(shared, (group, id), class)
        }
        (&Method::GET, ["deployments", id, "devicestates"], None) => {
            deployments::device_states(shared, request, (group, id), class)
        }
        _ => Err(Refusal::not_found()),
    }
}

async fn diagnosis(
    shared: &Shared,
    request: &Request,
    path: &[&str],
    body: Body,
) -> Result<Response, Refusal> {
    match (&request.method, path) {
        (&Method::GET, ["deviceHealth"]) => diagnostics::health(shared, request),
        (&Method::GET, ["logCollections"]) => diagnostics::list(shared, request),
        (&Method::GET, ["logCollections", id]) => diagnostics::view(shared, id, false),
        (&Method::GET, ["logCollections", id, "detailedStatus"]) => {
            diagnostics::view(shared, id, true)
        }
        (&Method::PUT, ["logCollections", id]) => diagnostics::begin(shared, id, body).await,
        _ => Err(Refusal::not_found()),
    }
}
