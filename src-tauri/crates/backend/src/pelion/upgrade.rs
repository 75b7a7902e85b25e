//! Plans as journals of format 1 hold them: `{"destination": {"kind": "pelion", "account": …}}`.

use serde_json::{Map, Value};

use super::destination;

/// Writes the destination in its present form; `false` when the plan is of another kind.
pub(super) fn upgrade_plan(plan: &mut Map<String, Value>) -> bool {
    let old = plan.get("destination");
    let is_ours = old.and_then(|old| old.get("kind")) == Some(&Value::from("pelion"));
    let account = old
        .and_then(|old| old.get("account"))
        .and_then(Value::as_str);
    let (true, Some(account)) = (is_ours, account) else {
        return false;
    };
    let Ok(destination) = serde_json::to_value(destination(account)) else {
        return false;
    };
    plan.insert("destination".to_owned(), destination);
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plan_of_format_1_gets_its_destination_and_keeps_all_else() {
        let Value::Object(mut plan) = json!({
            "destination": {"kind": "pelion", "account": "front"},
            "campaign": null,
        }) else {
            unreachable!()
        };
        assert!(upgrade_plan(&mut plan));
        let expected = json!({
            "destination": {"scheme": "pelion", "address": "front"},
            "campaign": null,
        });
        assert_eq!(Value::Object(plan), expected);
    }

    #[test]
    fn a_plan_of_another_kind_is_left_alone() {
        let Value::Object(mut plan) = json!({"destination": {"kind": "reader"}}) else {
            unreachable!()
        };
        assert!(!upgrade_plan(&mut plan));
    }
}
