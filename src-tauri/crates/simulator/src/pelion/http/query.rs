//! Saved queries: `/v3/device-queries`.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    body::{self, created},
    list::Listing,
    shared::Shared,
};
use crate::pelion::state::{
    Id, Refusal, SavedQuery, check_length, device,
    filter::{Cell, Field, Filter, Item},
};

/// Longest name and longest query, characters: vendor's API reference.
const LONGEST_NAME: usize = 200;
const LONGEST_QUERY: usize = 1000;

static FIELDS: [Field; 6] = [
    Field::text("id"),
    Field::text("name"),
    Field::text("query"),
    Field::moment("created_at"),
    Field::moment("updated_at"),
    Field::moment("etag"),
];

impl Item for SavedQuery {
    fn cell(&self, id: Id, field: &'static str) -> Cell<'_> {
        match field {
            "id" => Cell::Id(id),
            "name" => self.name.as_str().into(),
            "query" => self.query.as_str().into(),
            "created_at" => Cell::Moment(self.created_at),
            _ => Cell::Moment(self.updated_at),
        }
    }
}

fn json_of(id: Id, query: &SavedQuery) -> Value {
    json!({
        "object": "device-query",
        "id": id,
        "name": query.name,
        "query": query.query,
        "created_at": query.created_at.to_string(),
        "updated_at": query.updated_at.to_string(),
        "etag": query.updated_at.to_string(),
    })
}

#[derive(Debug, Deserialize)]
struct QueryBody {
    name: Option<String>,
    query: Option<String>,
}

impl QueryBody {
    /// Both texts are required, and the query must be a filter for devices.
    fn checked(self) -> Result<(String, String), Refusal> {
        check_length("name", self.name.as_deref(), LONGEST_NAME)?;
        check_length("query", self.query.as_deref(), LONGEST_QUERY)?;
        let missing = |field| move || Refusal::invalid(field, "This is missing.");
        let name = self.name.ok_or_else(missing("name"))?;
        let query = self.query.ok_or_else(missing("query"))?;
        if query.is_empty() || Filter::read(&device::FIELDS, &query).is_err() {
            return Err(Refusal::invalid("query", "This is no filter for devices."));
        }
        Ok((name, query))
    }
}

fn unknown() -> Refusal {
    Refusal::not_found("The saved query")
}

pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let listing = Listing::read(query.as_deref(), &FIELDS)?.counted();
    let account = shared.account();
    let page = listing.page_of(&account.directory.queries, json_of)?;
    Ok(Json(page).into_response())
}

pub(crate) async fn create(
    State(shared): State<Arc<Shared>>,
    body: Body,
) -> Result<Response, Refusal> {
    let (name, query) = body::read::<QueryBody>(body).await?.checked()?;
    let mut account = shared.account();
    let (id, now) = (account.next(), account.now());
    let query = SavedQuery {
        name,
        query,
        created_at: now,
        updated_at: now,
    };
    let json = json_of(id, &query);
    account.directory.queries.insert(id, query);
    Ok(created(&format!("/v3/device-queries/{id}"), json))
}

pub(crate) async fn view(
    State(shared): State<Arc<Shared>>,
    Path(query): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let id = Id::read(&query).ok_or_else(unknown)?;
    let account = shared.account();
    let query = account.directory.queries.get(&id).ok_or_else(unknown)?;
    Ok(Json(json_of(id, query)))
}

pub(crate) async fn change(
    State(shared): State<Arc<Shared>>,
    Path(query): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let id = Id::read(&query).ok_or_else(unknown)?;
    let (name, text) = body::read::<QueryBody>(body).await?.checked()?;
    let mut account = shared.account();
    let now = account.now();
    let query = account.directory.queries.get_mut(&id).ok_or_else(unknown)?;
    (query.name, query.query, query.updated_at) = (name, text, now);
    Ok(Json(json_of(id, query)))
}

pub(crate) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(query): Path<String>,
) -> Result<StatusCode, Refusal> {
    let id = Id::read(&query).ok_or_else(unknown)?;
    let removed = shared.account().directory.queries.remove(&id);
    removed.map(|_| StatusCode::NO_CONTENT).ok_or_else(unknown)
}
