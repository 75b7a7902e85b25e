//! The paths of the simulated service.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{get, post},
};

use super::{
    account::Account, chunks, images, jobs, record::Recorder, refusal::Refusal, simulator,
    storage::Storage,
};
use crate::fault::Dial;

/// What the handlers share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) address: SocketAddr,
    pub(super) account: Mutex<Account>,
    pub(super) storage: Storage,
    pub(super) dial: Dial,
    pub(super) recorder: Recorder,
    pub(super) refuse_taken_image_name: bool,
}

impl Shared {
    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every path. Trailing slashes are gone before a request comes here.
pub(super) fn router(shared: Arc<Shared>) -> Router {
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
        .route("/datafiles/{image}", get(images::download))
        .route("/simulator/record", get(simulator::record))
        .route(
            "/simulator/faults",
            post(simulator::change).get(simulator::faults),
        )
        .fallback(async || Refusal::not_found("This path"))
        .method_not_allowed_fallback(async || {
            let status = StatusCode::METHOD_NOT_ALLOWED;
            Refusal::new(
                status,
                "method_not_allowed",
                "This path has no such method.",
            )
        })
        // Bodies are streamed, and each handler has a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .with_state(shared)
}
