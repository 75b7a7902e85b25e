//! Import manifests of Azure Device Update: some that are right, and a table in which each rule that
//! a manifest can break by itself is broken once.
//!
//! The table names rules and pointers as a script sees them; it knows nothing of our code.

use serde_json::{Value, json};

/// Every field of 5.0 once.
pub const FULL: &str = include_str!("../import_manifests/full.json");
/// An update that installs another one.
pub const PARENT: &str = include_str!("../import_manifests/parent.json");
/// The other one.
pub const CHILD: &str = include_str!("../import_manifests/child.json");
/// A manifest 4.0.
pub const V4: &str = include_str!("../import_manifests/v4.json");
/// A manifest 2.0.
pub const V2: &str = include_str!("../import_manifests/v2.json");
/// All of them.
pub const GOOD: [&str; 5] = [FULL, PARENT, CHILD, V4, V2];

/// The files of [`FULL`].
pub const FULL_FILES: [(&str, &[u8]); 4] = [
    ("firmware.swu", b"firmware"),
    ("delta.dat", b"delta"),
    ("install.sh", b"#!/bin/sh\n"),
    ("check.sh", b"#!/bin/sh\nexit 0\n"),
];

/// What Microsoft's published schema says of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// It refuses it too.
    Refuses,
    /// It accepts it, for this reason.
    Accepts(&'static str),
    /// There is no schema of this version, or the bytes are no JSON.
    None,
}

/// A manifest that breaks one rule.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The rule.
    pub rule: &'static str,
    /// The field.
    pub pointer: &'static str,
    /// The manifest.
    pub bytes: Vec<u8>,
    /// What the schema says of it.
    pub schema: Schema,
}

// Known defects and limits of the published schemas.
const OPEN_ROOT: Schema =
    Schema::Accepts("the root allows any key, and does not list isDeployable");
const LOOSE_VERSION: Schema = Schema::Accepts("the pattern of versions has no limits");
const NO_FORMAT: Schema = Schema::Accepts("the moment of creation is any text");
const DEAD_NAMES: Schema = Schema::Accepts("limits of names stand where they never apply");
const LOOSE_NUMBER: Schema = Schema::Accepts("a size may be a fraction");
const ACROSS: Schema = Schema::Accepts("a schema compares no fields with each other");
const HANDLERS: Schema = Schema::Accepts("what handlers need is not in the schema");
const CONTENT: Schema = Schema::Accepts("what a text means is not in the schema");
const PROSE: Schema = Schema::Accepts("limits of properties stand in the documentation only");
const PARSER: Schema = Schema::Accepts("a parser decided before the schema is asked");

