//! Which entries of a list, which devices of a campaign: conditions, their text, their encoding.
//!
//! It asks the service nothing and matches nothing: only the service knows its devices.

mod attributes;
mod condition;
mod encoding;
mod error;
mod parts;
mod text;

pub use attributes::{AttributeKind, Collection, FilterAttribute, attributes};
pub use condition::{Filter, Operator};
pub(super) use encoding::{decoded_whole, percent_encoded};
pub use error::{FilterError, FilterWarning};
pub(super) use parts::parts;
pub use text::FilterText;
