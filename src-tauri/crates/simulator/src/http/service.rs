//! What a simulated service brings to the shared server.

use async_trait::async_trait;
use axum::{extract::Request, http::StatusCode, response::Response};
use serde_json::Value;

use crate::fault::Effect;

/// A simulated service behind the shared server.
#[async_trait]
pub(crate) trait Service: std::fmt::Debug + Send + Sync + 'static {
    /// Carries a request out, or refuses it. The request's extensions hold the
    /// [`Corruptions`](crate::fault::Corruptions) its answer must have.
    async fn answer(&self, request: Request) -> Response;

    /// Whether the answer to such a request can be corrupted in this way.
    fn can_corrupt(&self, effect: &Effect, method: &str, path: &str) -> bool;

    /// The failure that a fault asks for, in the service's own error form.
    fn failure(&self, status: StatusCode) -> Response;

    /// The id of the request with this number.
    fn request_id(&self, number: u64) -> String;

    /// Writes on an answer what only the request's id completes.
    fn complete(&self, response: Response, request_id: &str) -> Response;

    /// More bytes of a body arrived at this path.
    fn received(&self, path: &str, bytes: u64);

    /// Everything that happened, as `GET /simulator/record` shows it.
    fn record(&self) -> Value;
}
