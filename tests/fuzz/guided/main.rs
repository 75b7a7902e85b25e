//! The targets of `tests/fuzz` that read bytes and nothing else, changed by libFuzzer: an input that reaches code which
//! no other reached is added to the corpus and changed again. `cargo xtask fuzz TARGET --guided` builds and runs it.

mod harness;
#[path = "../image.rs"]
mod image;
#[path = "../import_manifest.rs"]
mod import_manifest;
#[path = "../ledger.rs"]
mod ledger;
#[path = "../manifest.rs"]
mod manifest;
