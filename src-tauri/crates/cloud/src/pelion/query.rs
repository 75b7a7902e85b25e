//! What a list is asked: how many, after which, in which order, only those that.
//!
//! Filters go out as flat query parameters (`name__eq=…`); the service's other dialect, one
//! `filter` parameter encoded twice, is not used.

use firmdrop_net::Url;

/// By creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Oldest first.
    #[default]
    Ascending,
    /// Newest first.
    Descending,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    const fn suffix(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "neq",
            Self::In => "in",
            Self::NotIn => "nin",
            Self::AtMost => "lte",
            Self::AtLeast => "gte",
        }
    }
}

/// One condition; all of them must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The field: `name`.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub value: String,
}

/// What a list is asked. The default asks nothing: the service's own 50 oldest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListQuery {
    /// Most entries of the page, 2 to 1000; the service clamps.
    pub limit: Option<u32>,
    /// Id of the last entry of the page before.
    pub after: Option<String>,
    /// Direction.
    pub order: Order,
    /// Whether to count all entries.
    pub total_count: bool,
    /// Conditions.
    pub filters: Vec<Filter>,
}

impl ListQuery {
    /// Only entries of exactly this name.
    pub fn named(name: &str) -> Self {
        Self::default().filter("name", Operator::Equal, name)
    }

    /// With one more condition.
    #[must_use]
    pub fn filter(mut self, field: &str, operator: Operator, value: &str) -> Self {
        self.filters.push(Filter {
            field: field.to_owned(),
            operator,
            value: value.to_owned(),
        });
        self
    }

    /// The page after the entry with this id.
    #[must_use]
    pub fn after(mut self, id: impl Into<String>) -> Self {
        self.after = Some(id.into());
        self
    }

    /// With at most that many entries.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    pub(super) fn apply(&self, url: &mut Url) {
        let mut pairs: Vec<(String, String)> = Vec::new();
        if let Some(limit) = self.limit {
            pairs.push(("limit".to_owned(), limit.to_string()));
        }
        if let Some(after) = &self.after {
            pairs.push(("after".to_owned(), after.clone()));
        }
        if self.order == Order::Descending {
            pairs.push(("order".to_owned(), "DESC".to_owned()));
        }
        if self.total_count {
            pairs.push(("include".to_owned(), "total_count".to_owned()));
        }
        for filter in &self.filters {
            let name = format!("{}__{}", filter.field, filter.operator.suffix());
            pairs.push((name, filter.value.clone()));
        }
        if !pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(pairs);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_written_flat_and_encoded_once() {
        let mut url = Url::parse("https://api.test/v3/x").unwrap();
        ListQuery::named("a b&c")
            .limit(1000)
            .after("7")
            .apply(&mut url);
        assert_eq!(url.query(), Some("limit=1000&after=7&name__eq=a+b%26c"));
        let mut plain = Url::parse("https://api.test/v3/x").unwrap();
        ListQuery::default().apply(&mut plain);
        assert_eq!(plain.query(), None);
    }
}
