//! Texts by their keys, shared by devices that have the same.

use std::{collections::BTreeMap, sync::Arc};

/// Attributes or component versions of a device; shared by devices that have the same.
pub(crate) type Map = Arc<BTreeMap<String, String>>;
