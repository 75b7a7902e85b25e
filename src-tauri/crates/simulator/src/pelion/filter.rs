//! The service's filters, in both dialects: flat (`name__eq=a`) and packed (`filter=name__eq%3Da`).
//!
//! Conditions are joined by AND. There is no `__like` in this service.

use std::cmp::Ordering;

use firmdrop_core::{Md5, Moment};
use serde::{Deserialize as _, de::IntoDeserializer as _};
use serde_json::Value;

use super::refusal::Refusal;

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Moment,
    /// An MD5 in hexadecimal or base64: the contract's example writes the latter.
    Hash,
    Flag,
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    AtMost,
    AtLeast,
}

#[derive(Debug)]
struct Condition {
    field: &'static Field,
    operator: Operator,
    values: Vec<String>,
}

/// Conditions that must all hold.
#[derive(Debug, Default)]
pub(super) struct Filter(Vec<Condition>);

impl Filter {
    /// Adds one parameter of the query if it is a filter of either dialect. Others are ignored.
    pub(super) fn take(
        &mut self,
        fields: &'static [Field],
        key: &str,
        value: &str,
    ) -> Result<(), Refusal> {
        if key == "filter" {
            for (key, value) in form_urlencoded::parse(value.as_bytes()) {
                self.0.push(Condition::read(fields, &key, &value)?);
            }
        } else if key.contains("__") || fields.iter().any(|field| field.name == key) {
            self.0.push(Condition::read(fields, key, value)?);
        }
        Ok(())
    }

    pub(super) fn passes(&self, item: &Value) -> bool {
        self.0.iter().all(|condition| condition.holds(item))
    }
}

impl Condition {
    fn read(fields: &'static [Field], key: &str, value: &str) -> Result<Self, Refusal> {
        let (name, suffix) = key.rsplit_once("__").unwrap_or((key, "eq"));
        let field = fields.iter().find(|field| field.name == name);
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
        let values: Vec<_> = match suffix {
            "in" | "nin" => value.split(',').map(str::to_owned).collect(),
            _ => vec![value.to_owned()],
        };
        match values.iter().find(|value| !field.kind.reads(value)) {
            Some(value) => Err(wrong(format!("{value} is no value for {name}."))),
            None => Ok(Self {
                field,
                operator,
                values,
            }),
        }
    }

    fn holds(&self, item: &Value) -> bool {
        let has = match item.get(self.field.name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let compare = |wanted: &String| self.field.kind.compare(&has, wanted);
        let equal = |wanted: &String| compare(wanted) == Some(Ordering::Equal);
        match self.operator {
            Operator::In => self.values.iter().any(equal),
            Operator::NotIn => !self.values.iter().any(equal),
            Operator::AtMost => self
                .values
                .iter()
                .all(|v| compare(v).is_some_and(Ordering::is_le)),
            Operator::AtLeast => self
                .values
                .iter()
                .all(|v| compare(v).is_some_and(Ordering::is_ge)),
        }
    }
}

impl Kind {
    fn reads(self, value: &str) -> bool {
        match self {
            Self::Text | Self::Hash => true,
            Self::Number => value.parse::<u64>().is_ok(),
            Self::Moment => moment(value).is_some(),
            Self::Flag => matches!(value, "true" | "false"),
        }
    }

    fn compare(self, has: &str, wanted: &str) -> Option<Ordering> {
        match self {
            Self::Text | Self::Flag => Some(has.cmp(wanted)),
            Self::Number => Some(has.parse::<u64>().ok()?.cmp(&wanted.parse().ok()?)),
            Self::Moment => Some(moment(has)?.cmp(&moment(wanted)?)),
            Self::Hash => match (Md5::from_service(has), Md5::from_service(wanted)) {
                (Ok(has), Ok(wanted)) => Some(has.cmp(&wanted)),
                _ => Some(has.cmp(wanted)),
            },
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

    static FIELDS: [Field; 5] = [
        Field::text("name"),
        Field::number("length", true),
        Field::moment("created_at"),
        Field::hash("hash"),
        Field::flag("complete"),
    ];

    fn passes(query: &str) -> Option<bool> {
        let item = json!({"name": "a b&c", "length": 5, "created_at": "2018-08-31T10:49:41.736515Z",
            "hash": "da6a0d097e307ac52ed9b4ad551801fc", "complete": false});
        let mut filter = Filter::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            filter.take(&FIELDS, &key, &value).ok()?;
        }
        Some(filter.passes(&item))
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
    fn what_the_service_does_not_know_is_refused() {
        for query in [
            "name__like=a",
            "name__lte=a",
            "colour__eq=red",
            "filter=colour%3Dred",
            "complete__in=true,false",
            "length__eq=five",
            "created_at__gte=yesterday",
        ] {
            assert_eq!(passes(query), None, "{query}");
        }
    }
}
