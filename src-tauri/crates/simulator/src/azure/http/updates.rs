//! Updates: lists, one, its files, and its end.

use std::{collections::BTreeSet, sync::Arc};

use axum::response::Response;

use super::{
    answer::{Refusal, tagged},
    filter::Filter,
    import::accepted,
    job, json, own,
    page::page,
    request::Request,
    shared::{Held, Shared},
};
use crate::azure::state::{Kind, Problem, Update, UpdateFile, UpdateId};
use axum::http::StatusCode;

/// An update by the path's parts.
pub(super) fn id_of(provider: &str, name: &str, version: &str) -> UpdateId {
    UpdateId {
        provider: provider.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
    }
}

fn found<'a>(store: &'a Held<'_>, id: &UpdateId) -> Result<&'a Update, Refusal> {
    store.update(id).ok_or_else(Refusal::not_found)
}

pub(super) fn list(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let filter = Filter::read(request.option("filter"), &["isDeployable"])?;
    let words = request.option("search").unwrap_or_default().to_lowercase();
    let store = shared.store();
    let updates = store.updates.values().filter(|one| !one.is_lost);
    let updates = updates.filter(|one| {
        let text = format!(
            "{} {} {}",
            one.id,
            one.description.as_deref().unwrap_or_default(),
            one.friendly_name.as_deref().unwrap_or_default()
        );
        let text = text.to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
            && filter.passes(|_| Some(one.is_deployable.to_string()))
    });
    let items = updates.map(|one| json::update(&store, one, request.profile));
    page(shared, request, items)
}

pub(super) fn view(shared: &Shared, request: &Request, id: &UpdateId) -> Result<Response, Refusal> {
    let store = shared.store();
    let update = found(&store, id)?;
    let body = json::update(&store, update, request.profile);
    Ok(tagged(request.header("if-none-match"), &update.etag, body))
}

pub(super) fn delete(
    shared: &Arc<Shared>,
    request: &Request,
    id: &UpdateId,
) -> Result<Response, Refusal> {
    let trouble = own::trouble(&request.faults);
    let mut store = shared.store();
    found(&store, id)?;
    let conflict = |code: &str, why: &str| {
        let problem = Problem::new(code, why).target(id.to_string());
        Err(Refusal::coded(StatusCode::CONFLICT, problem))
    };
    if !store.referenced_by(id).is_empty() {
        return conflict("UpdateIsReferenced", "Another update refers to this one.");
    }
    if store.is_deployed(id) {
        return conflict("UpdateIsDeployed", "An active deployment uses this update.");
    }
    if store.open_jobs() >= shared.most_jobs {
        return Err(Refusal::too_many());
    }
    let operation = store.begin(Kind::Delete, Vec::new(), Some(id.clone()), trouble);
    drop(store);
    job::spawn(shared, &operation.id);
    Ok(accepted(shared, request, &operation))
}

fn names<'a>(
    shared: &Shared,
    request: &Request,
    names: impl Iterator<Item = &'a String>,
) -> Result<Response, Refusal> {
    let names: BTreeSet<&String> = names.collect();
    page(
        shared,
        request,
        names.into_iter().map(|name| name.as_str().into()),
    )
}

pub(super) fn providers(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let store = shared.store();
    names(shared, request, store.updates.keys().map(|id| &id.provider))
}

pub(super) fn names_of(
    shared: &Shared,
    request: &Request,
    provider: &str,
) -> Result<Response, Refusal> {
    let store = shared.store();
    let mut ids = store
        .updates
        .keys()
        .filter(|id| id.provider == provider)
        .peekable();
    if ids.peek().is_none() {
        return Err(Refusal::not_found());
    }
    names(shared, request, ids.map(|id| &id.name))
}

pub(super) fn versions(
    shared: &Shared,
    request: &Request,
    (provider, name): (&str, &str),
) -> Result<Response, Refusal> {
    let filter = Filter::read(request.option("filter"), &["isDeployable"])?;
    let store = shared.store();
    let versions = store.versions(provider, name);
    if versions.is_empty() {
        return Err(Refusal::not_found());
    }
    let versions = versions.into_iter();
    let versions = versions.filter(|one| filter.passes(|_| Some(one.is_deployable.to_string())));
    page(
        shared,
        request,
        versions.map(|one| one.id.version.as_str().into()),
    )
}

/// Every file, related ones behind theirs.
fn every_file(update: &Update) -> impl Iterator<Item = &UpdateFile> {
    let files = update.files.iter();
    files.flat_map(|file| std::iter::once(file).chain(&file.related))
}

pub(super) fn files(
    shared: &Shared,
    request: &Request,
    id: &UpdateId,
) -> Result<Response, Refusal> {
    let store = shared.store();
    let files = every_file(found(&store, id)?);
    page(shared, request, files.map(|file| file.id.as_str().into()))
}

pub(super) fn file(
    shared: &Shared,
    request: &Request,
    id: &UpdateId,
    file: &str,
) -> Result<Response, Refusal> {
    let store = shared.store();
    let mut files = every_file(found(&store, id)?);
    let file = files
        .find(|one| one.id == file)
        .ok_or_else(Refusal::not_found)?;
    let body = json::file(file, request.profile);
    Ok(tagged(request.header("if-none-match"), &file.etag, body))
}
