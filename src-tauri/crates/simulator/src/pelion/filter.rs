//! The service's filters, in both dialects: flat (`name__eq=a`) and packed (`filter=name__eq%3Da`).
//!
//! Conditions are joined by AND. There is no `__like` in this service. Values are read once, and
//! items are compared without being written as JSON: a fleet has 100,000 of them.

use std::{borrow::Cow, cmp::Ordering, collections::BTreeSet};

use firmdrop_core::{Md5, Moment};
use serde::{Deserialize as _, de::IntoDeserializer as _};
use serde_json::Value;

use super::{id::Id, refusal::Refusal};

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
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
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) sets: bool,
    pub(super) ranges: bool,
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

    pub(super) const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text, true, false)
    }

    pub(super) const fn number(name: &'static str, ranges: bool) -> Self {
        Self::new(name, Kind::Number, true, ranges)
    }

    pub(super) const fn moment(name: &'static str) -> Self {
        Self::new(name, Kind::Moment, true, true)
    }

    pub(super) const fn hash(name: &'static str) -> Self {
        Self::new(name, Kind::Hash, true, false)
    }

    pub(super) const fn flag(name: &'static str) -> Self {
        Self::new(name, Kind::Flag, false, false)
    }

    pub(super) const fn map(name: &'static str) -> Self {
        Self::new(name, Kind::Map, false, false)
    }
}

/// The value an item has in one field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
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
pub(super) trait Item {
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    AtMost,
    AtLeast,
}

/// A value to compare with, read once.
#[derive(Debug)]
enum Wanted {
    /// The text, and the id that it may be.
    Text(String, Option<Id>),
    Number(u64),
    Moment(Moment),
    Hash(String),
    Flag(bool),
}

#[derive(Debug)]
struct Condition {
    field: &'static Field,
    /// The key in a map.
    key: Option<String>,
    operator: Operator,
    values: Vec<Wanted>,
}

/// Conditions that must all hold.
#[derive(Debug, Default)]
pub(super) struct Filter(Vec<Condition>);

impl Filter {
    /// Reads a filter that stands alone: the packed dialect without its packing.
    pub(super) fn read(fields: &'static [Field], text: &str) -> Result<Self, Refusal> {
        let mut filter = Self::default();
        filter.unpack(fields, text)?;
        Ok(filter)
    }

    /// Adds one parameter of the query if it is a filter of either dialect. Others are ignored.
    pub(super) fn take(
        &mut self,
        fields: &'static [Field],
        key: &str,
        value: &str,
    ) -> Result<(), Refusal> {
        if key == "filter" {
            self.unpack(fields, value)?;
        } else if key.contains("__") || fields.iter().any(|field| field.name == key) {
            self.0.push(Condition::read(fields, key, value)?);
        }
        Ok(())
    }

