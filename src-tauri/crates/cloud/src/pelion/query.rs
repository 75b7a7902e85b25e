//! What a list is asked: how many, after which, in which order, only those that.
//!
//! Conditions go out as flat query parameters unless the other dialect is asked for. A space is
//! `%20` in both, because services disagree about `+`.

use firmdrop_net::Url;

use super::filter::{Filter, FilterText, Operator, percent_encoded};

/// By creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Oldest first.
    #[default]
    Ascending,
    /// Newest first.
    Descending,
}

/// In which of the service's two ways the conditions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilterDialect {
    /// `?name__eq=a%20b`: each condition is a parameter of its own.
    #[default]
    Flat,
    /// `?filter=name__eq%3Da%2520b`: one parameter holds them all, encoded once more.
    OneParameter,
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
    /// How they are written.
    pub dialect: FilterDialect,
}

impl ListQuery {
    /// Only entries of exactly this name.
    pub fn named(name: &str) -> Self {
        Self::default().filter("name", Operator::Equal, name)
    }

    /// With one more condition.
    #[must_use]
    pub fn filter(mut self, field: &str, operator: Operator, value: &str) -> Self {
        self.filters.push(Filter::new(field, operator, value));
        self
    }

    /// With all of these conditions too.
    #[must_use]
    pub fn matching(mut self, filter: &FilterText) -> Self {
        self.filters.extend_from_slice(&filter.conditions);
        self
    }

    /// Written in this dialect.
    #[must_use]
    pub fn dialect(mut self, dialect: FilterDialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Newest first.
    #[must_use]
    pub fn newest_first(mut self) -> Self {
        self.order = Order::Descending;
        self
    }

    /// With the number of all entries.
    #[must_use]
    pub fn counted(mut self) -> Self {
        self.total_count = true;
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
        let mut parts: Vec<String> = Vec::new();
        if let Some(limit) = self.limit {
            parts.push(format!("limit={limit}"));
        }
        if let Some(after) = &self.after {
            parts.push(format!("after={}", percent_encoded(after)));
        }
        if self.order == Order::Descending {
            parts.push("order=DESC".to_owned());
        }
        if self.total_count {
            parts.push("include=total_count".to_owned());
        }
        let conditions = self.filters.iter().map(Filter::encoded);
        match self.dialect {
            FilterDialect::Flat => parts.extend(conditions),
            FilterDialect::OneParameter if self.filters.is_empty() => {}
            FilterDialect::OneParameter => {
                let inner = conditions.collect::<Vec<_>>().join("&");
                parts.push(format!("filter={}", percent_encoded(&inner)));
            }
        }
        if !parts.is_empty() {
            url.set_query(Some(&parts.join("&")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pelion::Collection;

    fn written(query: &ListQuery) -> Option<String> {
        let mut url = Url::parse("https://api.test/v3/x").unwrap();
        query.apply(&mut url);
        url.query().map(str::to_owned)
    }

    #[test]
    fn a_query_is_written_flat_and_encoded_once() {
        let query = ListQuery::named("a b&c").limit(1000).after("7");
        assert_eq!(
            written(&query).as_deref(),
            Some("limit=1000&after=7&name__eq=a%20b%26c")
        );
        assert_eq!(written(&ListQuery::default()), None);
        let newest = ListQuery::default().newest_first().counted();
        assert_eq!(
            written(&newest).as_deref(),
            Some("order=DESC&include=total_count")
        );
    }

    #[test]
    fn the_other_dialect_is_one_parameter_encoded_once_more() {
        let one = ListQuery::default().dialect(FilterDialect::OneParameter);
        assert_eq!(written(&one), None);
        let guide = one.clone().filter("id", Operator::Equal, "0164c910");
        assert_eq!(written(&guide).as_deref(), Some("filter=id__eq%3D0164c910"));
        let two = one
            .filter("name", Operator::Equal, "a b&c")
            .filter("state", Operator::In, "x,y");
        assert_eq!(
            written(&two).as_deref(),
            Some("filter=name__eq%3Da%2520b%2526c%26state__in%3Dx%252Cy")
        );
    }

    #[test]
    fn every_character_arrives_as_it_was_meant_in_both_dialects() {
        let text = "name__eq=a%2Bb%20c%26d%3De%25&custom_attributes__ort=Zürich&created_at__gte=2020-01-01T00:00:00Z";
        let filter = FilterText::parse(text, Collection::Devices).unwrap();
        let flat = ListQuery::default().matching(&filter);
        let encoded = "name__eq=a%2Bb%20c%26d%3De%25&custom_attributes__ort=Z%C3%BCrich&created_at__gte=2020-01-01T00%3A00%3A00Z";
        assert_eq!(written(&flat).as_deref(), Some(encoded));

        let one = written(&flat.dialect(FilterDialect::OneParameter)).unwrap();
        let mut url = Url::parse("https://api.test").unwrap();
        url.set_query(Some(&one));
        let pairs: Vec<_> = url.query_pairs().collect();
        assert_eq!(pairs.len(), 1);
        assert_eq!(
            (pairs[0].0.as_ref(), pairs[0].1.as_ref()),
            ("filter", encoded)
        );
    }
}
