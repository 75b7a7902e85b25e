//! From page to page of a list with ids, whatever the service says about more: ends at the first
//! page that brings nothing new, and says whether that was the end.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{Campaign, CampaignDevice, Device, ListQuery, Page, limits::LARGEST_PAGE};

/// Most entries that are walked: their ids take 40 MiB. Larger fleets are counted as "at least".
const MOST_ENTRIES: usize = 1_000_000;

/// An id in 16 bytes. The service's are 32 hexadecimal digits; others are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key(u128);

impl Key {
    pub(super) fn of(id: &str) -> Self {
        let is_plain = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_plain
            .then(|| u128::from_str_radix(id, 16).ok())
            .flatten();
        Self(number.unwrap_or_else(|| {
            let half = |salt: u8| {
                let mut hasher = DefaultHasher::new();
                (salt, id).hash(&mut hasher);
                u128::from(hasher.finish())
            };
            half(0) << 64 | half(1)
        }))
    }
}

/// Something with an id.
pub(super) trait Entry {
    fn id(&self) -> &str;
}

impl Entry for Device {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Entry for Campaign {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Entry for CampaignDevice {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Where a walk over a list is.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    seen: HashSet<Key>,
    after: Option<String>,
    more: Option<bool>,
    /// The service spoke of more, and then listed nothing new.
    broken_off: bool,
    /// It listed something that cannot be read.
    unread: bool,
}

impl Cursor {
    /// The question for the next page; `None` when the walk is over.
    pub(super) fn next(&self, list: &ListQuery) -> Option<ListQuery> {
        if self.more == Some(false) {
            return None;
        }
        let query = list.clone().limit(LARGEST_PAGE);
        Some(match &self.after {
            // One count is enough; the service looks at every device for it.
            Some(after) => ListQuery {
                total_count: false,
                ..query.after(after.clone())
            },
            None => query,
        })
    }

    /// The entries of this page that were not there before.
    pub(super) fn take<T: Entry>(&mut self, page: Page<T>) -> Vec<T> {
        self.after = page.data.last().map(|entry| entry.id().to_owned());
        let has_more = page.has_more;
        self.unread |= page.unread > 0;
        let mut fresh = page.data;
        fresh.retain(|entry| self.seen.insert(Key::of(entry.id())));
        self.broken_off = has_more && fresh.is_empty();
        self.more = Some(has_more && !fresh.is_empty() && !self.is_full());
        fresh
    }

    /// The same for a service that does not say how many there are in all: a page that is full may
    /// have another behind it, even when nothing says so.
    pub(super) fn take_uncounted<T: Entry>(&mut self, mut page: Page<T>) -> Vec<T> {
        let announced = page.has_more;
        page.has_more = page.may_have_more();
        let fresh = self.take(page);
        self.broken_off &= announced;
        fresh
    }

    /// Entries so far.
    pub(super) fn count(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Whether the list was walked to its end. False when it broke off or is too long.
    pub(super) fn is_complete(&self) -> bool {
        self.more == Some(false) && !self.broken_off && !self.unread && !self.is_full()
    }

    /// Whether it ended because there were too many.
    pub(super) fn is_full(&self) -> bool {
        self.seen.len() >= MOST_ENTRIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: &[&str], has_more: bool) -> Page<Device> {
        Page {
            data: ids
                .iter()
                .map(|id| Device {
                    id: (*id).to_owned(),
                    ..Device::default()
                })
                .collect(),
            has_more,
            limit: 1000,
            after: None,
            order: String::new(),
            total_count: None,
            unread: 0,
            unread_names: Vec::new(),
        }
    }

    #[test]
    fn a_list_that_never_ends_is_left_at_the_first_page_that_brings_nothing_new() {
        let list = ListQuery::default().counted();
        let mut cursor = Cursor::default();
        let first = cursor.next(&list).unwrap();
        assert_eq!((first.after, first.total_count), (None, true));
        assert_eq!(cursor.take(page(&["a", "b"], true)).len(), 2);
        let second = cursor.next(&list).unwrap();
        assert_eq!(second.after.as_deref(), Some("b"));
        assert!(!second.total_count, "one count is enough");
        assert_eq!(cursor.take(page(&["b", "c"], true)).len(), 1);
        assert_eq!(cursor.take(page(&["a", "c"], true)).len(), 0);
        assert_eq!(cursor.next(&list), None);
        assert!(!cursor.is_complete(), "it spoke of more");
    }

    #[test]
    fn a_full_page_may_have_another_behind_it_where_nothing_is_counted() {
        let list = ListQuery::default();
        let full = |ids: &[&str]| Page {
            limit: 2,
            ..page(ids, false)
        };
        let mut cursor = Cursor::default();
        cursor.take_uncounted(full(&["a", "b"]));
        assert!(cursor.next(&list).is_some() && !cursor.is_complete());
        cursor.take_uncounted(full(&[]));
        assert_eq!(cursor.next(&list), None);
        assert!(cursor.is_complete());
        assert_eq!(cursor.count(), 2);
    }

    #[test]
    fn ids_are_told_apart_in_both_forms() {
        let hex = "0164c910000000000000000010010012";
        assert_eq!(Key::of(hex), Key::of(&hex.to_uppercase()));
        assert_ne!(Key::of("a"), Key::of("b"));
    }
}
