//! The part of a plan that says what the service holds already. It only asks; a service that cannot be
//! asked is no obstacle to a plan, which then says so.

use std::collections::BTreeMap;
use std::time::Duration;

use firmdrop_cloud::azure::import_manifest::{self, KnownUpdate, compatibility};
use firmdrop_cloud::azure::importing::{Held, Holdings, ImportError, UpdateContent, holdings};
use firmdrop_cloud::azure::{Update, UpdateId};
use firmdrop_core::{Diagnose as _, Diagnosis};
use firmdrop_engine::Plan;

use super::account::Connected;
use super::gather::Gathered;

/// How long a plan waits for the answer. Ours: somebody looks at it.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);

/// What was asked about, and the answer.
pub(super) struct HeldCheck {
    contents: Vec<UpdateContent>,
    /// The answer, or why there is none.
    answer: Result<Holdings, String>,
}

/// Asks the service what it holds of these updates. Never fails: without an answer the plan says so.
pub(super) async fn check(account: &Connected, gathered: &Gathered) -> HeldCheck {
    let contents = contents(gathered);
    let held = tokio::time::timeout(ANSWERS_WITHIN, holdings(&account.service, &contents)).await;
    let answer = match held {
        Ok(Ok(holdings)) => Ok(holdings),
        Ok(Err(error)) => Err(error.diagnose().what_happened),
        Err(_) => Err(format!(
            "It gave no answer within {} s.",
            ANSWERS_WITHIN.as_secs()
        )),
    };
    HeldCheck { contents, answer }
}

fn contents(gathered: &Gathered) -> Vec<UpdateContent> {
    let updates = gathered.updates.iter();
    let content = |update: &super::gather::GatheredUpdate| {
        let files = update.files.iter().filter_map(|name| {
            let file = gathered.files.get(name.file)?;
            Some((name.name.clone(), file.expected))
        });
        let id = &update.manifest.update_id;
        UpdateContent {
            id: UpdateId {
                provider: id.provider.clone(),
                name: id.name.clone(),
                version: id.version.clone(),
            },
            files: files.collect(),
        }
    };
    updates.map(content).collect()
}

impl HeldCheck {
    /// Every update that the service holds, as manifests name them; `None` when it did not say.
    pub(super) fn known(&self) -> Option<Vec<KnownUpdate>> {
        let all = self.answer.as_ref().ok()?.all.as_ref()?;
        let known = |update: &Update| {
            let id = &update.update_id;
            let sets = update.compatibility.iter();
            let set = |set: &BTreeMap<String, String>| {
                compatibility(set.iter().map(|(name, value)| (&**name, &**value)))
            };
            KnownUpdate {
                id: import_manifest::UpdateId::new(&id.provider, &id.name, &id.version),
                compatibility: sets.map(set).collect(),
            }
        };
        Some(all.iter().map(known).collect())
    }

    /// Leaves out the updates that the service holds with these files, but the first: an import in which
    /// one is there already would be refused whole.
    pub(super) fn leave_out_held(&self, gathered: &mut Gathered) {
        let Ok(holdings) = &self.answer else {
            return;
        };
        if !holdings.updates.contains(&Held::No) {
            return;
        }
        let mut held = holdings.updates.iter().enumerate();
        gathered.updates.retain(|_| {
            let is_held = held
                .next()
                .is_some_and(|(at, held)| at > 0 && *held == Held::Same);
            !is_held
        });
    }

    /// Says it in the plan. Fails when the service holds other files under one of the versions: the
    /// import could only be refused.
    pub(super) fn add_to(&self, plan: &mut Plan) -> Result<(), Diagnosis> {
        match &self.answer {
            Ok(holdings) => add_findings(plan, &self.contents, holdings),
            Err(why) => {
                let it = match &self.contents[..] {
                    [one] => one.id.to_string(),
                    _ => "one of these updates".to_owned(),
                };
                let text = format!("Whether the service holds {it} already is not known. {why}");
                plan.risks.insert(0, text);
                Ok(())
            }
        }
    }
}

/// Puts the answer into the plan, or refuses.
fn add_findings(
    plan: &mut Plan,
    contents: &[UpdateContent],
    holdings: &Holdings,
) -> Result<(), Diagnosis> {
    let nothing_is_sent = !holdings.updates.contains(&Held::No);
    let mut first = Vec::new();
    for (at, (content, held)) in contents.iter().zip(&holdings.updates).enumerate() {
        let id = &content.id;
        match held {
            Held::No => {}
            Held::Same if nothing_is_sent => {
                first.push(format!("The service holds {id} already, with these files."));
            }
            // It stays in the import: what is deployed, and what refers to the others, comes first.
            Held::Same if at == 0 => first.push(format!(
                "The service holds {id} already, with these files, and may refuse the import for it."
            )),
            Held::Same => first.push(format!(
                "The service holds {id} already, with these files: it is not imported again."
            )),
            Held::NotSaid(what) => first.push(format!(
                "The service holds {id} already and does not say {what}: that these are its files is not proved."
            )),
            Held::Other(difference) => {
                let error = ImportError::VersionTaken {
                    id: id.clone(),
                    difference: difference.clone(),
                };
                return Err(error.diagnose());
            }
        }
    }
    if nothing_is_sent {
        first.push("No file will be sent.".to_owned());
    }
    if !first.is_empty() {
        plan.risks.insert(0, first.join(" "));
    }
    Ok(())
}
