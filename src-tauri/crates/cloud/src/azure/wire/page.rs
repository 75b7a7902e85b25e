//! One page of a list, as it is on the wire.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::maybe_word;

/// One page of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::azure) struct WirePage<T> {
    /// The entries. An answer without them is no list, not an empty one; an entry that is `null`, or of
    /// another type, has nothing in it.
    #[serde(deserialize_with = "entries", bound = "T: Deserialize<'de> + Default")]
    pub(in crate::azure) value: Vec<T>,
    /// Where the next page is.
    #[serde(default, deserialize_with = "maybe_word")]
    pub(in crate::azure) next_link: Option<String>,
}

/// An entry that can be read, or something else.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry<T> {
    Read(T),
    Unreadable(IgnoredAny),
}

/// The entries of a page.
fn entries<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    let entries: Option<Vec<Option<Entry<T>>>> = Option::deserialize(deserializer)?;
    let entries = entries.unwrap_or_default().into_iter();
    let read = entries.map(|entry| match entry {
        Some(Entry::Read(entry)) => entry,
        Some(Entry::Unreadable(_)) | None => T::default(),
    });
    Ok(read.collect())
}
