//! One page of a list. Where the next one begins is the reader's business.

use serde::{Deserialize, Serialize};

use super::{or_default, or_empty, text_or_number};
use crate::pelion::limits::LARGEST_PAGE;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Page<T> {
    /// The entries.
    pub data: Vec<T>,
    /// Whether another page follows.
    #[serde(default, deserialize_with = "or_default")]
    #[cfg_attr(feature = "specta", specta(type = bool))]
    pub has_more: bool,
    /// Largest number of entries of a page.
    #[serde(default, deserialize_with = "or_default")]
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub limit: u32,
    /// The cursor that was asked for. The next one is the id of the last entry.
    #[serde(default, deserialize_with = "text_or_number")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub after: Option<String>,
    /// `ASC` or `DESC`, by creation.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub order: String,
    /// Number of all entries, when it was asked for.
    #[serde(default)]
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub total_count: Option<u64>,
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
        }
    }
}
