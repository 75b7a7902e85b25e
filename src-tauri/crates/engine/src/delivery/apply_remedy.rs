//! Takes a remedy that a failed job offers: its backend says what the history learns by it, then the
//! job runs again.
//!
//! The backend trusts nobody's word for what it learns so: it compares with the files again.

use firmdrop_core::{Code, Diagnosis, Remedy};

use super::engine::{Engine, elsewhere};
use super::runner::{self, Start};
use crate::journal::Event;
use crate::{JobId, JobState, lock};

impl Engine {
    /// Continues a job that failed because the destination holds its bytes already, with the image
    /// that the failure named. Sends nothing; size and hash are compared. The job ends Verified, or
    /// fails when that image is another one.
    pub async fn use_existing(&self, id: &JobId) -> Result<(), Diagnosis> {
        let wanted = |remedy: &Remedy| matches!(remedy, Remedy::UseExistingImage { .. });
        let why = "It did not fail because the service holds its bytes already.";
        self.apply_remedy(id, wanted, why).await
    }

    /// Continues a job that failed because an unfinished upload has its name, in that upload. What it
    /// holds is compared with the file first; only what is missing is sent, and nothing when they
    /// differ.
    pub async fn adopt_upload_job(&self, id: &JobId) -> Result<(), Diagnosis> {
        let wanted = |remedy: &Remedy| matches!(remedy, Remedy::AdoptUploadJob { .. });
        let why = "It did not fail because an unfinished upload of its bytes has its name.";
        self.apply_remedy(id, wanted, why).await
    }

    /// Takes the first remedy of a failed job that `wanted` accepts and that its backend can apply.
    /// Refused with [`Code::JobCannotDo`] and the reason `why_not` when the job offers none.
    async fn apply_remedy(
        &self,
        id: &JobId,
        wanted: fn(&Remedy) -> bool,
        why_not: &str,
    ) -> Result<(), Diagnosis> {
        let shared = &self.shared;
        let held = lock::try_job(&shared.home, id)
            .map_err(|error| shared.home.not_writable(&error))?
            .ok_or_else(|| elsewhere(id))?;
        // Read after the lock: nobody else changes it now.
        let row = shared.row(id)?;
        let backend = shared.backends.of(&row.plan.destination)?;
        let offered = match &row.state {
            JobState::Failed { diagnosis, .. } => diagnosis.remedies.as_slice(),
            _ => &[],
        };
        let mut offered = offered.iter().filter(|remedy| wanted(remedy));
        let applied = offered
            .find_map(|remedy| backend.apply(remedy))
            .ok_or_else(|| {
                Diagnosis::new(
                    Code::JobCannotDo,
                    format!("Job {id} was left as it is."),
                    why_not,
                )
                .state("Nothing changed.")
            })?;
        let lines = [
            Event::Fact {
                scheme: row.plan.destination.scheme.clone(),
                body: applied.fact,
            },
            Event::Note { note: applied.note },
        ];
        let written = shared.journal.append(id, shared.clock.now(), &lines);
        written.await?;
        shared.journal.take_stop_request(id).await?;
        runner::start(shared, id, &row.plan, held, Start::Again);
        Ok(())
    }
}
