//! Numbers and paths of the vendor's contract that the account itself must know.

/// Largest body of one request, bytes: "less than or equal to 100MiB", vendor's guide "Upload a
/// large firmware image".
pub const LARGEST_REQUEST_BYTES: u64 = 100 * firmdrop_core::MIB;
/// Least length of every chunk but the last, bytes: 5 MiB, the vendor's guide in words.
pub const SMALLEST_MIDDLE_CHUNK_BYTES: u64 = 5 * firmdrop_core::MIB;
/// Most chunks of one upload job: vendor's API reference.
pub const MOST_CHUNKS: usize = 10_000;
/// The simulated account.
pub(crate) const ACCOUNT_ID: &str = "0f1e2d3c4b5a69780f1e2d3c4b5a6978";
/// Where datafiles are downloaded.
pub(crate) const DATAFILES: &str = "/datafiles/";