    fn unpack(&mut self, fields: &'static [Field], text: &str) -> Result<(), Refusal> {
        for piece in text.split('&').filter(|piece| !piece.is_empty()) {
            if !piece.contains('=') {
                return Err(wrong(format!("{piece} is no condition.")));
            }
            for (key, value) in form_urlencoded::parse(piece.as_bytes()) {
                self.0.push(Condition::read(fields, &key, &value)?);
            }
        }
        Ok(())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ids a field must have one of, in their order, when the filter says so: a list may look
    /// these up instead of passing all it holds.
    pub(super) fn ids(&self, field: &str) -> Option<BTreeSet<Id>> {
        let names = |condition: &&Condition| {
            condition.field.name == field && condition.operator == Operator::In
        };
        let condition = self.0.iter().find(names)?;
        let ids = condition.values.iter().filter_map(|wanted| match wanted {
            Wanted::Text(_, id) => *id,
            _ => None,
        });
        Some(ids.collect())
    }

    pub(super) fn passes(&self, id: Id, item: &impl Item) -> bool {
        self.0.iter().all(|condition| condition.holds(id, item))
    }
}

impl Condition {
    fn read(fields: &'static [Field], key: &str, value: &str) -> Result<Self, Refusal> {
        if let Some(condition) = Self::read_map(fields, key, value) {
            return condition;
        }
        let (name, suffix) = key.rsplit_once("__").unwrap_or((key, "eq"));
        let field = fields
            .iter()
            .find(|field| field.name == name && field.kind != Kind::Map);
        let field = field.ok_or_else(|| wrong(format!("{name} cannot be filtered.")))?;
        let (operator, allowed) = match suffix {
            "eq" => (Operator::In, true),
            "neq" => (Operator::NotIn, true),
            "in" => (Operator::In, field.sets),
            "nin" => (Operator::NotIn, field.sets),
            "lte" => (Operator::AtMost, field.ranges),
            "gte" => (Operator::AtLeast, field.ranges),
            _ => (Operator::In, false),
        };
        if !allowed {
            return Err(wrong(format!("{name} cannot be filtered by {suffix}.")));
        }
        let pieces: Vec<_> = match suffix {
            "in" | "nin" => value.split(',').collect(),
            _ => vec![value],
        };
        let read = |piece: &str| {
            let wanted = field.kind.read(piece);
            wanted.ok_or_else(|| wrong(format!("{piece} is no value for {name}.")))
        };
        let values = pieces.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self {
            field,
            key: None,
            operator,
            values,
        })
    }

    /// A condition on a map's key: equality only, with or without `__eq`.
    fn read_map(fields: &'static [Field], key: &str, value: &str) -> Option<Result<Self, Refusal>> {
        let maps = fields.iter().filter(|field| field.kind == Kind::Map);
        let mut found = maps.filter_map(|field| Some((field, key.strip_prefix(field.name)?)));
        let (field, rest) = found.next()?;
        let key = rest.strip_prefix("__")?;
        let key = key.strip_suffix("__eq").unwrap_or(key);
        let suffix = key.rsplit_once("__").map(|(_, suffix)| suffix);
        if key.is_empty() || matches!(suffix, Some("neq" | "in" | "nin" | "lte" | "gte" | "like")) {
            let message = format!("{} can only be filtered by equality.", field.name);
            return Some(Err(wrong(message)));
        }
        Some(Ok(Self {
            field,
            key: Some(key.to_owned()),
            operator: Operator::In,
            values: vec![Wanted::text(value)],
        }))
    }

    fn holds(&self, id: Id, item: &impl Item) -> bool {
        let has = match &self.key {
            Some(key) => match item.entry(self.field.name, key) {
                Some(text) => Cell::from(text),
                None => return false,
            },
            None => item.cell(id, self.field.name),
        };
        let equal = |wanted: &Wanted| wanted.compare(&has) == Some(Ordering::Equal);
        match self.operator {
            Operator::In => self.values.iter().any(equal),
            Operator::NotIn => !self.values.iter().any(equal),
            Operator::AtMost => self
                .values
                .iter()
                .all(|wanted| wanted.compare(&has).is_some_and(Ordering::is_le)),
            Operator::AtLeast => self
                .values
                .iter()
                .all(|wanted| wanted.compare(&has).is_some_and(Ordering::is_ge)),
        }
    }
}

impl Kind {
    fn read(self, value: &str) -> Option<Wanted> {
        match self {
            Self::Text | Self::Map => Some(Wanted::text(value)),
            Self::Hash => Some(Wanted::Hash(value.to_owned())),
            Self::Number => value.parse().ok().map(Wanted::Number),
            Self::Moment => moment(value).map(Wanted::Moment),
            Self::Flag => value.parse().ok().map(Wanted::Flag),
        }
    }
}

impl Wanted {
    fn text(value: &str) -> Self {
        Self::Text(value.to_owned(), Id::read(value))
    }

