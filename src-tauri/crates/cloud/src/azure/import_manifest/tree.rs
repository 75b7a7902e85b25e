//! JSON with the place of every value: the order of keys, repeated keys and lines are what a check
//! and a mending need, and what a map forgets.
//!
//! Whether the text is JSON is decided by `serde_json`; the scanner only walks what was accepted.

use std::ops::Range;

use serde::de::IgnoredAny;

use super::pointer;
use super::read_error::ReadError;
use super::size_limit::MOST_BYTES;

/// Deepest nesting. The deepest value of a manifest, a property of a related file, is at 7; the
/// rest is room for the properties of handlers.
const MOST_DEPTH: usize = 32;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Bytes of the text.
    pub(super) span: Range<usize>,
    pub(super) value: Value,
}

/// A value of JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As it is written, so that nothing is lost.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A key of an object and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub(super) key: String,
    /// Bytes of the key, quotes included.
    pub(super) key_span: Range<usize>,
    pub(super) node: Node,
}

impl Value {
    /// What it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl Node {
    /// The value of this key: of several the last, as most readers have it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.member(key).map(|member| &member.node)
    }

    fn member(&self, key: &str) -> Option<&Member> {
        match &self.value {
            Value::Object(members) => members.iter().rev().find(|member| member.key == key),
            _ => None,
        }
    }

    /// The node of a JSON pointer.
    pub(super) fn at(&self, wanted: &str) -> Option<&Self> {
        pointer::parts(wanted).try_fold(self, |node, part| match &node.value {
            Value::Object(_) => node.get(&part),
            Value::List(items) => items.get(part.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

/// Reads a text of JSON.
pub(super) fn parse(text: &str) -> Result<Node, ReadError> {
    if text.len() > MOST_BYTES {
        return Err(ReadError::TooLarge);
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let (line, column) = (error.line(), error.column().max(1));
        let why = if is_after_comma(text, line, column) {
            "a comma stands before the closing bracket".to_owned()
        } else {
            syntax(&error)
        };
        return Err(ReadError::NotJson { line, column, why });
    }
    Scanner { text, at: 0 }.value(0)
}

/// The line of a byte, counted from 1.
pub(super) fn line(text: &str, at: usize) -> usize {
    1 + text.get(..at).unwrap_or_default().matches('\n').count()
}

/// Whether a bracket is closed there right behind a comma, the most common mistake of all.
fn is_after_comma(text: &str, line: usize, column: usize) -> bool {
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines
        .by_ref()
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let at = before + column.saturating_sub(1);
    let is_closed = text
        .get(at..)
        .is_some_and(|rest| rest.starts_with(['}', ']']));
    is_closed
        && text
            .get(..at)
            .is_some_and(|rest| rest.trim_end().ends_with(','))
}

/// What is wrong, without the place, which is said beside it; in plain words where the parser's are those of
/// its grammar.
fn syntax(error: &serde_json::Error) -> String {
    const PLAIN: [(&str, &str); 4] = [
        ("EOF while parsing", "the text ends too early"),
        ("key must be a string", "a key in double quotes is missing"),
        (
            "trailing characters",
            "the object has ended, and something follows",
        ),
        ("expected value", "a value is missing"),
    ];
    let text = error.to_string();
    if let Some((_, plain)) = PLAIN.iter().find(|(theirs, _)| text.starts_with(theirs)) {
        return (*plain).to_owned();
    }
    let end = text.find(" at line ").unwrap_or(text.len());
    text.get(..end).unwrap_or_default().to_owned()
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// The next byte that is no space, without taking it.
    fn next(&mut self) -> Option<u8> {
        self.skip_space();
        self.peek()
    }

    fn wrong(&self, why: &str) -> ReadError {
        let before = self.text.get(..self.at).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        ReadError::NotJson {
            line: line(self.text, self.at),
            column: self.at.saturating_sub(line_start) + 1,
            why: why.to_owned(),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, ReadError> {
        if depth > MOST_DEPTH {
            return Err(ReadError::TooDeep);
        }
        let first = self.next();
        let from = self.at;
        let value = match first {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Value::Text(self.string()?),
            Some(_) => self.word()?,
            None => return Err(self.wrong("the text ends too early")),
        };
        Ok(Node {
            span: from..self.at,
            value,
        })
    }

    fn object(&mut self, depth: usize) -> Result<Value, ReadError> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            match self.next() {
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let from = self.at;
                    let key = self.string()?;
                    let key_span = from..self.at;
                    if self.next() != Some(b':') {
                        return Err(self.wrong("a colon is missing"));
                    }
                    self.at += 1;
                    members.push(Member {
                        key,
                        key_span,
                        node: self.value(depth + 1)?,
                    });
                }
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(members));
                }
                _ => return Err(self.wrong("a key is missing")),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, ReadError> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            match self.next() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::List(items));
                }
                _ => items.push(self.value(depth + 1)?),
            }
        }
    }

    fn string(&mut self) -> Result<String, ReadError> {
        let from = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'\\') => self.at += 2,
                Some(b'"') => break,
                Some(_) => self.at += 1,
                None => return Err(self.wrong("a text has no end")),
            }
        }
        self.at += 1;
        let quoted = self.text.get(from..self.at).unwrap_or_default();
        serde_json::from_str(quoted).map_err(|error| {
            self.at = from;
            self.wrong(&syntax(&error))
        })
    }

    fn word(&mut self) -> Result<Value, ReadError> {
        let from = self.at;
        while let Some(byte) = self.peek() {
            if byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}' | b':') {
                break;
            }
            self.at += 1;
        }
        match self.text.get(from..self.at).unwrap_or_default() {
            "null" => Ok(Value::Null),
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "" => Err(self.wrong("a value is missing")),
            number => Ok(Value::Number(number.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::json::Json;
    use super::*;

    fn json(text: &str) -> serde_json::Value {
        serde_json::to_value(Json::of(&parse(text).unwrap())).unwrap()
    }

    #[test]
    fn every_value_has_its_place_and_numbers_stay_as_they_are_written() {
        let text = r#"{ "a": [1, 2.50, "x\"é"], "b": {"c": null} }"#;
        let tree = parse(text).unwrap();
        let at = |pointer: &str| &text[tree.at(pointer).unwrap().span.clone()];
        assert_eq!(at("/a/1"), "2.50");
        assert_eq!(at("/a/2"), r#""x\"é""#);
        assert_eq!(at("/b"), r#"{"c": null}"#);
        assert_eq!(at(""), text);
        assert_eq!(tree.at("/a/3"), None);
        assert_eq!(line("a\nb\nc", 4), 3);
    }

    #[test]
    fn depth_and_size_are_bounded_and_mistakes_have_a_place() {
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        assert_eq!(parse(&deep), Err(ReadError::TooDeep));
        let deeper = format!("{}{}", "[".repeat(400_000), "]".repeat(400_000));
        assert_eq!(parse(&deeper), Err(ReadError::TooDeep));
        let large = format!("\"{}\"", "x".repeat(MOST_BYTES));
        assert_eq!(parse(&large), Err(ReadError::TooLarge));
        let Err(ReadError::NotJson { line, why, .. }) = parse("{\n \"a\": 1,\n}") else {
            panic!("a comma before the end is no JSON");
        };
        assert_eq!(line, 3);
        assert!(why.contains("comma"), "{why}");
        assert!(parse(r#"{"a": "\ud800"}"#).is_err());
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_serde_json_reads(value in any_json()) {
            for text in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert_eq!(json(&text), value.clone());
            }
        }

        #[test]
        fn no_text_panics(text in "[\\[\\]{}:,\"\\\\a-z0-9 .-]{0,40}") {
            let accepted = serde_json::from_str::<IgnoredAny>(&text).is_ok();
            prop_assert!(parse(&text).is_ok() <= accepted);
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".{0,8}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                prop::collection::btree_map(".{0,5}", inner, 0..5)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }
}
