//! The steps.

use serde_json::{Value, json};

use super::{
    broken::Schema,
    edit::{Edit::Set, long, one_more_file, remove, set, step, texts},
    good::{CHILD, FULL, PARENT, V2, V4},
    published::{ACROSS, HANDLERS, LOOSE_VERSION},
    table::Table,
};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn break_rules(table: &mut Table) {
    let steps = "/instructions/steps";
    let eleven: Value = (0..11)
        .map(|_| json!({ "handler": "contoso/thing:1", "files": ["sensor.bin"] }))
        .collect();
    table.add(
        "step-count",
        steps,
        Schema::Refuses,
        FULL,
        set(steps, json!([])),
    );
    table.add(
        "step-count",
        steps,
        Schema::Refuses,
        CHILD,
        set(steps, eleven),
    );
    let kind = "/instructions/steps/0/type";
    table.add(
        "step-type",
        kind,
        Schema::Refuses,
        FULL,
        texts(kind, "Inline"),
    );
    let text = "/instructions/steps/1/description";
    table.add(
        "step-description",
        text,
        Schema::Refuses,
        FULL,
        texts(text, ""),
    );
    table.add(
        "step-description",
        text,
        Schema::Refuses,
        PARENT,
        texts(text, &long(65)),
    );
    let handler = "/instructions/steps/0/handler";
    table.add(
        "handler-length",
        handler,
        Schema::Refuses,
        CHILD,
        texts(handler, "a:1"),
    );
    table.add(
        "handler-length",
        handler,
        Schema::Refuses,
        CHILD,
        texts(handler, &format!("a/{}:1", long(29))),
    );
    for bad in [
        "microsoft-script",
        "a/b:123456",
        "contoso/a b:1",
        "contoso/thing",
    ] {
        table.add(
            "handler-format",
            handler,
            Schema::Refuses,
            CHILD,
            texts(handler, bad),
        );
    }
    table.add(
        "handler-unknown",
        handler,
        HANDLERS,
        CHILD,
        texts(handler, "microsoft/scritp:1"),
    );
    for internal in [
        "microsoft/steps:1",
        "microsoft/update-manifest:5",
        "microsoft/delta:1",
    ] {
        table.add(
            "handler-internal",
            handler,
            HANDLERS,
            CHILD,
            texts(handler, internal),
        );
    }
    let two = "/instructions/steps/0/files";
    let mut edits = set("/instructions/steps/0/files/-", json!("more.json"));
    edits.push(Set("/files/-".into(), one_more_file()));
    table.add("handler-files", two, HANDLERS, PARENT, edits);
    table.add(
        "handler-files",
        "/files",
        Schema::None,
        V2,
        set("/files/-", one_more_file()),
    );
    table.add(
        "step-file-count",
        "/instructions/steps/2/files",
        Schema::Refuses,
        FULL,
        step(&json!([])),
    );
    table.add(
        "step-file-name",
        "/instructions/steps/2/files/0",
        Schema::Refuses,
        FULL,
        step(&json!([""])),
    );
    let missing = step(&json!(["Firmware.swu"]));
    table.add(
        "step-file-missing",
        "/instructions/steps/2/files/0",
        ACROSS,
        FULL,
        missing,
    );
    let twice = step(&json!(["check.sh", "check.sh"]));
    table.add(
        "step-file-repeated",
        "/instructions/steps/2/files/1",
        ACROSS,
        FULL,
        twice,
    );
    let properties = "/instructions/steps/0/handlerProperties";
    let criteria = "/instructions/steps/0/handlerProperties/installedCriteria";
    table.add(
        "installed-criteria",
        criteria,
        HANDLERS,
        FULL,
        remove(criteria),
    );
    table.add(
        "installed-criteria",
        criteria,
        HANDLERS,
        PARENT,
        remove(properties),
    );
    table.add(
        "installed-criteria",
        criteria,
        HANDLERS,
        V4,
        texts(criteria, " "),
    );
    let criteria = "/installedCriteria";
    table.add(
        "installed-criteria",
        criteria,
        Schema::None,
        V2,
        remove(criteria),
    );
    let script = "/instructions/steps/1/handlerProperties/scriptFileName";
    table.add("script-file", script, HANDLERS, FULL, remove(script));
    table.add(
        "script-file",
        script,
        HANDLERS,
        FULL,
        texts(script, "install.sh"),
    );
    let image = "/instructions/steps/0/handlerProperties/swuFileName";
    table.add("swu-file", image, HANDLERS, FULL, texts(image, "check.sh"));
    let api = "/instructions/steps/0/handlerProperties/apiVersion";
    table.add(
        "handler-api-version",
        api,
        HANDLERS,
        FULL,
        texts(api, "2.0"),
    );
    let arguments = "/instructions/steps/1/handlerProperties/arguments";
    table.add(
        "handler-property-type",
        arguments,
        HANDLERS,
        FULL,
        set(arguments, json!(["--post"])),
    );
    let reference = "/instructions/steps/1/updateId";
    let own = json!({ "provider": "Contoso", "name": "Toaster", "version": "2.00" });
    let mut edits = set(reference, own);
    edits.push(Set("/updateId/version".into(), json!("2.0")));
    let own_id = "/instructions/steps/1/updateId/version";
    table.add(
        "version-zeros",
        own_id,
        LOOSE_VERSION,
        PARENT,
        texts(own_id, "1.00"),
    );
    edits.push(Set(own_id.into(), json!("2.0")));
    table.add("reference-self", reference, ACROSS, PARENT, edits);
    let again = json!({ "type": "reference", "updateId": { "provider": "Contoso", "name": "Toaster.Sensor", "version": "1.0" } });
    let repeated = "/instructions/steps/2/updateId";
    table.add(
        "reference-repeated",
        repeated,
        ACROSS,
        PARENT,
        set("/instructions/steps/-", again),
    );
    let wrong = "/instructions/steps/1/updateId/provider";
    table.add(
        "id-length",
        wrong,
        Schema::Refuses,
        PARENT,
        texts(wrong, ""),
    );
    table.add(
        "required",
        reference,
        Schema::Refuses,
        PARENT,
        remove(reference),
    );
}
