//! `/simulator`: what happened, and the fault dial, for programs outside this process.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use super::{record::Record, routes::Shared};
use crate::fault::{DialChange, DialState};

pub(super) async fn record(State(shared): State<Arc<Shared>>) -> Json<Record> {
    Json(shared.recorder.snapshot())
}

pub(super) async fn faults(State(shared): State<Arc<Shared>>) -> Json<DialState> {
    Json(shared.dial.state())
}

pub(super) async fn change(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<DialChange>, JsonRejection>,
) -> Response {
    let Json(change) = match body {
        Ok(change) => change,
        Err(rejection) => return (StatusCode::BAD_REQUEST, rejection.body_text()).into_response(),
    };
    shared.dial.change(&change);
    if let Some(milliseconds) = change.plug_in_after_milliseconds {
        let dial = shared.dial.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            dial.turn(crate::fault::Fault::PullThePlug, false);
        });
    }
    Json(shared.dial.state()).into_response()
}
