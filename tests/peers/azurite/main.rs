//! Microsoft's storage emulator, Azurite, takes what Firmdrop stages: blocks that resume, addresses
//! that only read, names of any kind; and Microsoft's Python client sees what is left.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod addresses;
mod resume;
mod signed_in;
mod trouble;
mod world;