/// What an edit does at a pointer.
enum Edit {
    /// Sets or adds the value; `/-` at the end appends.
    Set(String, Value),
    /// Removes it.
    Remove(&'static str),
}

use Edit::{Remove, Set};

fn set(pointer: &str, value: Value) -> Vec<Edit> {
    vec![Set(pointer.to_owned(), value)]
}

fn edited(base: &str, edits: &[Edit]) -> Vec<u8> {
    let mut value: Value = serde_json::from_str(base).unwrap();
    for edit in edits {
        let (pointer, new) = match edit {
            Set(pointer, new) => (pointer.as_str(), Some(new)),
            Remove(pointer) => (*pointer, None),
        };
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = value.pointer_mut(parent).unwrap();
        match (parent, new) {
            (Value::Object(map), Some(new)) => {
                map.insert(key.to_owned(), new.clone());
            }
            (Value::Object(map), None) => {
                map.remove(key).unwrap();
            }
            (Value::Array(items), Some(new)) if key == "-" => items.push(new.clone()),
            (Value::Array(items), Some(new)) => items[key.parse::<usize>().unwrap()] = new.clone(),
            _ => panic!("nothing at {pointer}"),
        }
    }
    serde_json::to_vec_pretty(&value).unwrap()
}

/// The files of an update and its steps, so many of them, each used.
fn many_files(count: usize) -> Vec<Edit> {
    let hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let name = |at: usize| format!("file{at}.bin");
    let files = (0..count)
        .map(|at| json!({ "filename": name(at), "sizeInBytes": 1, "hashes": { "sha256": hash } }));
    let step = |at: usize| json!({ "handler": "contoso/thing:1", "files": [name(at)] });
    let first: Vec<String> = (0..count - 1).map(name).collect();
    let steps = json!([{ "handler": "contoso/thing:1", "files": first }, step(count - 1)]);
    vec![
        Set("/files".into(), files.collect()),
        Set("/instructions/steps".into(), steps),
    ]
}

fn step(files: &Value) -> Vec<Edit> {
    let step = json!({ "type": "inline", "handler": "contoso/thing:1", "files": files });
    set("/instructions/steps/-", step)
}

/// Every rule that a manifest can break by itself, broken once or more.
#[expect(clippy::too_many_lines, reason = "it is a table")]
pub fn broken() -> Vec<Broken> {
    let mut all = Vec::new();
    let mut add = |rule, pointer, schema, base: &str, edits: Vec<Edit>| {
        all.push(Broken {
            rule,
            pointer,
            bytes: edited(base, &edits),
            schema,
        });
    };
    let refuses = Schema::Refuses;
    let remove = |pointer: &'static str| vec![Remove(pointer)];

    // Presence and types.
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
        add("required", pointer, refuses, FULL, remove(pointer));
    }
    for pointer in ["/updateType", "/createdDateTime"] {
        add("required", pointer, Schema::None, V2, remove(pointer));
    }
    for (pointer, schema, value) in [
        ("/updateId", refuses, json!("Contoso/Toaster/1.0")),
        ("/updateId/name", refuses, json!(5)),
        ("/updateId/version", refuses, json!(1.0)),
        ("/description", refuses, json!(["a"])),
        ("/isDeployable", OPEN_ROOT, json!("true")),
        ("/compatibility", refuses, json!({})),
        ("/compatibility", refuses, json!(null)),
        ("/compatibility/0", refuses, json!("Contoso")),
        ("/compatibility/1/hw", refuses, json!(2)),
        ("/instructions", refuses, json!([])),
        ("/instructions/steps", refuses, json!({})),
        (
            "/instructions/steps/0/handlerProperties",
            refuses,
            json!([]),
        ),
        ("/files/0/sizeInBytes", refuses, json!("8")),
        ("/files/0/hashes", refuses, json!("x")),
        ("/files/0/hashes/sha256", refuses, json!(1)),
        ("/files/0/properties", refuses, json!([])),
        (
            "/files/0/downloadHandler",
            refuses,
            json!("microsoft/delta:1"),
        ),
        ("/files/0/relatedFiles/0", refuses, json!(1)),
        ("/createdDateTime", refuses, json!(1_768_803_832)),
    ] {
        add("wrong-type", pointer, schema, FULL, set(pointer, value));
    }
    let one = step(&json!([1]));
    add(
        "wrong-type",
        "/instructions/steps/2/files/0",
        refuses,
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
        add(
            "unknown-key",
            pointer,
            refuses,
            base,
            set(pointer, json!({})),
        );
    }
    add(
        "unknown-root-key",
        "/friendlyName",
        OPEN_ROOT,
        FULL,
        set("/friendlyName", json!("x")),
    );
    add(
        "unknown-root-key",
        "/updateType",
        OPEN_ROOT,
        FULL,
        set("/updateType", json!("x")),
    );
    add(
        "unknown-root-key",
        "/instructions",
        Schema::None,
        V2,
        set("/instructions", json!({})),
    );

