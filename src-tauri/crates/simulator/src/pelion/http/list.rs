//! The envelope every collection comes in: `limit`, `after`, `order`, `has_more`, `total_count`.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use serde::Serialize;
use serde_json::{Value, json};

use crate::pelion::state::{
    Id, Refusal,
    filter::{Field, Filter, Item},
};

/// Items of a page when nobody says: vendor's API reference.
const DEFAULT_LIMIT: u64 = 50;
/// Fewest and most items of a page; a number outside is clamped, not refused: vendor's API reference.
const LIMITS: std::ops::RangeInclusive<u64> = 2..=1000;

/// One page of a collection.
#[derive(Debug, Serialize)]
pub(crate) struct Page<T> {
    object: &'static str,
    limit: u64,
    after: Option<String>,
    order: &'static str,
    has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<usize>,
    data: Vec<T>,
}

/// What a list request asks for.
#[derive(Debug)]
pub(crate) struct Listing {
    limit: u64,
    after: Option<String>,
    descending: bool,
    total_count: bool,
    filter: Filter,
}

impl Listing {
    /// Reads the query string.
    pub(crate) fn read(query: Option<&str>, fields: &'static [Field]) -> Result<Self, Refusal> {
        let mut listing = Self {
            limit: DEFAULT_LIMIT,
            after: None,
            descending: false,
            total_count: false,
            filter: Filter::default(),
        };
        for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*key {
                "limit" => {
                    let number: i64 = value
                        .parse()
                        .map_err(|_| Refusal::invalid("limit", "This is no number."))?;
                    let number = u64::try_from(number).unwrap_or(0);
                    listing.limit = number.clamp(*LIMITS.start(), *LIMITS.end());
                }
                "after" if value.is_empty() => {}
                "after" => listing.after = Some(value.into_owned()),
                "order" => {
                    listing.descending = match &*value {
                        "ASC" => false,
                        "DESC" => true,
                        _ => return Err(Refusal::invalid("order", "Neither ASC nor DESC.")),
                    }
                }
                "include" => listing.total_count = value.split(',').any(|v| v == "total_count"),
                _ => listing.filter.take(fields, &key, &value)?,
            }
        }
        Ok(listing)
    }

    /// Counted whether or not that was asked for: some collections always are.
    pub(crate) fn counted(mut self) -> Self {
        self.total_count = true;
        self
    }

    /// One page of `items`, which come in the order they were made.
    pub(crate) fn page(&self, items: impl Iterator<Item = Value>) -> Result<Value, Refusal> {
        let mut items: Vec<Value> = items
            .filter(|item| self.filter.passes(Id::LEAST, item))
            .collect();
        let total = items.len();
        if self.descending {
            items.reverse();
        }
        if let Some(after) = &self.after {
            items = self.following(items, after)?;
        }
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let mut page = json!({
            "object": "list",
            "limit": self.limit,
            "after": self.after,
            "order": self.order(),
            "has_more": has_more,
            "data": items,
        });
        if self.total_count {
            page["total_count"] = total.into();
        }
        Ok(page)
    }

    /// One page of a collection that is ordered by id. Only the page's own items are written; a
    /// total of an unfiltered collection costs nothing, and a filter of ids looks at no others.
    pub(crate) fn page_of<'a, T: Item, J>(
        &self,
        items: &'a BTreeMap<Id, T>,
        json: impl Fn(Id, &'a T) -> J,
    ) -> Result<Page<J>, Refusal> {
        if let Some(ids) = self.filter.ids("id") {
            return self.page_among(items, &ids, json);
        }
        let rows = items.range(self.bounds()?).map(|(id, item)| (*id, item));
        let total = || {
            if self.filter.is_empty() {
                items.len()
            } else {
                self.count(items.iter().map(|(id, item)| (*id, item)))
            }
        };
        Ok(self.pick(rows, total, json))
    }

    /// One page of those items of a collection that have one of these ids.
    pub(crate) fn page_among<'a, T: Item, J>(
        &self,
        items: &'a BTreeMap<Id, T>,
        ids: &BTreeSet<Id>,
        json: impl Fn(Id, &'a T) -> J,
    ) -> Result<Page<J>, Refusal> {
        let row = |id: &Id| Some((*id, items.get(id)?));
        let rows = ids.range(self.bounds()?).filter_map(row);
        let total = || self.count(ids.iter().filter_map(row));
        Ok(self.pick(rows, total, json))
    }

    /// The ids a field must have one of, when the filter says so.
    pub(crate) fn ids(&self, field: &str) -> Option<BTreeSet<Id>> {
        self.filter.ids(field)
    }

    /// The bounds of the items beyond the cursor.
    pub(crate) fn bounds(&self) -> Result<(Bound<Id>, Bound<Id>), Refusal> {
        let Some(after) = &self.after else {
            return Ok((Bound::Unbounded, Bound::Unbounded));
        };
        let after = Id::read(after).ok_or_else(|| Refusal::invalid("after", "This is no id."))?;
        Ok(if self.descending {
            (Bound::Unbounded, Bound::Excluded(after))
        } else {
            (Bound::Excluded(after), Bound::Unbounded)
        })
    }

    /// How many of the rows pass the filter.
    pub(crate) fn count<'a, T: Item + 'a>(&self, rows: impl Iterator<Item = (Id, &'a T)>) -> usize {
        rows.filter(|(id, item)| self.filter.passes(*id, *item))
            .count()
    }

    /// One page of rows beyond the cursor, which come in ascending order.
    pub(crate) fn pick<'a, T: Item + 'a, J>(
        &self,
        rows: impl DoubleEndedIterator<Item = (Id, &'a T)>,
        total: impl FnOnce() -> usize,
        json: impl Fn(Id, &'a T) -> J,
    ) -> Page<J> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut rows: Box<dyn Iterator<Item = (Id, &'a T)> + '_> = if self.descending {
            Box::new(rows.rev())
        } else {
            Box::new(rows)
        };
        let mut data = Vec::new();
        let mut has_more = false;
        for (id, item) in rows.by_ref() {
            if !self.filter.passes(id, item) {
                continue;
            }
            if data.len() == limit {
                has_more = true;
                break;
            }
            data.push(json(id, item));
        }
        Page {
            object: "list",
            limit: self.limit,
            after: self.after.clone(),
            order: self.order(),
            has_more,
            total_count: self.total_count.then(total),
            data,
        }
    }

    const fn order(&self) -> &'static str {
        if self.descending { "DESC" } else { "ASC" }
    }

    /// The items beyond the cursor. Ids sort by the time they were made, so a page can be
    /// continued even after the item it ended with was deleted.
    fn following(&self, items: Vec<Value>, after: &str) -> Result<Vec<Value>, Refusal> {
        let number = after.parse::<u64>().ok();
        let is_id = after.len() == 32 && after.bytes().all(|b| b.is_ascii_hexdigit());
        if number.is_none() && !is_id {
            return Err(Refusal::invalid("after", "This is no id."));
        }
        let beyond = |item: &Value| {
            let order = match &item["id"] {
                Value::String(id) => id.as_str().cmp(after),
                id => id.as_u64().cmp(&number),
            };
            if self.descending {
                order.is_lt()
            } else {
                order.is_gt()
            }
        };
        Ok(items.into_iter().filter(beyond).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FIELDS: [Field; 1] = [Field::number("id", false)];

    fn page(query: &str) -> Result<Value, Refusal> {
        let items = (1..=120).map(|id| json!({ "id": id }));
        Listing::read(Some(query), &FIELDS).and_then(|listing| listing.page(items))
    }

    #[test]
    fn without_a_word_the_first_fifty_come() {
        let page = page("").unwrap();
        assert_eq!(page["data"].as_array().unwrap().len(), 50);
        assert_eq!(page["limit"], 50);
        assert_eq!(page["order"], "ASC");
        assert_eq!(page["after"], Value::Null);
        assert_eq!(page["has_more"], true);
        assert!(page.get("total_count").is_none());
    }

    #[test]
    fn a_limit_outside_its_bounds_is_clamped() {
        for (asked, given) in [("1", 2), ("-5", 2), ("0", 2), ("99999", 1000), ("70", 70)] {
            assert_eq!(page(&format!("limit={asked}")).unwrap()["limit"], given);
        }
        assert!(page("limit=many").is_err());
    }

    #[test]
    fn the_last_id_of_a_page_leads_to_the_next_in_both_orders() {
        let next = page("after=50&limit=60").unwrap();
        assert_eq!(next["data"][0]["id"], 51);
        assert_eq!(next["has_more"], true);
        let last = page("after=50&limit=70&include=total_count").unwrap();
        assert_eq!(last["has_more"], false);
        assert_eq!(last["total_count"], 120);
        assert_eq!(last["after"], "50");
        let back = page("order=DESC&after=50").unwrap();
        assert_eq!(back["data"][0]["id"], 49);
        assert!(page("order=SIDEWAYS").is_err());
        assert!(page("after=here").is_err());
    }
}
