//! `/simulator`: what happened, and the fault dial, for programs outside this process.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::Value;

use super::Service;
use crate::fault::{Dial, DialChange, DialState, Fault};

/// Where the paths of the simulator itself begin; no fault and no record concerns them.
pub(super) const PREFIX: &str = "/simulator/";

#[derive(Debug)]
struct Controlled {
    service: Arc<dyn Service>,
    dial: Dial,
}

/// The paths of the simulator itself.
pub(super) fn router(service: Arc<dyn Service>, dial: Dial) -> Router {
    Router::new()
        .route("/simulator/record", get(record))
        .route("/simulator/faults", post(change).get(faults))
        .with_state(Arc::new(Controlled { service, dial }))
}

async fn record(State(controlled): State<Arc<Controlled>>) -> Json<Value> {
    Json(controlled.service.record())
}

async fn faults(State(controlled): State<Arc<Controlled>>) -> Json<DialState> {
    Json(controlled.dial.state())
}

async fn change(
    State(controlled): State<Arc<Controlled>>,
    body: Result<Json<DialChange>, JsonRejection>,
) -> Response {
    let Json(change) = match body {
        Ok(change) => change,
        Err(rejection) => return (StatusCode::BAD_REQUEST, rejection.body_text()).into_response(),
    };
    let dial = &controlled.dial;
    dial.change(&change);
    if let Some(milliseconds) = change.plug_in_after_milliseconds {
        let dial = dial.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            dial.turn(Fault::PullThePlug, false);
        });
    }
    Json(dial.state()).into_response()
}
