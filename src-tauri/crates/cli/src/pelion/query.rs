//! The query of a list, from its arguments.

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::{Collection, FilterDialect, FilterText, ListQuery};

use super::arguments::Page;
use crate::print;

pub(super) fn query(page: &Page, collection: Collection) -> Result<ListQuery, Diagnosis> {
    let filter = FilterText::parse(&page.filter.join("&"), collection);
    let filter = filter?;
    for warning in &filter.warnings {
        print::line_to_error(&warning.text);
    }
    let mut query = ListQuery {
        limit: page.position.limit.map(u32::from),
        after: page.position.after.clone(),
        total_count: page.position.count,
        ..ListQuery::default()
    };
    if page.position.newest_first {
        query = query.newest_first();
    }
    if page.one_filter_parameter {
        query = query.dialect(FilterDialect::OneParameter);
    }
    Ok(query.matching(&filter))
}
