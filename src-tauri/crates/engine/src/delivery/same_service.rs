//! Whether the account of a job still leads to where the job was planned for and begun.
//!
//! An account is named, and its address may be changed while a job waits, is paused or has failed. What one
//! service holds is not at another one, and a number that was confirmed for one fleet says nothing of another.

use firmdrop_core::{Code, Diagnose as _, Diagnosis, Note, NoteKind, Remedy};

use super::runner::Run;
use crate::backend::moving_to;
use crate::journal::Event;
use crate::{Account, Backend, Ended, History, Impact, Plan};

/// An account that leads elsewhere by now.
#[derive(Debug)]
struct MovedAccount {
    account: Account,
    /// Where the job was begun, or was planned for.
    before: String,
    /// Where the account leads now.
    now: String,
}

impl Run {
    /// Ends a job whose account leads to another service than the one that holds a part of it, or than the
    /// one that its plan was confirmed for. A job of which no service holds a part goes to the new address.
    pub(super) async fn ensure_same_service(&self, backend: &dyn Backend) -> Result<(), Ended> {
        self.events.settled().await;
        let history = self.shared.history(&self.id);
        let Some(elsewhere) = self.elsewhere(backend, &history) else {
            return Ok(());
        };
        if backend.may_hold_something(&history) {
            let held = self.state_now().await;
            return Err(Ended::resumable(elsewhere.holds_a_part(&held)));
        }
        if elsewhere.needs_another_plan(&self.plan) {
            return Err(Ended::failed(elsewhere.planned_for_another()));
        }
        let lines = [
            moving_to(&self.plan.destination.scheme, &elsewhere.now),
            Event::Note {
                note: elsewhere.note(),
            },
        ];
        // Without these lines a resume would take the new address for the old one.
        let written = self.events.record(&lines).await;
        written.map_err(|error| Ended::resumable(error.diagnose()))
    }

    /// Whether what a cancelled job left can be removed: not at another service. Says so when it cannot.
    pub(super) fn may_remove(&self, backend: &dyn Backend, history: &History) -> bool {
        let Some(MovedAccount { before, now, .. }) = self.elsewhere(backend, history) else {
            return true;
        };
        let note = Note::new(NoteKind::Warning, "What the job left was not removed");
        let note = note.detail(format!(
            "It is at {before}, and the account leads to {now} now."
        ));
        self.events.give(&[Event::Note { note }]);
        false
    }

    fn elsewhere(&self, backend: &dyn Backend, history: &History) -> Option<MovedAccount> {
        let planned = self.plan.account_address.as_deref()?;
        let before = history.moved_to().unwrap_or(planned);
        let account = self.shared.account(backend, &self.plan.destination)?;
        let now = backend.address_of(&account);
        let plain = |address: &str| address.trim_end_matches('/').to_ascii_lowercase();
        (plain(before) != plain(&now)).then(|| MovedAccount {
            account,
            before: before.to_owned(),
            now,
        })
    }
}

impl MovedAccount {
    /// What a person confirmed was about the other service: its devices, its encryption, its mark.
    fn needs_another_plan(&self, plan: &Plan) -> bool {
        let is_plain = |address: &str| address.starts_with("http://");
        plan.impact == Impact::Fleet
            || self.account.production && !plan.production
            || is_plain(&self.now) && !is_plain(&self.before)
    }

    fn diagnosis(&self) -> Diagnosis {
        let Self {
            account,
            before,
            now,
        } = self;
        let what = format!(
            "The account {} leads to another service than this delivery.",
            account.name
        );
        let why = format!("The delivery is for {before}; the account leads to {now} now.");
        Diagnosis::new(Code::AccountInvalid, what, why).titled("The account leads elsewhere")
    }

    fn holds_a_part(&self, held: &str) -> Diagnosis {
        let Self {
            account,
            before,
            now,
        } = self;
        self.diagnosis()
            .state(format!("Nothing was sent to {now}. Of {before}: {held}"))
            .remedy(Remedy::EditAccount {
                account: account.name.clone(),
            })
            .remedy(Remedy::Advice {
                text: format!("Set the address back to {before} and resume the job, or deliver the file again to send it to {now}."),
            })
    }

    fn planned_for_another(&self) -> Diagnosis {
        self.diagnosis()
            .state(format!("Nothing was sent to {}.", self.now))
            .remedy(Remedy::PlanAgain)
    }

    fn note(&self) -> Note {
        let Self { before, now, .. } = self;
        let note = Note::new(NoteKind::Warning, "The account leads to another address");
        note.detail(format!(
            "It was {before}, where no part of the file was stored, and is {now}."
        ))
    }
}
