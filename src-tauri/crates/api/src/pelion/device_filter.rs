//! A filter for devices between its text and its conditions. Asks no service.

use firmdrop_cloud::pelion::{
    Collection, Filter, FilterAttribute, FilterError, FilterText, FilterWarning, attributes,
};
use serde::Serialize;

/// A text that was read as a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FilterRead {
    /// The conditions; all of them must hold. None when there is an error.
    pub conditions: Vec<Filter>,
    /// What is doubtful about them.
    pub warnings: Vec<FilterWarning>,
    /// Where and why it is no filter.
    pub error: Option<FilterError>,
}

/// Everything devices are known to be filtered by, the usual first.
pub fn filter_attributes() -> Vec<FilterAttribute> {
    attributes(Collection::Devices)
}

/// The conditions of a text; where and why it is no filter otherwise. Half-typed text is no failure of anything.
pub fn read_filter(text: &str) -> FilterRead {
    match FilterText::parse(text, Collection::Devices) {
        Ok(read) => FilterRead {
            conditions: read.conditions,
            warnings: read.warnings,
            error: None,
        },
        Err(error) => FilterRead {
            conditions: Vec::new(),
            warnings: Vec::new(),
            error: Some(error),
        },
    }
}

/// The text of these conditions, as a campaign holds it.
pub fn write_filter(conditions: Vec<Filter>) -> String {
    FilterText::from(conditions).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_and_text_lead_to_each_other() {
        let text = "state__eq=registered&custom_attributes__site=north%20gate";
        let read = read_filter(text);
        assert_eq!(read.conditions.len(), 2);
        assert_eq!(read.conditions[1].value, "north gate");
        assert_eq!(write_filter(read.conditions), text);
    }

    #[test]
    fn text_that_is_no_filter_is_answered_with_the_place_and_the_length_of_what_is_wrong() {
        let read = read_filter("state__eq=registered&näme__like=x");
        assert!(read.conditions.is_empty());
        let error = read.error.unwrap();
        assert_eq!(
            (error.at, error.length, error.piece.as_str()),
            (21, 10, "näme__like")
        );
    }
}
