//! Fields of the manifest as a whole.

use super::{
    broken::Schema,
    edit::{long, texts},
    good::FULL,
    published::{LOOSE_VERSION, NO_FORMAT},
    table::Table,
};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn break_rules(table: &mut Table) {
    let (provider, name, version) = ("/updateId/provider", "/updateId/name", "/updateId/version");
    table.add(
        "manifest-version",
        "/manifestVersion",
        Schema::Refuses,
        FULL,
        texts("/manifestVersion", "6.0"),
    );
    table.add(
        "id-length",
        provider,
        Schema::Refuses,
        FULL,
        texts(provider, ""),
    );
    table.add(
        "id-length",
        name,
        Schema::Refuses,
        FULL,
        texts(name, &long(65)),
    );
    table.add(
        "id-characters",
        provider,
        Schema::Refuses,
        FULL,
        texts(provider, "Contoso Ltd"),
    );
    table.add(
        "id-characters",
        name,
        Schema::Refuses,
        FULL,
        texts(name, "Größe"),
    );
    for bad in ["1.", "v1.0", "1.0-rc1", "", ".1", "1..2"] {
        table.add(
            "version-format",
            version,
            Schema::Refuses,
            FULL,
            texts(version, bad),
        );
    }
    table.add(
        "version-parts",
        version,
        Schema::Refuses,
        FULL,
        texts(version, "1"),
    );
    table.add(
        "version-parts",
        version,
        LOOSE_VERSION,
        FULL,
        texts(version, "1.2.3.4.5"),
    );
    table.add(
        "version-range",
        version,
        LOOSE_VERSION,
        FULL,
        texts(version, "1.2147483648"),
    );
    table.add(
        "version-zeros",
        version,
        LOOSE_VERSION,
        FULL,
        texts(version, "01.0"),
    );
    let description = "/description";
    table.add(
        "description-length",
        description,
        Schema::Refuses,
        FULL,
        texts(description, ""),
    );
    table.add(
        "description-length",
        description,
        Schema::Refuses,
        FULL,
        texts(description, &long(513)),
    );
    for bad in ["today", "", "2026-01-19", "19.01.2026 06:23"] {
        let created = "/createdDateTime";
        table.add(
            "created-moment",
            created,
            NO_FORMAT,
            FULL,
            texts(created, bad),
        );
    }
}
