//! Lists, page by page: `value` and `nextLink`.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{answer::Refusal, own, request::Request, shared::Shared};

/// A page of the items. `nextLink` is absolute, unless a fault makes it relative.
pub(super) fn page(
    shared: &Shared,
    request: &Request,
    items: impl IntoIterator<Item = Value>,
) -> Result<Response, Refusal> {
    let skip = match request.parameter("$skipToken") {
        None => 0,
        Some(token) => {
            let number = token
                .strip_prefix("after-")
                .and_then(|text| text.parse().ok());
            number.ok_or_else(|| Refusal::invalid("$skipToken", "There is no such page."))?
        }
    };
    let mut most = shared.page_items;
    if let Some(top) = request.option("top") {
        let top: usize = top
            .parse()
            .map_err(|_| Refusal::invalid("top", "This is no number."))?;
        most = most.min(top.max(1));
    }
    let mut items = items.into_iter().skip(skip);
    let value: Vec<Value> = items.by_ref().take(most).collect();
    let mut body = json!({ "value": value });
    if items.next().is_some() {
        body["nextLink"] = next(shared, request, skip + most).into();
    }
    Ok(Json(body).into_response())
}

fn next(shared: &Shared, request: &Request, skip: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let others = request
        .query
        .iter()
        .filter(|(name, _)| name != "$skipToken");
    for (name, value) in others {
        query.append_pair(name, value);
    }
    query.append_pair("$skipToken", &format!("after-{skip}"));
    let address = format!("{}?{}", request.path, query.finish());
    if request.faults.has(own::RELATIVE_NEXT_LINK) {
        address
    } else {
        format!("{}{address}", shared.url)
    }
}
