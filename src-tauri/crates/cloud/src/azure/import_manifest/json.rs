//! Free JSON inside a manifest, in the order in which it was written: properties of handlers and
//! files, and keys that the manifest's rules do not know.

use serde::ser::{Error as _, SerializeMap as _};
use serde::{Serialize, Serializer};

use super::tree::{Node, Value};

/// A value of JSON. Objects hold the order of their keys, numbers their digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(Members),
}

/// Keys and values of an object, in order. A key that was there twice is there once, with its last
/// value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members(Vec<(String, Json)>);

impl Json {
    pub(super) fn of(node: &Node) -> Self {
        match &node.value {
            Value::Null => Self::Null,
            Value::Bool(yes) => Self::Bool(*yes),
            Value::Number(digits) => Self::Number(digits.clone()),
            Value::Text(text) => Self::Text(text.clone()),
            Value::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(_) => Self::Object(Members::of(node)),
        }
    }

    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As JSON with two spaces for each level, as it is sent.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.put(&mut text, 0);
        text
    }

    fn put(&self, text: &mut String, depth: usize) {
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(yes) => text.push_str(if *yes { "true" } else { "false" }),
            Self::Number(digits) => text.push_str(digits),
            Self::Text(plain) => text.push_str(&quoted(plain)),
            Self::List(items) => {
                let items = items.iter().map(|item| (None, item));
                put_all(text, depth, ('[', ']'), items);
            }
            Self::Object(members) => {
                let items = members.iter().map(|(key, value)| (Some(key), value));
                put_all(text, depth, ('{', '}'), items);
            }
        }
    }
}

fn put_all<'a>(
    text: &mut String,
    depth: usize,
    (open, close): (char, char),
    items: impl Iterator<Item = (Option<&'a str>, &'a Json)>,
) {
    let new_line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    };
    text.push(open);
    let mut is_empty = true;
    for (key, value) in items {
        if !is_empty {
            text.push(',');
        }
        is_empty = false;
        new_line(text, depth + 1);
        if let Some(key) = key {
            text.push_str(&quoted(key));
            text.push_str(": ");
        }
        value.put(text, depth + 1);
    }
    if !is_empty {
        new_line(text, depth);
    }
    text.push(close);
}

/// A text as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        Self::Number(number.to_string())
    }
}

impl Members {
    pub(super) fn of(node: &Node) -> Self {
        let mut members = Self::default();
        if let Value::Object(all) = &node.value {
            for member in all {
                members.set(&member.key, Json::of(&member.node));
            }
        }
        members
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.iter()
            .find(|(known, _)| *known == key)
            .map(|(_, value)| value)
    }

    /// Sets a key; one that is there keeps its place.
    pub fn set(&mut self, key: &str, value: impl Into<Json>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    /// With one more key.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.set(key, value);
        self
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// How many keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(yes) => serializer.serialize_bool(*yes),
            Self::Number(digits) => match serde_json::from_str::<serde_json::Number>(digits) {
                Ok(number) => number.serialize(serializer),
                Err(error) => Err(S::Error::custom(error)),
            },
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => items.serialize(serializer),
            Self::Object(members) => members.serialize(serializer),
        }
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self.iter() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;

    #[test]
    fn order_and_digits_survive_reading_and_writing() {
        let text = "{\n  \"z\": 1.50,\n  \"a\": [\n    12345678901234567890123,\n    \"\\u0001é\"\n  ],\n  \"e\": {},\n  \"l\": []\n}";
        let json = Json::of(&parse(text).unwrap());
        assert_eq!(json.to_text(), text);
    }

    #[test]
    fn a_key_that_is_set_again_stays_in_its_place() {
        let mut members = Members::default().with("a", "1").with("b", 2);
        members.set("a", "3");
        assert_eq!(
            serde_json::to_string(&members).unwrap(),
            r#"{"a":"3","b":2}"#
        );
    }
}
