//! A reader at a place, as discovery or a contact with it has it.

/// A reader as it is seen at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Key of its place.
    pub(crate) place: String,
    /// The place in words.
    pub(crate) place_name: String,
    /// How it is written.
    pub(crate) destination: String,
    pub(crate) name: String,
    pub(crate) serial: Option<String>,
    pub(crate) simulated: bool,
}
