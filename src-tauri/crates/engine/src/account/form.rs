//! What an account of one kind needs, as data: every face makes its form from it.

use serde::Serialize;

/// The form of an account. Name, proxy, certificates and the production mark belong to every
/// account and are not repeated here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AccountForm {
    /// Id of the kind, as accounts hold it.
    pub kind: String,
    /// What the service is called.
    pub title: String,
    /// What an account of it is, in a sentence.
    pub hint: String,
    /// Address of the service.
    pub host: FormField,
    /// Fields of its own kind, stored with the account.
    pub fields: Vec<FormField>,
    /// Secrets, stored in the key store.
    pub secrets: Vec<FormField>,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FormField {
    /// Its name in files and on a command line: small letters and underscores.
    pub key: String,
    /// Its label.
    pub label: String,
    /// What belongs into it; may be empty.
    pub hint: String,
    /// What is taken when nothing is entered.
    pub usual: Option<String>,
    /// Whether an account needs it.
    pub required: bool,
}

impl FormField {
    /// A field that an account needs.
    pub fn required(key: &str, label: &str) -> Self {
        Self {
            key: key.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
            usual: None,
            required: true,
        }
    }

    /// With what belongs into it.
    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        hint.clone_into(&mut self.hint);
        self
    }

    /// With what is taken when nothing is entered.
    #[must_use]
    pub fn usual(mut self, usual: &str) -> Self {
        self.usual = Some(usual.to_owned());
        self
    }
}
