//! The paths of the simulated service.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use super::{
    campaign, chunks, device, event, group, images, jobs, manifest, query, shared::Shared,
};
use crate::pelion::state::{Refusal, RefusalKind};

/// Every path. Trailing slashes are gone before a request comes here.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .merge(images_and_jobs())
        .merge(manifests_and_campaigns())
        .merge(devices())
        .route("/datafiles/{image}", get(images::download))
        .route("/datafiles/{manifest}/key_table", get(manifest::key_table))
        .fallback(async || Refusal::not_found("This path"))
        .method_not_allowed_fallback(async || {
            let kind = RefusalKind::MethodNotAllowed;
            Refusal::new(kind, "This path has no such method.")
        })
        // Bodies are streamed, and each handler has a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .with_state(shared)
}

fn images_and_jobs() -> Router<Arc<Shared>> {
    Router::new()
        .route(
            "/v3/firmware-images",
            get(images::list).post(images::upload),
        )
        .route(
            "/v3/firmware-images/upload-jobs",
            get(jobs::list).post(jobs::create),
        )
        .route(
            "/v3/firmware-images/upload-jobs/{job}",
            get(jobs::view).put(jobs::change).delete(jobs::delete),
        )
        .route(
            "/v3/firmware-images/upload-jobs/{job}/chunks",
            get(chunks::list).post(chunks::append),
        )
        .route(
            "/v3/firmware-images/upload-jobs/{job}/chunks/{chunk}",
            get(chunks::view),
        )
        .route(
            "/v3/firmware-images/{image}",
            get(images::view).delete(images::delete),
        )
}

fn manifests_and_campaigns() -> Router<Arc<Shared>> {
    let campaign = "/v3/update-campaigns/{campaign}";
    let on = |path: &str| format!("{campaign}{path}");
    Router::new()
        .route(
            "/v3/firmware-manifests",
            get(manifest::list).post(manifest::upload),
        )
        .route(
            "/v3/firmware-manifests/{manifest}",
            get(manifest::view).delete(manifest::delete),
        )
        .route(
            "/v3/update-campaigns",
            get(campaign::list).post(campaign::create),
        )
        .route(
            campaign,
            get(campaign::view)
                .put(campaign::change)
                .delete(campaign::delete),
        )
        .route(&on("/start"), post(campaign::start))
        .route(&on("/stop"), post(campaign::stop))
        .route(&on("/archive"), post(campaign::archive))
        .route(&on("/metrics"), get(campaign::metrics))
        .route(&on("/statistics"), get(campaign::list_statistics))
        .route(&on("/statistics/{status}"), get(campaign::view_statistics))
        .route(
            &on("/statistics/{status}/event_types"),
            get(campaign::event_types),
        )
        .route(
            &on("/statistics/{status}/event_types/{code}"),
            get(campaign::event_type),
        )
        .route(
            &on("/campaign-device-metadata"),
            get(campaign::list_metadata),
        )
        .route(
            &on("/campaign-device-metadata/{member}"),
            get(campaign::view_metadata),
        )
}

fn devices() -> Router<Arc<Shared>> {
    Router::new()
        .route("/v3/devices", get(device::list).post(device::create))
        .route(
            "/v3/devices/{device}",
            get(device::view).put(device::change).delete(device::delete),
        )
        .route("/v3/devices/{device}/suspend", post(device::suspend))
        .route("/v3/devices/{device}/resume", post(device::resume))
        .route("/v3/device-queries", get(query::list).post(query::create))
        .route(
            "/v3/device-queries/{query}",
            get(query::view).put(query::change).delete(query::delete),
        )
        .route("/v3/device-groups", get(group::list).post(group::create))
        .route(
            "/v3/device-groups/{group}",
            get(group::view).put(group::change).delete(group::delete),
        )
        .route("/v3/device-groups/{group}/devices", get(group::devices))
        .route("/v3/device-groups/{group}/devices/add", post(group::add))
        .route(
            "/v3/device-groups/{group}/devices/remove",
            post(group::remove),
        )
        .route("/v3/device-events", get(event::list))
        .route("/v3/device-events/{event}", get(event::view))
        // Their older path; the vendor's Python library asks there.
        .route("/v3/devicelog", get(event::list))
        .route("/v3/devicelog/{event}", get(event::view))
}
