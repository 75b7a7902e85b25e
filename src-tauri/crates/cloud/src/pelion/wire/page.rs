//! One page of a list. Where the next one begins is the reader's business.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{or_empty, text_or_number};
use crate::json_value::{maybe_flag, maybe_number};
use crate::pelion::limits::LARGEST_PAGE;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Page<T> {
    /// The entries.
    pub data: Vec<T>,
    /// Whether another page follows, or may follow: a service that does not say so is asked for one until it
    /// has none.
    pub has_more: bool,
    /// Largest number of entries of a page.
    pub limit: u32,
    /// The cursor that was asked for. The next one is the id of the last entry.
    pub after: Option<String>,
    /// `ASC` or `DESC`, by creation.
    pub order: String,
    /// Number of all entries, when it was asked for.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub total_count: Option<u64>,
    /// Entries that cannot be read and are left out.
    #[serde(skip)]
    #[cfg_attr(feature = "specta", specta(skip))]
    pub unread: u64,
    /// The names of those that have one.
    #[serde(skip)]
    #[cfg_attr(feature = "specta", specta(skip))]
    pub unread_names: Vec<String>,
}

/// An entry that may be none.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::pelion) enum Entry<T> {
    /// One of those that were asked for.
    Read(T),
    /// Something else.
    Unread(Value),
}

/// A page as it is answered.
#[derive(Debug, Deserialize)]
struct Answer<T> {
    data: Vec<T>,
    #[serde(default, deserialize_with = "maybe_flag")]
    has_more: Option<bool>,
    #[serde(default, deserialize_with = "maybe_number")]
    limit: Option<u64>,
    #[serde(default, deserialize_with = "text_or_number")]
    after: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    order: String,
    #[serde(default, deserialize_with = "maybe_number")]
    total_count: Option<u64>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Page<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Answer::deserialize(deserializer).map(Self::from)
    }
}

impl<T> From<Answer<T>> for Page<T> {
    fn from(answer: Answer<T>) -> Self {
        let listed = answer.data.len() as u64;
        let may_follow = match answer.total_count {
            Some(all) if answer.after.is_none() => listed < all,
            _ => listed > 0,
        };
        Self {
            has_more: answer.has_more.unwrap_or(may_follow),
            data: answer.data,
            limit: answer
                .limit
                .and_then(|limit| u32::try_from(limit).ok())
                .unwrap_or_default(),
            after: answer.after,
            order: answer.order,
            total_count: answer.total_count,
            unread: 0,
            unread_names: Vec::new(),
        }
    }
}

impl<T> Page<T> {
    /// Whether another page may follow: the service says so, or the page is full and nothing says
    /// that it was the last.
    pub fn may_have_more(&self) -> bool {
        let limit = if self.limit == 0 {
            LARGEST_PAGE
        } else {
            self.limit
        };
        self.has_more || self.data.len() >= limit as usize
    }

    /// The same page with its entries made into something else.
    pub fn map<U>(self, entry: impl FnMut(T) -> U) -> Page<U> {
        Page {
            data: self.data.into_iter().map(entry).collect(),
            has_more: self.has_more,
            limit: self.limit,
            after: self.after,
            order: self.order,
            total_count: self.total_count,
            unread: self.unread,
            unread_names: self.unread_names,
        }
    }

    /// Whether an entry of this name cannot be read: nobody can say what it is, and that it is not there
    /// would be untrue.
    pub(in crate::pelion) fn hides(&self, name: &str) -> bool {
        self.unread_names.iter().any(|unread| unread == name)
    }
}

impl<T> Page<Entry<T>> {
    /// The entries that can be read; how many cannot is counted.
    pub(in crate::pelion) fn readable(self) -> Page<T> {
        let all = self.data.len();
        let is_full = self.may_have_more();
        let mut page = Page {
            data: Vec::with_capacity(all),
            has_more: is_full,
            limit: self.limit,
            after: self.after,
            order: self.order,
            total_count: self.total_count,
            unread: self.unread,
            unread_names: self.unread_names,
        };
        for entry in self.data {
            match entry {
                Entry::Read(entry) => page.data.push(entry),
                Entry::Unread(entry) => {
                    page.unread += 1;
                    let name = entry.get("name").and_then(Value::as_str);
                    page.unread_names.extend(name.map(str::to_owned));
                }
            }
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_more(page: serde_json::Value) -> bool {
        serde_json::from_value::<Page<u32>>(page).unwrap().has_more
    }

    #[test]
    fn a_page_that_does_not_say_whether_it_is_the_last_is_the_last_once_it_is_empty() {
        let page = |data: &[u32]| serde_json::json!({ "data": data, "limit": 50 });
        assert!(has_more(page(&[1])));
        assert!(!has_more(page(&[])));
        assert!(!has_more(
            serde_json::json!({ "data": [1], "has_more": false })
        ));
        assert!(has_more(
            serde_json::json!({ "data": [1], "has_more": null })
        ));
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_left_out_and_counted() {
        let page = serde_json::json!({ "data": [1, "row", null, 4], "has_more": "false" });
        let page: Page<Entry<u32>> = serde_json::from_value(page).unwrap();
        let page = page.readable();
        assert_eq!(
            (page.data, page.unread, page.has_more),
            (vec![1, 4], 2, false)
        );
    }

    #[test]
    fn a_count_says_whether_the_first_page_is_the_last() {
        let page = |all: u32| serde_json::json!({ "data": [1, 2], "total_count": all });
        assert!(!has_more(page(2)));
        assert!(has_more(page(3)));
        let next = serde_json::json!({ "data": [3], "after": "2", "total_count": 3 });
        assert!(has_more(next), "how many were before it is not known here");
    }
}
