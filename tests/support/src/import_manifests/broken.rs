//! A manifest that breaks one rule.

/// What Microsoft's published schema says of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// It refuses it too.
    Refuses,
    /// It accepts it, for this reason.
    Accepts(&'static str),
    /// There is no schema of this version, or the bytes are no JSON.
    None,
}

/// A manifest that breaks one rule.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The rule.
    pub rule: &'static str,
    /// The field.
    pub pointer: &'static str,
    /// The manifest.
    pub bytes: Vec<u8>,
    /// What the schema says of it.
    pub schema: Schema,
}
