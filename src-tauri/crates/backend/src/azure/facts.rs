//! What a delivery to Device Update writes into its job's journal.

use std::time::Duration;

use firmdrop_cloud::azure::deploying::{DeployFact, DeployState};
use firmdrop_cloud::azure::importing::{ImportFact, ImportState};
use firmdrop_core::Moment;
use firmdrop_engine::{Entry, History, PieceState};
use serde::{Deserialize, Serialize};

/// One fact: of the import, or of the deployment after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Fact {
    Import(ImportFact),
    Deploy(DeployFact),
}

/// What earlier runs of a job wrote down about its import.
pub(super) fn import_state(history: &History, now: Moment) -> ImportState {
    let mut state = ImportState::default();
    for (at, entry) in history.timed_entries() {
        match entry {
            Entry::Fact(body) => {
                if let Ok(fact) = ImportFact::deserialize(body) {
                    // When a process died is not known: its request counts as just given up.
                    let given_up = history.run_ended_after(at).unwrap_or(now);
                    state.learn(&fact, since(given_up, now));
                }
            }
            Entry::Piece(piece) if piece.state == PieceState::Confirmed => {
                let file = usize::try_from(piece.file).unwrap_or(usize::MAX);
                if let Some(file) = state.staging.files.get_mut(file) {
                    file.confirmed_bytes = file.confirmed_bytes.saturating_add(piece.length_bytes);
                }
            }
            Entry::Piece(_) | Entry::PhaseBegan(_) => {}
        }
    }
    state
}

/// What earlier runs of a job wrote down about its deployment.
pub(super) fn deploy_state(history: &History) -> DeployState {
    let mut state = DeployState::default();
    for fact in history.facts::<DeployFact>() {
        state.learn(&fact);
    }
    state
}

/// The deployment's id, once it was about to be started.
pub(super) fn deployment_id(history: &History) -> Option<String> {
    let mut facts = history.facts::<DeployFact>();
    facts.find_map(|fact| match fact {
        DeployFact::Starting { deployment_id } => Some(deployment_id),
        DeployFact::Refused | DeployFact::Started => None,
    })
}

/// Whether blobs of the job may be in the storage.
pub(super) fn leaves_something(history: &History) -> bool {
    let state = import_state(history, Moment::from_millisecond(0));
    !state.staging.files.is_empty()
}

fn since(then: Moment, now: Moment) -> Duration {
    let passed = now.as_millisecond().saturating_sub(then.as_millisecond());
    Duration::from_millis(u64::try_from(passed).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn history(facts: &[Value]) -> History {
        facts.iter().map(Entry::Fact).collect()
    }

    #[test]
    fn a_job_that_named_blobs_leaves_something_until_they_are_deleted() {
        let named = json!({ "import": "named", "files": [
            { "blob": "a/b", "size_bytes": 1, "block_bytes": 1 } ] });
        let cleaned = json!({ "import": "cleaned_up" });
        assert!(!leaves_something(&history(&[])));
        assert!(leaves_something(&history(std::slice::from_ref(&named))));
        assert!(!leaves_something(&history(&[named, cleaned])));
    }

    #[test]
    fn facts_of_import_and_deployment_are_told_apart() {
        let facts = [
            json!({ "import": "requesting" }),
            json!({ "deploy": "starting", "deployment_id": "d" }),
            json!({ "deploy": "started" }),
        ];
        let history = history(&facts);
        let import = import_state(&history, Moment::from_millisecond(0));
        assert!(import.requested_ago.is_some() && !import.accepted);
        assert!(deploy_state(&history).started);
        assert_eq!(deployment_id(&history).as_deref(), Some("d"));
        for fact in facts {
            let read: Fact = serde_json::from_value(fact.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), fact);
        }
    }
}
