//! The text itself, before it is read as JSON.

use super::{broken::Schema, good::FULL, published::PARSER, table::Table};

pub(super) fn break_rules(table: &mut Table) {
    let changed = |from: &str, to: &str| FULL.replacen(from, to, 1).into_bytes();
    table.raw(
        "byte-order-mark",
        "",
        PARSER,
        [b"\xef\xbb\xbf", FULL.as_bytes()].concat(),
    );
    let twice = changed("\"provider\"", "\"provider\": \"Contoso\", \"provider\"");
    table.raw("repeated-key", "/updateId/provider", PARSER, twice);
    table.raw(
        "json",
        "",
        Schema::None,
        changed("\"5.0\"\n}", "\"5.0\",\n}"),
    );
    table.raw("json", "", Schema::None, b"[]".to_vec());
    table.raw("json", "", Schema::None, b"\xff\xfe{\x00}\x00".to_vec());
    table.raw("json", "", Schema::None, Vec::new());
}
