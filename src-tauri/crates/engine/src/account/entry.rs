//! An account as its home holds it, and when its secrets may be used for a changed one.

use firmdrop_core::{Code, Diagnosis, Remedy};
use serde::{Deserialize, Serialize};

use super::secret_place::Place;
use super::{ACCESS_KEY, KeyStorage};

/// An account without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What it is called here.
    pub name: String,
    /// Id of the backend whose account it is; empty in files written before accounts had a kind.
    #[serde(default)]
    pub kind: String,
    /// Address of the service, `https://…`.
    pub host: String,
    /// Proxy.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Additional CA certificates, PEM, trusted besides the system's.
    #[serde(default)]
    pub extra_ca_pem: Option<String>,
    /// Shown with the red frame.
    #[serde(default)]
    pub production: bool,
    /// Part of the simulated world.
    #[serde(default)]
    pub simulated: bool,
    /// Where its secrets lie.
    pub key_storage: KeyStorage,
    /// Names of its secrets; only the access key in files written before there were others.
    #[serde(default = "only_access_key")]
    pub secrets: Vec<String>,
    /// What it is called in the key store; its name unless an account of another kind had that first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_as: Option<String>,
    /// Fields of its own kind.
    #[serde(flatten)]
    pub own: serde_json::Map<String, serde_json::Value>,
}

impl Account {
    /// Where its secrets go, and through what. They are bound to it.
    pub(super) fn has_origin_of(&self, other: &Self) -> bool {
        (&self.kind, &self.host, &self.proxy) == (&other.kind, &other.host, &other.proxy)
            && (&self.extra_ca_pem, &self.own) == (&other.extra_ca_pem, &other.own)
    }

    /// Where its secrets are stored.
    pub(super) fn secret_places(&self) -> impl Iterator<Item = Place<'_>> {
        self.secrets.iter().map(|secret| self.place_of(secret))
    }

    /// Where a secret of it is stored.
    pub(super) fn place_of<'a>(&'a self, secret: &'a str) -> Place<'a> {
        Place {
            account: &self.name,
            stored_as: self.stored_as.as_deref().unwrap_or(&self.name),
            secret,
        }
    }

    /// What nobody else is called: `KIND:NAME`, or the name where the file says no kind.
    pub fn key(&self) -> String {
        if self.kind.is_empty() {
            return self.name.clone();
        }
        format!("{}:{}", self.kind, self.name)
    }

    /// Whether a user means it by this text: its name, or `KIND:NAME`, as its destination is written.
    pub(super) fn is_called(&self, text: &str) -> bool {
        match text.split_once(':') {
            Some((kind, name)) => self.name == name && self.is_of(kind),
            None => self.name == text,
        }
    }

    /// Whether it is of this kind, as far as its file says one.
    pub(super) fn is_of(&self, kind: &str) -> bool {
        self.kind == kind || self.kind.is_empty() || kind.is_empty()
    }

    /// Refuses a change of the account that needs its key again.
    pub fn may_lend_its_key(&self, changed: &Self) -> Result<(), Diagnosis> {
        let why = if self.host != changed.host {
            format!("Its access key was entered for {}.", self.host)
        } else if (&self.proxy, &self.extra_ca_pem) != (&changed.proxy, &changed.extra_ca_pem) {
            "Its access key was entered for another proxy or other certificates.".to_owned()
        } else if !self.has_origin_of(changed) {
            "Its access key was entered for other settings of the account.".to_owned()
        } else if self.production && !changed.production {
            "Taking the production mark away is confirmed with the access key.".to_owned()
        } else {
            return Ok(());
        };
        let what = format!("The account \"{}\" was not changed.", self.name);
        Err(Diagnosis::new(Code::KeyMissing, what, why)
            .titled("Enter the access key again")
            .state("The account is as it was. Nothing was sent.")
            .remedy(Remedy::Advice {
                text: "Enter the access key together with the change.".into(),
            }))
    }
}

pub(super) fn only_access_key() -> Vec<String> {
    vec![ACCESS_KEY.to_owned()]
}
