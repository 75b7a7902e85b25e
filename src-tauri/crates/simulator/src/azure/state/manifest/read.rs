//! Fields of JSON objects, each with the place where it stands.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::azure::state::Problem;

/// A rule of manifests is broken here.
pub(super) fn wrong(at: &str, why: impl Into<String>) -> Problem {
    Problem::manifest(at, why)
}

/// The text, if it has the form.
pub(super) fn pattern(
    at: &str,
    text: String,
    fits: impl Fn(&str) -> bool,
) -> Result<String, Problem> {
    if fits(&text) {
        return Ok(text);
    }
    Err(wrong(
        at,
        format!("{text} has characters that are not allowed."),
    ))
}

/// An object and where it stands.
#[derive(Debug)]
pub(in crate::azure) struct Object<'a> {
    path: String,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    pub(super) fn of(path: &str, value: &'a Value) -> Result<Self, Problem> {
        let fields = value.as_object();
        Ok(Self {
            path: path.to_owned(),
            fields: fields.ok_or_else(|| wrong(path, "This is no object."))?,
        })
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'a String> {
        self.fields.keys()
    }

    /// Null is as good as nothing.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.fields.get(key).filter(|value| !value.is_null())
    }

    fn missing(&self, key: &str) -> Problem {
        wrong(&self.at(key), "This is missing.")
    }

    pub(super) fn object(&self, key: &str) -> Result<Self, Problem> {
        let value = self.get(key).ok_or_else(|| self.missing(key))?;
        Object::of(&self.at(key), value)
    }

    pub(super) fn text(&self, key: &str, length: RangeInclusive<usize>) -> Result<String, Problem> {
        let text = self.optional_text(key, length)?;
        text.ok_or_else(|| self.missing(key))
    }

    pub(super) fn optional_text(
        &self,
        key: &str,
        length: RangeInclusive<usize>,
    ) -> Result<Option<String>, Problem> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let text = value.as_str();
        let text = text.ok_or_else(|| wrong(&self.at(key), "This is no text."))?;
        if !length.contains(&text.chars().count()) {
            let why = format!(
                "It has not {} to {} characters.",
                length.start(),
                length.end()
            );
            return Err(wrong(&self.at(key), why));
        }
        Ok(Some(text.to_owned()))
    }

    pub(super) fn optional_flag(&self, key: &str) -> Result<Option<bool>, Problem> {
        let flag = |value: &Value| {
            let flag = value.as_bool();
            flag.ok_or_else(|| wrong(&self.at(key), "This is not true or false."))
        };
        self.get(key).map(flag).transpose()
    }

    fn list(&self, key: &str, length: RangeInclusive<usize>) -> Result<&'a [Value], Problem> {
        let items = match self.get(key) {
            None => &[],
            Some(value) => {
                let items = value.as_array();
                &**items.ok_or_else(|| wrong(&self.at(key), "This is no list."))?
            }
        };
        if !length.contains(&items.len()) {
            let why = format!("It has not {} to {} items.", length.start(), length.end());
            return Err(wrong(&self.at(key), why));
        }
        Ok(items)
    }

    pub(super) fn objects(
        &self,
        key: &str,
        length: RangeInclusive<usize>,
    ) -> Result<Vec<Self>, Problem> {
        let items = self.list(key, length)?.iter().enumerate();
        items
            .map(|(index, item)| Object::of(&format!("{}[{index}]", self.at(key)), item))
            .collect()
    }

    pub(super) fn values(
        &self,
        key: &str,
        length: RangeInclusive<usize>,
    ) -> Result<&'a [Value], Problem> {
        self.list(key, length)
    }

    /// Refuses keys that are none of these.
    pub(super) fn only(&self, keys: &[&str]) -> Result<(), Problem> {
        match self.keys().find(|key| !keys.contains(&&***key)) {
            None => Ok(()),
            Some(key) => Err(wrong(&self.at(key), "There is no such property.")),
        }
    }
}
