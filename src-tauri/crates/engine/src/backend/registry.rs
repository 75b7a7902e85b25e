//! The kinds of destination this program knows.

use std::sync::Arc;

use firmdrop_core::{Code, Diagnosis};
use serde_json::{Map, Value};

use super::Backend;
use crate::{Account, Destination, DestinationError};

/// All backends. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Backends(Arc<[Arc<dyn Backend>]>);

impl Backends {
    /// These backends. The first that claims a scheme has it.
    pub fn new(all: Vec<Arc<dyn Backend>>) -> Self {
        Self(all.into())
    }

    /// Every one of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Backend>> {
        self.0.iter()
    }

    /// Reads `SCHEME:ADDRESS` into the canonical destination.
    pub fn parse(&self, text: &str) -> Result<Destination, DestinationError> {
        let wrong = |why: String| DestinationError {
            text: text.chars().take(120).collect(),
            why,
            examples: self.iter().flat_map(|backend| backend.examples()).collect(),
        };
        let (scheme, address) = text
            .split_once(':')
            .ok_or_else(|| wrong("It has no scheme".to_owned()))?;
        let backend = self
            .claiming(scheme)
            .ok_or_else(|| wrong(format!("No kind of destination is called {scheme}")))?;
        backend.parse(scheme, address).map_err(wrong)
    }

    /// The backend of a destination.
    pub fn of(&self, destination: &Destination) -> Result<&Arc<dyn Backend>, Diagnosis> {
        self.claiming(&destination.scheme).ok_or_else(|| {
            Diagnosis::new(
                Code::UnknownDestination,
                format!("{destination} cannot be reached by this Firmdrop."),
                format!(
                    "It knows no destinations of the kind {}.",
                    destination.scheme
                ),
            )
            .state(Diagnosis::NOTHING_SENT)
        })
    }

    /// The backend of this id.
    pub fn named(&self, id: &str) -> Option<&Arc<dyn Backend>> {
        self.iter().find(|backend| backend.id() == id)
    }

    /// The backend of an account.
    pub fn of_account(&self, account: &Account) -> Result<&Arc<dyn Backend>, Diagnosis> {
        let found = match account.kind.as_str() {
            "" => self.iter().find(|backend| backend.adopts_old_accounts()),
            kind => self.named(kind).filter(|backend| backend.has_accounts()),
        };
        found.ok_or_else(|| {
            Diagnosis::new(
                Code::AccountInvalid,
                format!("The account {} cannot be used.", account.name),
                format!(
                    "This Firmdrop knows no accounts of the kind \"{}\".",
                    account.kind
                ),
            )
            .state(Diagnosis::NOTHING_SENT)
        })
    }

    /// Rewrites a plan of a journal of format 1 by the backend it belongs to.
    pub(crate) fn upgrade_plan(&self, plan: &mut Map<String, Value>) -> bool {
        self.iter().any(|backend| backend.upgrade_plan(plan))
    }

    fn claiming(&self, scheme: &str) -> Option<&Arc<dyn Backend>> {
        self.iter().find(|backend| backend.claims(scheme))
    }
}
