//! A value that a filter compares with, and how an item's own compares with it.

use std::cmp::Ordering;

use firmdrop_core::{Md5, Moment};
use serde::{Deserialize as _, de::IntoDeserializer as _};

use super::item::{Cell, Kind};
use crate::pelion::state::Id;

/// A value to compare with, read once.
#[derive(Debug)]
pub(crate) enum FilterValue {
    /// The text, and the id that it may be.
    Text(String, Option<Id>),
    Number(u64),
    Moment(Moment),
    Hash(String),
    Flag(bool),
}

impl Kind {
    pub(crate) fn read(self, value: &str) -> Option<FilterValue> {
        match self {
            Self::Text | Self::Map => Some(FilterValue::text(value)),
            Self::Hash => Some(FilterValue::Hash(value.to_owned())),
            Self::Number => value.parse().ok().map(FilterValue::Number),
            Self::Moment => moment(value).map(FilterValue::Moment),
            Self::Flag => value.parse().ok().map(FilterValue::Flag),
        }
    }
}

impl FilterValue {
    pub(crate) fn text(value: &str) -> Self {
        Self::Text(value.to_owned(), Id::read(value))
    }

    /// How what an item has compares with this; nothing when the two cannot be compared.
    pub(crate) fn compare(&self, has: &Cell<'_>) -> Option<Ordering> {
        match (self, has) {
            (Self::Text(wanted, _), Cell::Text(has)) => Some(has.as_ref().cmp(wanted)),
            (Self::Text(_, wanted), Cell::Id(has)) => Some(has.cmp(wanted.as_ref()?)),
            (Self::Text(wanted, _), Cell::Nothing) => Some("".cmp(wanted)),
            (Self::Text(wanted, _), Cell::Number(has)) => {
                Some(has.to_string().as_str().cmp(wanted))
            }
            (Self::Number(wanted), Cell::Number(has)) => Some(has.cmp(wanted)),
            (Self::Moment(wanted), Cell::Moment(has)) => Some(has.cmp(wanted)),
            (Self::Moment(wanted), Cell::Text(has)) => Some(moment(has)?.cmp(wanted)),
            (Self::Flag(wanted), Cell::Flag(has)) => Some(has.cmp(wanted)),
            (Self::Hash(wanted), Cell::Text(has)) => {
                match (Md5::from_service(has), Md5::from_service(wanted)) {
                    (Ok(has), Ok(wanted)) => Some(has.cmp(&wanted)),
                    _ => Some(has.as_ref().cmp(wanted)),
                }
            }
            _ => None,
        }
    }
}

/// Reads RFC 3339, with or without a fraction, and the compact form `20161130T162512Z`.
pub(crate) fn moment(text: &str) -> Option<Moment> {
    let read: Result<Moment, serde::de::value::Error> =
        Moment::deserialize(text.into_deserializer());
    read.ok()
}
