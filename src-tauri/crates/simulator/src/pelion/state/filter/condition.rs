//! One condition of a filter: a field, how it is compared, and with what.

use std::{cmp::Ordering, collections::BTreeSet};

use super::filter_value::FilterValue;
use super::item::{Cell, Field, Item, Kind};
use crate::pelion::state::{Id, Refusal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    AtMost,
    AtLeast,
}

#[derive(Debug)]
pub(crate) struct Condition {
    field: &'static Field,
    /// The key in a map.
    key: Option<String>,
    operator: Operator,
    values: Vec<FilterValue>,
}

impl Condition {
    pub(crate) fn read(fields: &'static [Field], key: &str, value: &str) -> Result<Self, Refusal> {
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
            values: vec![FilterValue::text(value)],
        }))
    }

    /// The ids this field must have one of, in their order, when that is what the condition says.
    pub(crate) fn ids(&self, field: &str) -> Option<BTreeSet<Id>> {
        if self.field.name != field || self.operator != Operator::In {
            return None;
        }
        let ids = self.values.iter().filter_map(|wanted| match wanted {
            FilterValue::Text(_, id) => *id,
            _ => None,
        });
        Some(ids.collect())
    }

    pub(crate) fn holds(&self, id: Id, item: &impl Item) -> bool {
        let has = match &self.key {
            Some(key) => match item.entry(self.field.name, key) {
                Some(text) => Cell::from(text),
                None => return false,
            },
            None => item.cell(id, self.field.name),
        };
        let equal = |wanted: &FilterValue| wanted.compare(&has) == Some(Ordering::Equal);
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

pub(crate) fn wrong(message: String) -> Refusal {
    Refusal::invalid("filter", message)
}
