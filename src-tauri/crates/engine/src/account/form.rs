//! What an account of one kind needs, as data: every face makes its form from it.

use std::collections::BTreeMap;

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
    /// The values it may have; none when any text may be entered.
    pub choices: Vec<FormChoice>,
    /// It is used only when another field has one of some values.
    pub only_when: Option<FormCondition>,
}

/// One value that a field may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FormChoice {
    /// The value, as accounts hold it.
    pub value: String,
    /// What it is called.
    pub label: String,
}

/// When a field is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FormCondition {
    /// Key of the other field.
    pub field: String,
    /// The values with which this one is used.
    pub is_one_of: Vec<String>,
}

impl AccountForm {
    /// Whether a field is used by an account with these fields. A field that is not entered has its
    /// usual value.
    pub fn uses(&self, field: &FormField, fields: &BTreeMap<String, String>) -> bool {
        let Some(condition) = &field.only_when else {
            return true;
        };
        let mut all = self.fields.iter();
        let other = all.find(|other| other.key == condition.field);
        let usual = other.and_then(|other| other.usual.as_ref());
        let value = fields.get(&condition.field).or(usual);
        value.is_some_and(|value| condition.is_one_of.contains(value))
    }
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
            choices: Vec::new(),
            only_when: None,
        }
    }

    /// A field that may stay empty.
    pub fn optional(key: &str, label: &str) -> Self {
        Self {
            required: false,
            ..Self::required(key, label)
        }
    }

    /// With the values it may have, each with what it is called.
    #[must_use]
    pub fn choices(mut self, choices: &[(&str, &str)]) -> Self {
        let choice = |(value, label): &(&str, &str)| FormChoice {
            value: (*value).to_owned(),
            label: (*label).to_owned(),
        };
        self.choices = choices.iter().map(choice).collect();
        self
    }

    /// Used only when another field has one of these values.
    #[must_use]
    pub fn only_when(mut self, field: &str, is_one_of: &[&str]) -> Self {
        self.only_when = Some(FormCondition {
            field: field.to_owned(),
            is_one_of: is_one_of.iter().map(|&value| value.to_owned()).collect(),
        });
        self
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_used_when_the_other_one_has_its_value_or_has_it_by_default() {
        let way = FormField::required("sign_in", "Sign in with")
            .usual("secret")
            .choices(&[("secret", "A secret"), ("browser", "The browser")]);
        let secret = FormField::required("client_secret", "Client secret");
        let form = AccountForm {
            kind: "cloud".into(),
            title: String::new(),
            hint: String::new(),
            host: FormField::required("host", "Address"),
            fields: vec![way],
            secrets: vec![secret.only_when("sign_in", &["secret"])],
        };
        let entered = |value: Option<&str>| {
            let value = value.map(|value| ("sign_in".to_owned(), value.to_owned()));
            form.uses(&form.secrets[0], &value.into_iter().collect())
        };
        assert!(entered(None) && entered(Some("secret")));
        assert!(!entered(Some("browser")));
        assert!(form.uses(&form.fields[0], &BTreeMap::new()));
    }
}
