//! What the storage account holds and the rules it follows: containers, blobs, blocks, and how all
//! of it is stored between runs.
//!
//! Knows nothing of HTTP: paths, headers and XML are the neighbour's, `http`.

mod account;
mod block;
mod contents;
mod names;
mod part;
mod refusal;
mod saved;

pub(crate) use account::{Account, Conditions, Write};
pub(crate) use block::{BlockKind, Listed};
pub use block::{LARGEST_BLOCK_BYTES, MOST_BLOCKS};
pub(crate) use contents::{Blob, Committed, Container, Properties};
pub(crate) use part::Part;
pub use part::Storage;
pub(crate) use refusal::{Code, Refusal};
