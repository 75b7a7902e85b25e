//! One page of a list, as it is on the wire.

use serde::Deserialize;

use super::{maybe_text, or_default};

/// One page of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::azure) struct WirePage<T> {
    /// The entries. An answer without them is no list, not an empty one.
    #[serde(deserialize_with = "or_default", bound = "T: Deserialize<'de>")]
    pub(in crate::azure) value: Vec<T>,
    /// Where the next page is.
    #[serde(default, deserialize_with = "maybe_text")]
    pub(in crate::azure) next_link: Option<String>,
}
