//! The texts a person gives: names and descriptions, and how long they may be.

use serde::Deserialize;

use super::refusal::Refusal;

/// Longest name, characters: vendor's API reference.
const LONGEST_NAME: usize = 128;
/// Longest description, characters: vendor's API reference.
const LONGEST_DESCRIPTION: usize = 2000;
/// Largest JSON body that is read, bytes; ours: both texts fit in it several times over.
pub(super) const LARGEST_JSON_BYTES: usize = 64 * 1024;

/// Name and description as a JSON body or form fields give them.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Texts {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
}

impl Texts {
    /// Reads a JSON object; keys it does not know are left alone.
    pub(super) fn from_json(body: &[u8]) -> Result<Self, Refusal> {
        let texts: Self = serde_json::from_slice(body)
            .map_err(|error| Refusal::bad_request(format!("The body cannot be read: {error}.")))?;
        texts.checked()
    }

    pub(super) fn checked(self) -> Result<Self, Refusal> {
        let too_long = |text: &Option<String>, most: usize| {
            text.as_ref()
                .is_some_and(|text| text.chars().count() > most)
        };
        if too_long(&self.name, LONGEST_NAME) {
            return Err(Refusal::invalid("name", "Longer than 128 characters."));
        }
        if too_long(&self.description, LONGEST_DESCRIPTION) {
            return Err(Refusal::invalid(
                "description",
                "Longer than 2000 characters.",
            ));
        }
        Ok(self)
    }
}
