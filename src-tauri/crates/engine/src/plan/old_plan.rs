//! Plans as journals of format 1 hold them.
//!
//! Only what belongs to every kind of destination is here; the rest each backend upgrades itself.

use serde_json::{Map, Value};

/// Writes one file as a list, and gives fields their present names.
pub(crate) fn upgrade(plan: &mut Map<String, Value>) {
    rename(plan, "danger", "impact");
    if let Some(mut image) = plan.remove("image") {
        if let Value::Object(image) = &mut image {
            rename(image, "promise", "expected");
        }
        plan.insert("files".to_owned(), Value::Array(vec![image]));
    }
    // An option that was not chosen was written as null; one of another kind is unknown now.
    if let Some(Value::Object(options)) = plan.get_mut("options") {
        options.retain(|_, value| !value.is_null());
    }
}

fn rename(map: &mut Map<String, Value>, old: &str, new: &str) {
    if let Some(value) = map.remove(old) {
        map.entry(new).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plan_of_format_1_gets_its_file_in_a_list_and_its_new_names() {
        let Value::Object(mut plan) = json!({
            "image": {"file_name": "a.bin", "promise": {"size_bytes": 1}},
            "danger": "upload",
            "options": {"name": "a", "chunk_bytes": null},
            "risks": [],
        }) else {
            unreachable!()
        };
        upgrade(&mut plan);
        let expected = json!({
            "files": [{"file_name": "a.bin", "expected": {"size_bytes": 1}}],
            "impact": "upload",
            "options": {"name": "a"},
            "risks": [],
        });
        assert_eq!(Value::Object(plan), expected);
    }
}
