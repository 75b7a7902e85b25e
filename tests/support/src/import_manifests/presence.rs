//! What is missing, and what is of another type.

use serde_json::json;

use super::{
    broken::Schema,
    edit::{remove, set, step},
    good::{FULL, PARENT, V2, V4},
    published::OPEN_ROOT,
    table::Table,
};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn break_rules(table: &mut Table) {
    for pointer in [
        "/updateId",
        "/compatibility",
        "/instructions",
        "/manifestVersion",
        "/createdDateTime",
        "/updateId/provider",
        "/updateId/name",
        "/updateId/version",
        "/instructions/steps",
        "/instructions/steps/0/handler",
        "/files/0/relatedFiles/0/filename",
        "/files/0/sizeInBytes",
        "/files/0/hashes",
        "/files/0/hashes/sha256",
        "/files/0/relatedFiles/0/hashes/sha256",
        "/files/0/downloadHandler/id",
    ] {
        table.add("required", pointer, Schema::Refuses, FULL, remove(pointer));
    }
    for pointer in ["/updateType", "/createdDateTime"] {
        table.add("required", pointer, Schema::None, V2, remove(pointer));
    }
    for (pointer, schema, value) in [
        ("/updateId", Schema::Refuses, json!("Contoso/Toaster/1.0")),
        ("/updateId/name", Schema::Refuses, json!(5)),
        ("/updateId/version", Schema::Refuses, json!(1.0)),
        ("/description", Schema::Refuses, json!(["a"])),
        ("/isDeployable", OPEN_ROOT, json!("true")),
        ("/compatibility", Schema::Refuses, json!({})),
        ("/compatibility", Schema::Refuses, json!(null)),
        ("/compatibility/0", Schema::Refuses, json!("Contoso")),
        ("/compatibility/1/hw", Schema::Refuses, json!(2)),
        ("/instructions", Schema::Refuses, json!([])),
        ("/instructions/steps", Schema::Refuses, json!({})),
        (
            "/instructions/steps/0/handlerProperties",
            Schema::Refuses,
            json!([]),
        ),
        ("/files/0/sizeInBytes", Schema::Refuses, json!("8")),
        ("/files/0/hashes", Schema::Refuses, json!("x")),
        ("/files/0/hashes/sha256", Schema::Refuses, json!(1)),
        ("/files/0/properties", Schema::Refuses, json!([])),
        (
            "/files/0/downloadHandler",
            Schema::Refuses,
            json!("microsoft/delta:1"),
        ),
        ("/files/0/relatedFiles/0", Schema::Refuses, json!(1)),
        ("/createdDateTime", Schema::Refuses, json!(1_768_803_832)),
    ] {
        table.add("wrong-type", pointer, schema, FULL, set(pointer, value));
    }
    let one = step(&json!([1]));
    table.add(
        "wrong-type",
        "/instructions/steps/2/files/0",
        Schema::Refuses,
        FULL,
        one,
    );
    for (pointer, base) in [
        ("/instructions/steps/0/command", FULL),
        ("/instructions/steps/1/handler", PARENT),
        ("/updateId/friendlyName", FULL),
        ("/instructions/steps2", FULL),
        ("/files/0/relatedFiles", V4),
        ("/files/0/downloadHandler", V4),
        ("/files/0/properties", V4),
        ("/files/0/mimeType", V4),
    ] {
        table.add(
            "unknown-key",
            pointer,
            Schema::Refuses,
            base,
            set(pointer, json!({})),
        );
    }
    table.add(
        "unknown-root-key",
        "/friendlyName",
        OPEN_ROOT,
        FULL,
        set("/friendlyName", json!("x")),
    );
    table.add(
        "unknown-root-key",
        "/updateType",
        OPEN_ROOT,
        FULL,
        set("/updateType", json!("x")),
    );
    table.add(
        "unknown-root-key",
        "/instructions",
        Schema::None,
        V2,
        set("/instructions", json!({})),
    );
}
