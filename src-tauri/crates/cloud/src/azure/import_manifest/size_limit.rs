//! How long a manifest may be.

/// Longest manifest that is read, bytes. Ten steps and ten files with four related ones need some
/// kibibytes; the rest is room for the properties of handlers.
pub const MOST_BYTES: usize = 1024 * 1024;
