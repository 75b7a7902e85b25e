//! The files.

use serde_json::{Value, json};

use super::{
    broken::Schema,
    edit::{EMPTY, Edit::Set, long, many_files, one_more_file, remove, set, texts},
    good::{FULL, V2},
    published::{ACROSS, CONTENT, HANDLERS, LOOSE_NUMBER, PROSE},
    table::Table,
};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn break_rules(table: &mut Table) {
    table.add(
        "file-count",
        "/files",
        Schema::Refuses,
        FULL,
        many_files(11),
    );
    table.add("files-many", "/files", ACROSS, FULL, many_files(6));
    table.add("files-needed", "/files", ACROSS, FULL, remove("/files"));
    table.add(
        "files-needed",
        "/files",
        Schema::Refuses,
        FULL,
        set("/files", json!(null)),
    );
    table.add(
        "files-needed",
        "/files",
        Schema::None,
        V2,
        set("/files", json!([])),
    );
    let file = "/files/0/relatedFiles/0/filename";
    table.add(
        "file-name-length",
        file,
        Schema::Refuses,
        FULL,
        texts(file, ""),
    );
    table.add(
        "file-name-length",
        file,
        Schema::Refuses,
        FULL,
        texts(file, &long(256)),
    );
    for bad in ["../delta.dat", "a\\b", "..", "C:delta"] {
        table.add("file-name-path", file, CONTENT, FULL, texts(file, bad));
    }
    table.add(
        "file-name-unique",
        file,
        ACROSS,
        FULL,
        texts(file, "Firmware.SWU"),
    );
    table.add(
        "file-name-characters",
        file,
        CONTENT,
        FULL,
        texts(file, "delta é.dat"),
    );
    let size = "/files/0/sizeInBytes";
    for (bad, schema) in [
        (json!(0), Schema::Refuses),
        (json!(-1), Schema::Refuses),
        (json!(2_147_483_649_u64), Schema::Refuses),
        (json!(1.5), LOOSE_NUMBER),
    ] {
        table.add("file-size", size, schema, FULL, set(size, bad));
    }
    let mut edits = set("/files/0/sizeInBytes", json!(1_200_000_000));
    edits.push(Set("/files/1/sizeInBytes".into(), json!(1_200_000_000)));
    table.add("file-size-sum", "/files", ACROSS, FULL, edits);
    let hashes = "/files/0/hashes";
    let mut edits = set("/files/0/hashes/md5", json!("x"));
    edits.push(Set("/files/0/hashes/sha1".into(), json!("y")));
    table.add("hash-count", hashes, Schema::Refuses, FULL, edits);
    let twice = "/files/0/hashes/SHA256";
    table.add("repeated-key", twice, ACROSS, FULL, texts(twice, EMPTY));
    let sha256 = "/files/0/hashes/sha256";
    for bad in [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
        "AAAA",
        "",
    ] {
        table.add("hash-encoding", sha256, CONTENT, FULL, texts(sha256, bad));
    }
    table.add(
        "file-unused",
        "/files/3",
        ACROSS,
        FULL,
        set("/files/-", one_more_file()),
    );
    let related = "/files/0/relatedFiles";
    let five: Value = (0..5)
        .map(|at| {
            let properties = json!({ "microsoft.sourceFileHash": EMPTY, "microsoft.sourceFileHashAlgorithm": "sha256" });
            json!({ "filename": format!("d{at}"), "sizeInBytes": 1, "hashes": { "sha256": EMPTY }, "properties": properties })
        })
        .collect();
    let edits = set(related, five);
    table.add("related-count", related, Schema::Refuses, FULL, edits);
    let download = "/files/0/downloadHandler";
    table.add(
        "download-handler-needed",
        download,
        ACROSS,
        FULL,
        remove(download),
    );
    table.add(
        "related-needed",
        related,
        ACROSS,
        FULL,
        set(related, json!([])),
    );
    let id = "/files/0/downloadHandler/id";
    table.add(
        "handler-unknown",
        id,
        HANDLERS,
        FULL,
        texts(id, "Microsoft/delta:1"),
    );
    table.add(
        "download-handler-unknown",
        id,
        HANDLERS,
        FULL,
        texts(id, "microsoft/delta:2"),
    );
    table.add(
        "handler-format",
        id,
        Schema::Refuses,
        FULL,
        texts(id, "microsoft/delta"),
    );
    table.add("handler-length", id, Schema::Refuses, FULL, texts(id, "a"));
    let source = "/files/0/relatedFiles/0/properties/microsoft.sourceFileHash";
    table.add("delta-source", source, HANDLERS, FULL, remove(source));
    table.add(
        "delta-source-hash",
        source,
        HANDLERS,
        FULL,
        texts(
            source,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
    );
    let algorithm = "/files/0/relatedFiles/0/properties/microsoft.sourceFileHashAlgorithm";
    table.add(
        "delta-source-hash",
        algorithm,
        HANDLERS,
        FULL,
        texts(algorithm, "SHA-256"),
    );
    let properties = "/files/0/properties";
    let six = json!({ "a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6" });
    table.add(
        "property-count",
        properties,
        PROSE,
        FULL,
        set(properties, six),
    );
    table.add(
        "property-name",
        "/files/0/properties/é",
        PROSE,
        FULL,
        texts("/files/0/properties/é", "1"),
    );
    let value = "/files/0/properties/x";
    table.add(
        "property-value",
        value,
        PROSE,
        FULL,
        texts(value, &long(257)),
    );
    table.add(
        "update-type",
        "/updateType",
        Schema::None,
        V2,
        texts("/updateType", "swupdate"),
    );
}
