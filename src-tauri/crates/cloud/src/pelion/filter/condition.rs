//! One condition: a field, how it is compared, with what.

use serde::{Deserialize, Serialize};

use super::percent_encoded;

/// Fields whose rest is a key that a user or a device chose. They are compared for equality only.
const KEYED: [&str; 2] = ["custom_attributes__", "component_attributes__"];

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Operator {
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// One of a comma-separated list.
    In,
    /// None of a comma-separated list.
    NotIn,
    /// At most.
    AtMost,
    /// At least.
    AtLeast,
}

impl Operator {
    /// Every operator of this service. There is no `like` and no `or`.
    pub const ALL: [Self; 6] = [
        Self::Equal,
        Self::NotEqual,
        Self::In,
        Self::NotIn,
        Self::AtMost,
        Self::AtLeast,
    ];

    /// As it stands behind a field and two underscores.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "neq",
            Self::In => "in",
            Self::NotIn => "nin",
            Self::AtMost => "lte",
            Self::AtLeast => "gte",
        }
    }

    /// In plain words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Equal => "is",
            Self::NotEqual => "is not",
            Self::In => "is one of",
            Self::NotIn => "is none of",
            Self::AtMost => "is at most",
            Self::AtLeast => "is at least",
        }
    }

    /// Whether the value is a comma-separated list.
    pub const fn takes_list(self) -> bool {
        matches!(self, Self::In | Self::NotIn)
    }

    pub(super) fn of_suffix(suffix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.suffix() == suffix)
    }
}

/// One condition; all of them must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Filter {
    /// The field: `name`, `custom_attributes__tag`.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what, as it is meant: not encoded.
    pub value: String,
}

impl Filter {
    /// A condition.
    pub fn new(field: impl Into<String>, operator: Operator, value: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            operator,
            value: value.into(),
        }
    }

    /// Exactly these devices.
    pub fn devices<I: AsRef<str>>(ids: impl IntoIterator<Item = I>) -> Self {
        let ids: Vec<String> = ids.into_iter().map(|id| id.as_ref().to_owned()).collect();
        Self::new("id", Operator::In, ids.join(","))
    }

    /// Field and operator as they stand left of the `=`, not encoded. Keyed fields carry no
    /// operator, because they are compared for equality only.
    pub fn name(&self) -> String {
        if is_keyed(&self.field) && self.operator == Operator::Equal {
            self.field.clone()
        } else {
            format!("{}__{}", self.field, self.operator.suffix())
        }
    }

    /// `name=value` with both sides encoded.
    pub(in crate::pelion) fn encoded(&self) -> String {
        let name = percent_encoded(&self.name());
        format!("{name}={}", percent_encoded(&self.value))
    }
}

/// Whether the field ends in a key of somebody's choice.
pub(super) fn is_keyed(field: &str) -> bool {
    KEYED.iter().any(|prefix| field.starts_with(prefix))
}
