//! Foreign bytes, mutated: nothing panics, hangs or grows without bound. Each target runs some seconds with
//! the other tests, and as long as one likes with `cargo xtask fuzz TARGET --seconds N`.
//!
//! The mutator is seeded: the same seed makes the same inputs. An input that failed is stored in
//! `target/fuzz`, and belongs into the target's seeds once the fault is mended.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says how far it came"
)]

mod harness;
mod http;
mod image;
mod import_manifest;
mod journal;
mod ledger;
mod manifest;
mod mutate;
mod smp;