    // The manifest as a whole.
    let texts = |pointer: &'static str, value: &str| set(pointer, json!(value));
    let long = |count: usize| "x".repeat(count);
    let (provider, name, version) = ("/updateId/provider", "/updateId/name", "/updateId/version");
    add(
        "manifest-version",
        "/manifestVersion",
        refuses,
        FULL,
        texts("/manifestVersion", "6.0"),
    );
    add("id-length", provider, refuses, FULL, texts(provider, ""));
    add("id-length", name, refuses, FULL, texts(name, &long(65)));
    add(
        "id-characters",
        provider,
        refuses,
        FULL,
        texts(provider, "Contoso Ltd"),
    );
    add("id-characters", name, refuses, FULL, texts(name, "Größe"));
    for bad in ["1.", "v1.0", "1.0-rc1", "", ".1", "1..2"] {
        add(
            "version-format",
            version,
            refuses,
            FULL,
            texts(version, bad),
        );
    }
    add("version-parts", version, refuses, FULL, texts(version, "1"));
    add(
        "version-parts",
        version,
        LOOSE_VERSION,
        FULL,
        texts(version, "1.2.3.4.5"),
    );
    add(
        "version-range",
        version,
        LOOSE_VERSION,
        FULL,
        texts(version, "1.2147483648"),
    );
    add(
        "version-zeros",
        version,
        LOOSE_VERSION,
        FULL,
        texts(version, "01.0"),
    );
    let description = "/description";
    add(
        "description-length",
        description,
        refuses,
        FULL,
        texts(description, ""),
    );
    add(
        "description-length",
        description,
        refuses,
        FULL,
        texts(description, &long(513)),
    );
    for bad in ["today", "", "2026-01-19", "19.01.2026 06:23"] {
        let created = "/createdDateTime";
        add(
            "created-moment",
            created,
            NO_FORMAT,
            FULL,
            texts(created, bad),
        );
    }

