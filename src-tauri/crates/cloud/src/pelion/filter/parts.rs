//! A filter that names more ids than one address can hold, cut into several.

use super::{Filter, FilterText, Operator};

/// Ids in one question. Each takes 35 characters of an address that must stay below 4,096.
const IDS_AT_ONCE: usize = 100;

/// The filter, cut into several where it names more ids than one address can hold.
pub(in crate::pelion) fn parts(filter: &FilterText) -> Vec<FilterText> {
    let is_ids = |one: &Filter| one.field == "id" && one.operator == Operator::In;
    let Some(at) = filter.conditions.iter().position(is_ids) else {
        return vec![filter.clone()];
    };
    let mut others = filter.conditions.clone();
    let mut ids: Vec<&str> = filter
        .conditions
        .get(at)
        .map_or("", |ids| &ids.value)
        .split(',')
        .collect();
    others.remove(at);
    ids.sort_unstable();
    ids.dedup();
    let parts = ids.chunks(IDS_AT_ONCE).map(|ids| {
        let mut conditions = others.clone();
        conditions.insert(0, Filter::devices(ids));
        FilterText::from(conditions)
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_of_ids_is_asked_for_in_parts_each_once() {
        let ids: Vec<String> = (0..250).chain(0..3).map(|n| format!("{n:032x}")).collect();
        let filter = FilterText::from(vec![
            Filter::new("state", Operator::Equal, "registered"),
            Filter::devices(&ids),
        ]);
        let parts = parts(&filter);
        let counts: Vec<_> = parts
            .iter()
            .map(|part| part.conditions[0].value.split(',').count())
            .collect();
        assert_eq!(counts, [100, 100, 50]);
        assert!(parts.iter().all(|part| part.conditions[1].field == "state"));
    }
}
