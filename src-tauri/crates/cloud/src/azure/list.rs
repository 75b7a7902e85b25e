//! Lists of the service, page by page or whole.
//!
//! A page is one request. A list that goes in circles or does not end is an error, never a silence.

use std::{collections::HashSet, marker::PhantomData};

use firmdrop_net::{Method, Url};
use serde::de::DeserializeOwned;

use super::{
    AzureError, DeviceUpdate,
    address::{Area, Pair},
    bounds::{MOST_ENTRIES, MOST_PAGES},
    exchange::Call,
    wire::WirePage,
};

/// A list, at one of its pages.
pub struct List<T> {
    url: Url,
    entry: PhantomData<fn() -> T>,
}

/// One page.
#[derive(Debug)]
pub struct Page<T> {
    /// Its entries. A page may be empty and have another behind it.
    pub entries: Vec<T>,
    /// The list at its next page; `None` at the end.
    pub next: Option<List<T>>,
}

impl<T> List<T> {
    fn at(url: Url) -> Self {
        Self {
            url,
            entry: PhantomData,
        }
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self::at(self.url.clone())
    }
}

impl<T> std::fmt::Debug for List<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("List").field(&self.url.path()).finish()
    }
}

impl DeviceUpdate {
    /// The list at these segments, at its first page. Sends nothing.
    pub(super) fn list<T>(
        &self,
        area: Area,
        segments: &[&str],
        query: &[Pair<'_>],
    ) -> Result<List<T>, AzureError> {
        Ok(List::at(self.address(area, segments, query)?))
    }

    /// Reads one page. May be repeated.
    pub async fn page<T: DeserializeOwned + Default>(
        &self,
        list: &List<T>,
    ) -> Result<Page<T>, AzureError> {
        let call = Call::new(Method::Get, list.url.clone());
        let page: WirePage<T> = self.execute(call).await?;
        let next = page.next_link.as_deref();
        let next = next.map(|link| self.next_page(&list.url, link));
        Ok(Page {
            entries: page.value,
            next: next.transpose()?.map(List::at),
        })
    }

    /// Reads the list to its end, one request after the other. Dropping the future ends it.
    pub async fn all<T: DeserializeOwned + Default>(
        &self,
        list: &List<T>,
    ) -> Result<Vec<T>, AzureError> {
        let mut entries = Vec::new();
        let mut seen = HashSet::new();
        let mut here = Some(list.clone());
        while let Some(list) = here {
            let is_new = seen.insert(String::from(list.url.clone()));
            if !is_new || seen.len() > MOST_PAGES || entries.len() > MOST_ENTRIES {
                return Err(AzureError::EndlessList {
                    request: format!("GET {}", list.url.path()),
                    listed: entries.len(),
                });
            }
            let page = self.page(&list).await?;
            entries.extend(page.entries);
            here = page.next;
        }
        Ok(entries)
    }
}