    // Compatibility.
    let sets = |count: usize| -> Value {
        let set = |at: usize| json!({ "manufacturer": "Contoso", "model": at.to_string() });
        (0..count).map(set).collect()
    };
    let (all_sets, first) = ("/compatibility", "/compatibility/0");
    add(
        "compatibility-count",
        all_sets,
        refuses,
        FULL,
        set(all_sets, json!([])),
    );
    add(
        "compatibility-count",
        all_sets,
        refuses,
        FULL,
        set(all_sets, sets(11)),
    );
    add(
        "compatibility-properties",
        first,
        refuses,
        FULL,
        set(first, json!({})),
    );
    let six = json!({ "manufacturer": "C", "model": "m", "a": "1", "b": "2", "c": "3", "d": "4" });
    add(
        "compatibility-properties",
        first,
        refuses,
        FULL,
        set(first, six),
    );
    let long_name = "/compatibility/0/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    add(
        "compatibility-name",
        long_name,
        DEAD_NAMES,
        FULL,
        texts(long_name, "1"),
    );
    let model = "/compatibility/0/model";
    add(
        "compatibility-value",
        model,
        refuses,
        FULL,
        texts(model, ""),
    );
    add(
        "compatibility-value",
        model,
        refuses,
        FULL,
        texts(model, &long(65)),
    );
    let same = json!({ "model": "Toaster", "manufacturer": "Contoso" });
    add(
        "compatibility-repeated",
        "/compatibility/1",
        ACROSS,
        FULL,
        set("/compatibility/1", same),
    );
    let mixed = json!({ "manufacturer": "Contoso", "deviceModel": "Toaster" });
    add(
        "compatibility-family",
        first,
        CONTENT,
        FULL,
        set(first, mixed),
    );
    let new = json!({ "manufacturer": "Contoso", "model": "Toaster" });
    add(
        "compatibility-family",
        first,
        Schema::None,
        V2,
        set(first, new),
    );

    // Steps.
    let steps = "/instructions/steps";
    let eleven: Value = (0..11)
        .map(|_| json!({ "handler": "contoso/thing:1", "files": ["sensor.bin"] }))
        .collect();
    add("step-count", steps, refuses, FULL, set(steps, json!([])));
    add("step-count", steps, refuses, CHILD, set(steps, eleven));
    let kind = "/instructions/steps/0/type";
    add("step-type", kind, refuses, FULL, texts(kind, "Inline"));
    let text = "/instructions/steps/1/description";
    add("step-description", text, refuses, FULL, texts(text, ""));
    add(
        "step-description",
        text,
        refuses,
        PARENT,
        texts(text, &long(65)),
    );
    let handler = "/instructions/steps/0/handler";
    add(
        "handler-length",
        handler,
        refuses,
        CHILD,
        texts(handler, "a:1"),
    );
    add(
        "handler-length",
        handler,
        refuses,
        CHILD,
        texts(handler, &format!("a/{}:1", long(29))),
    );
    for bad in [
        "microsoft-script",
        "a/b:123456",
        "contoso/a b:1",
        "contoso/thing",
    ] {
        add(
            "handler-format",
            handler,
            refuses,
            CHILD,
            texts(handler, bad),
        );
    }
    add(
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
        add(
            "handler-internal",
            handler,
            HANDLERS,
            CHILD,
            texts(handler, internal),
        );
    }
    let two = "/instructions/steps/0/files";
    let mut edits = set("/instructions/steps/0/files/-", json!("more.json"));
    let hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let more = json!({ "filename": "more.json", "sizeInBytes": 1, "hashes": { "sha256": hash } });
    edits.push(Set("/files/-".into(), more.clone()));
    add("handler-files", two, HANDLERS, PARENT, edits);
    add(
        "handler-files",
        "/files",
        Schema::None,
        V2,
        set("/files/-", more.clone()),
    );
    add(
        "step-file-count",
        "/instructions/steps/2/files",
        refuses,
        FULL,
        step(&json!([])),
    );
    add(
        "step-file-name",
        "/instructions/steps/2/files/0",
        refuses,
        FULL,
        step(&json!([""])),
    );
    let missing = step(&json!(["Firmware.swu"]));
    add(
        "step-file-missing",
        "/instructions/steps/2/files/0",
        ACROSS,
        FULL,
        missing,
    );
    let twice = step(&json!(["check.sh", "check.sh"]));
    add(
        "step-file-repeated",
        "/instructions/steps/2/files/1",
        ACROSS,
        FULL,
        twice,
    );
    let properties = "/instructions/steps/0/handlerProperties";
    let criteria = "/instructions/steps/0/handlerProperties/installedCriteria";
    add(
        "installed-criteria",
        criteria,
        HANDLERS,
        FULL,
        remove(criteria),
    );
    add(
        "installed-criteria",
        criteria,
        HANDLERS,
        PARENT,
        remove(properties),
    );
    add(
        "installed-criteria",
        criteria,
        HANDLERS,
        V4,
        texts(criteria, " "),
    );
    let criteria = "/installedCriteria";
    add(
        "installed-criteria",
        criteria,
        Schema::None,
        V2,
        remove(criteria),
    );
    let script = "/instructions/steps/1/handlerProperties/scriptFileName";
    add("script-file", script, HANDLERS, FULL, remove(script));
    add(
        "script-file",
        script,
        HANDLERS,
        FULL,
        texts(script, "install.sh"),
    );
    let image = "/instructions/steps/0/handlerProperties/swuFileName";
    add("swu-file", image, HANDLERS, FULL, texts(image, "check.sh"));
    let api = "/instructions/steps/0/handlerProperties/apiVersion";
    add(
        "handler-api-version",
        api,
        HANDLERS,
        FULL,
        texts(api, "2.0"),
    );
    let arguments = "/instructions/steps/1/handlerProperties/arguments";
    add(
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
    add(
        "version-zeros",
        own_id,
        LOOSE_VERSION,
        PARENT,
        texts(own_id, "1.00"),
    );
    edits.push(Set(own_id.into(), json!("2.0")));
    add("reference-self", reference, ACROSS, PARENT, edits);
    let again = json!({ "type": "reference", "updateId": { "provider": "Contoso", "name": "Toaster.Sensor", "version": "1.0" } });
    let repeated = "/instructions/steps/2/updateId";
    add(
        "reference-repeated",
        repeated,
        ACROSS,
        PARENT,
        set("/instructions/steps/-", again),
    );
    let wrong = "/instructions/steps/1/updateId/provider";
    add("id-length", wrong, refuses, PARENT, texts(wrong, ""));
    add("required", reference, refuses, PARENT, remove(reference));

    // Files.
    add("file-count", "/files", refuses, FULL, many_files(11));
    add("files-many", "/files", ACROSS, FULL, many_files(6));
    add("files-needed", "/files", ACROSS, FULL, remove("/files"));
    add(
        "files-needed",
        "/files",
        refuses,
        FULL,
        set("/files", json!(null)),
    );
    add(
        "files-needed",
        "/files",
        Schema::None,
        V2,
        set("/files", json!([])),
    );
    let file = "/files/0/relatedFiles/0/filename";
    add("file-name-length", file, refuses, FULL, texts(file, ""));
    add(
        "file-name-length",
        file,
        refuses,
        FULL,
        texts(file, &long(256)),
    );
    for bad in ["../delta.dat", "a\\b", "..", "C:delta"] {
        add("file-name-path", file, CONTENT, FULL, texts(file, bad));
    }
    add(
        "file-name-unique",
        file,
        ACROSS,
        FULL,
        texts(file, "Firmware.SWU"),
    );
    add(
        "file-name-characters",
        file,
        CONTENT,
        FULL,
        texts(file, "delta é.dat"),
    );
    let size = "/files/0/sizeInBytes";
    for (bad, schema) in [
        (json!(0), refuses),
        (json!(-1), refuses),
        (json!(2_147_483_649_u64), refuses),
        (json!(1.5), LOOSE_NUMBER),
    ] {
        add("file-size", size, schema, FULL, set(size, bad));
    }
    let mut edits = set("/files/0/sizeInBytes", json!(1_200_000_000));
    edits.push(Set("/files/1/sizeInBytes".into(), json!(1_200_000_000)));
    add("file-size-sum", "/files", ACROSS, FULL, edits);
    let hashes = "/files/0/hashes";
    let mut edits = set("/files/0/hashes/md5", json!("x"));
    edits.push(Set("/files/0/hashes/sha1".into(), json!("y")));
    add("hash-count", hashes, refuses, FULL, edits);
    let sha256 = "/files/0/hashes/sha256";
    for bad in [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
        "AAAA",
        "",
    ] {
        add("hash-encoding", sha256, CONTENT, FULL, texts(sha256, bad));
    }
    add(
        "file-unused",
        "/files/3",
        ACROSS,
        FULL,
        set("/files/-", more),
    );
    let related = "/files/0/relatedFiles";
    let five: Value = (0..5)
        .map(|at| {
            let properties = json!({ "microsoft.sourceFileHash": hash, "microsoft.sourceFileHashAlgorithm": "sha256" });
            json!({ "filename": format!("d{at}"), "sizeInBytes": 1, "hashes": { "sha256": hash }, "properties": properties })
        })
        .collect();
    let edits = set(related, five);
    add("related-count", related, refuses, FULL, edits);
    let download = "/files/0/downloadHandler";
    add(
        "download-handler-needed",
        download,
        ACROSS,
        FULL,
        remove(download),
    );
    add(
        "related-needed",
        related,
        ACROSS,
        FULL,
        set(related, json!([])),
    );
    let id = "/files/0/downloadHandler/id";
    add(
        "download-handler-unknown",
        id,
        HANDLERS,
        FULL,
        texts(id, "microsoft/delta:2"),
    );
    add(
        "handler-format",
        id,
        refuses,
        FULL,
        texts(id, "microsoft/delta"),
    );
    add("handler-length", id, refuses, FULL, texts(id, "a"));
    let source = "/files/0/relatedFiles/0/properties/microsoft.sourceFileHash";
    add("delta-source", source, HANDLERS, FULL, remove(source));
    let properties = "/files/0/properties";
    let six = json!({ "a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6" });
    add(
        "property-count",
        properties,
        PROSE,
        FULL,
        set(properties, six),
    );
    add(
        "property-name",
        "/files/0/properties/é",
        PROSE,
        FULL,
        texts("/files/0/properties/é", "1"),
    );
    let value = "/files/0/properties/x";
    add(
        "property-value",
        value,
        PROSE,
        FULL,
        texts(value, &long(257)),
    );
    add(
        "update-type",
        "/updateType",
        Schema::None,
        V2,
        texts("/updateType", "swupdate"),
    );

    // The text.
    let mut raw = |rule, pointer, schema, bytes: Vec<u8>| {
        all.push(Broken {
            rule,
            pointer,
            bytes,
            schema,
        });
    };
    let changed = |from: &str, to: &str| FULL.replacen(from, to, 1).into_bytes();
    raw(
        "byte-order-mark",
        "",
        PARSER,
        [b"\xef\xbb\xbf", FULL.as_bytes()].concat(),
    );
    let twice = changed("\"provider\"", "\"provider\": \"Contoso\", \"provider\"");
    raw("repeated-key", "/updateId/provider", PARSER, twice);
    raw(
        "json",
        "",
        Schema::None,
        changed("\"5.0\"\n}", "\"5.0\",\n}"),
    );
    raw("json", "", Schema::None, b"[]".to_vec());
    raw("json", "", Schema::None, b"\xff\xfe{\x00}\x00".to_vec());
    raw("json", "", Schema::None, Vec::new());
    all
}