    /// How what an item has stands to this; nothing when the two cannot be compared.
    fn compare(&self, has: &Cell<'_>) -> Option<Ordering> {
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
pub(super) fn moment(text: &str) -> Option<Moment> {
    let read: Result<Moment, serde::de::value::Error> =
        Moment::deserialize(text.into_deserializer());
    read.ok()
}

fn wrong(message: String) -> Refusal {
    Refusal::invalid("filter", message)
}
#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    static FIELDS: [Field; 6] = [
        Field::text("name"),
        Field::number("length", true),
        Field::moment("created_at"),
        Field::hash("hash"),
        Field::flag("complete"),
        Field::map("custom_attributes"),
    ];

    fn passes(query: &str) -> Option<bool> {
        let item = json!({"name": "a b&c", "length": 5, "created_at": "2018-08-31T10:49:41.736515Z",
            "hash": "da6a0d097e307ac52ed9b4ad551801fc", "complete": false,
            "custom_attributes": {"site": "hall 3"}});
        let mut filter = Filter::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            filter.take(&FIELDS, &key, &value).ok()?;
        }
        Some(filter.passes(Id::LEAST, &Thing(item)))
    }

    /// A JSON object whose map can be filtered too.
    struct Thing(Value);

    impl Item for Thing {
        fn cell(&self, id: Id, field: &'static str) -> Cell<'_> {
            self.0.cell(id, field)
        }

        fn entry(&self, field: &'static str, key: &str) -> Option<&str> {
            self.0.get(field)?.get(key)?.as_str()
        }
    }

    #[test]
    fn both_dialects_and_both_spaces_say_the_same() {
        for query in [
            "name__eq=a+b%26c",
            "name=a%20b%26c",
            "filter=name__eq%3Da%2Bb%2526c",
            "filter=name%3Da%2520b%2526c",
        ] {
            assert_eq!(passes(query), Some(true), "{query}");
        }
        assert_eq!(passes("filter=name__neq%3Da%2Bb%2526c"), Some(false));
    }

    #[test]
    fn a_packed_filter_that_was_not_encoded_arrives_as_two_parameters_and_both_hold() {
        assert_eq!(passes("filter=complete=false&length=5"), Some(true));
        assert_eq!(passes("filter=complete=false&length=6"), Some(false));
    }

    #[test]
    fn sets_ranges_and_moments_in_every_accepted_form() {
        for (query, expected) in [
            ("length__in=4,5", true),
            ("length__nin=4,5", false),
            ("length__gte=5&length__lte=5", true),
            ("length__gte=10", false),
            ("created_at__lte=2018-08-31T10:49:41.736515Z", true),
            ("created_at__gte=2018-08-31T10:49:42Z", false),
            ("created_at__gte=20180831T104941Z", true),
            ("hash__eq=2moNCX4wesUu2bStVRgB/A==", true),
            ("hash__eq=DA6A0D097E307AC52ED9B4AD551801FC", true),
            ("complete__eq=true", false),
            ("somebody_elses=parameter", true),
        ] {
            assert_eq!(passes(query), Some(expected), "{query}");
        }
    }

    #[test]
    fn a_key_of_a_map_is_compared_by_equality() {
        for (query, expected) in [
            ("custom_attributes__site=hall+3", true),
            ("custom_attributes__site__eq=hall%203", true),
            ("filter=custom_attributes__site%3Dhall%25203", true),
            ("custom_attributes__site=hall+4", false),
            ("custom_attributes__colour=", false),
        ] {
            assert_eq!(passes(query), Some(expected), "{query}");
        }
    }

    #[test]
    fn what_the_service_does_not_know_is_refused() {
        for query in [
            "name__like=a",
            "name__lte=a",
            "colour__eq=red",
            "filter=colour%3Dred",
            "complete__in=true,false",
            "length__eq=five",
            "created_at__gte=yesterday",
            "filter=name",
            "filter=a+sentence+about+devices",
            "custom_attributes=hall",
            "custom_attributes__site__neq=hall",
            "custom_attributes__=hall",
        ] {
            assert_eq!(passes(query), None, "{query}");
        }
    }
}
