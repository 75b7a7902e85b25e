//! What can be filtered: the fields of a kind of item, and the values an item has in them.

use std::borrow::Cow;

use firmdrop_core::Moment;
use serde_json::Value;

use crate::pelion::state::Id;

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Moment,
    /// An MD5 in hexadecimal or base64: the contract's example writes the latter.
    Hash,
    Flag,
    /// A map whose keys are part of the filter's name: `custom_attributes__KEY=VALUE`.
    Map,
}

/// A field that can be filtered, and by what.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) sets: bool,
    pub(crate) ranges: bool,
}

impl Field {
    const fn new(name: &'static str, kind: Kind, sets: bool, ranges: bool) -> Self {
        Self {
            name,
            kind,
            sets,
            ranges,
        }
    }

    pub(crate) const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text, true, false)
    }

    pub(crate) const fn number(name: &'static str, ranges: bool) -> Self {
        Self::new(name, Kind::Number, true, ranges)
    }

    pub(crate) const fn moment(name: &'static str) -> Self {
        Self::new(name, Kind::Moment, true, true)
    }

    pub(crate) const fn hash(name: &'static str) -> Self {
        Self::new(name, Kind::Hash, true, false)
    }

    pub(crate) const fn flag(name: &'static str) -> Self {
        Self::new(name, Kind::Flag, false, false)
    }

    pub(crate) const fn map(name: &'static str) -> Self {
        Self::new(name, Kind::Map, false, false)
    }
}

/// The value an item has in one field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell<'a> {
    Text(Cow<'a, str>),
    Id(Id),
    Number(u64),
    Moment(Moment),
    Flag(bool),
    Nothing,
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<Option<Moment>> for Cell<'_> {
    fn from(moment: Option<Moment>) -> Self {
        moment.map_or(Self::Nothing, Self::Moment)
    }
}

/// What can be filtered.
pub(crate) trait Item {
    /// The item's value in a field; `id` is the item's own.
    fn cell(&self, id: Id, field: &'static str) -> Cell<'_>;

    /// The value of a key in a field that is a map.
    fn entry(&self, _field: &'static str, _key: &str) -> Option<&str> {
        None
    }
}

impl Item for Value {
    fn cell(&self, _id: Id, field: &'static str) -> Cell<'_> {
        match self.get(field) {
            Some(Self::String(text)) => text.as_str().into(),
            Some(Self::Bool(flag)) => Cell::Flag(*flag),
            Some(Self::Number(number)) => number.as_u64().map_or(Cell::Nothing, Cell::Number),
            _ => Cell::Nothing,
        }
    }
}
