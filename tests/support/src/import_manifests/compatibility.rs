//! The devices that an update is for.

use serde_json::{Value, json};

use super::{
    broken::Schema,
    edit::{long, set, texts},
    good::{FULL, V2},
    published::{ACROSS, CONTENT, DEAD_NAMES},
    table::Table,
};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn break_rules(table: &mut Table) {
    let sets = |count: usize| -> Value {
        let set = |at: usize| json!({ "manufacturer": "Contoso", "model": at.to_string() });
        (0..count).map(set).collect()
    };
    let (all_sets, first) = ("/compatibility", "/compatibility/0");
    table.add(
        "compatibility-count",
        all_sets,
        Schema::Refuses,
        FULL,
        set(all_sets, json!([])),
    );
    table.add(
        "compatibility-count",
        all_sets,
        Schema::Refuses,
        FULL,
        set(all_sets, sets(11)),
    );
    for bad in ["Contoso ", "\u{a0}Contoso"] {
        let value = "/compatibility/0/manufacturer";
        table.add(
            "compatibility-spaces",
            value,
            CONTENT,
            FULL,
            texts(value, bad),
        );
    }
    table.add(
        "compatibility-properties",
        first,
        Schema::Refuses,
        FULL,
        set(first, json!({})),
    );
    let six = json!({ "manufacturer": "C", "model": "m", "a": "1", "b": "2", "c": "3", "d": "4" });
    table.add(
        "compatibility-properties",
        first,
        Schema::Refuses,
        FULL,
        set(first, six),
    );
    let long_name = "/compatibility/0/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    table.add(
        "compatibility-name",
        long_name,
        DEAD_NAMES,
        FULL,
        texts(long_name, "1"),
    );
    let model = "/compatibility/0/model";
    table.add(
        "compatibility-value",
        model,
        Schema::Refuses,
        FULL,
        texts(model, ""),
    );
    table.add(
        "compatibility-value",
        model,
        Schema::Refuses,
        FULL,
        texts(model, &long(65)),
    );
    let same = json!({ "model": "Toaster", "manufacturer": "Contoso" });
    table.add(
        "compatibility-repeated",
        "/compatibility/1",
        ACROSS,
        FULL,
        set("/compatibility/1", same),
    );
    let mixed = json!({ "manufacturer": "Contoso", "deviceModel": "Toaster" });
    table.add(
        "compatibility-family",
        first,
        CONTENT,
        FULL,
        set(first, mixed),
    );
    let new = json!({ "manufacturer": "Contoso", "model": "Toaster" });
    table.add(
        "compatibility-family",
        first,
        Schema::None,
        V2,
        set(first, new),
    );
}
