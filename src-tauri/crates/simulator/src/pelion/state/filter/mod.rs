//! The service's filters, in both dialects: flat (`name__eq=a`) and packed (`filter=name__eq%3Da`).
//!
//! Conditions are joined by AND. There is no `__like` in this service. Values are read once, and
//! items are compared without being written as JSON: a fleet has 100,000 of them.

mod condition;
mod filter_value;
mod item;

pub(crate) use filter_value::moment;
pub(crate) use item::{Cell, Field, Item};

use std::collections::BTreeSet;

use condition::{Condition, wrong};

use super::{Id, Refusal};

/// Conditions that must all hold.
#[derive(Debug, Default)]
pub(crate) struct Filter(Vec<Condition>);

impl Filter {
    /// Reads a filter on its own: the packed dialect without its packing.
    pub(crate) fn read(fields: &'static [Field], text: &str) -> Result<Self, Refusal> {
        let mut filter = Self::default();
        filter.unpack(fields, text)?;
        Ok(filter)
    }

    /// Adds one parameter of the query if it is a filter of either dialect. Others are ignored.
    pub(crate) fn take(
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

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ids a field must have one of, in their order, when the filter says so: a list may look
    /// these up instead of passing all it holds.
    pub(crate) fn ids(&self, field: &str) -> Option<BTreeSet<Id>> {
        self.0.iter().find_map(|condition| condition.ids(field))
    }

    pub(crate) fn passes(&self, id: Id, item: &impl Item) -> bool {
        self.0.iter().all(|condition| condition.holds(id, item))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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
