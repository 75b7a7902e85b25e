//! A filter for devices between its text and its conditions. Asks no service.

use firmdrop_cloud::pelion::{
    Collection, Filter, FilterAttribute, FilterText, FilterWarning, attributes,
};
use firmdrop_core::Diagnosis;
use serde::Serialize;

/// A filter that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FilterRead {
    /// The conditions; all of them must hold.
    pub conditions: Vec<Filter>,
    /// What is doubtful about them.
    pub warnings: Vec<FilterWarning>,
}

/// Everything devices are known to be filtered by, the usual first.
pub fn filter_attributes() -> Vec<FilterAttribute> {
    attributes(Collection::Devices)
}

/// The conditions of a text; where and why it cannot be read otherwise.
pub fn read_filter(text: &str) -> Result<FilterRead, Diagnosis> {
    let read = FilterText::parse(text, Collection::Devices)?;
    Ok(FilterRead {
        conditions: read.conditions,
        warnings: read.warnings,
    })
}

/// The text of these conditions, as a campaign holds it.
pub fn write_filter(conditions: Vec<Filter>) -> String {
    FilterText::from(conditions).to_string()
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Code;

    use super::*;

    #[test]
    fn conditions_and_text_lead_to_each_other() {
        let text = "state__eq=registered&custom_attributes__site=north%20gate";
        let read = read_filter(text).unwrap();
        assert_eq!(read.conditions.len(), 2);
        assert_eq!(read.conditions[1].value, "north gate");
        assert_eq!(write_filter(read.conditions), text);
        assert_eq!(
            read_filter("state__like=x").unwrap_err().code,
            Code::FilterUnreadable
        );
    }
}
