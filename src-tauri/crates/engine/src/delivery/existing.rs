//! A job whose name the service held already, gone on with what holds it: a firmware image with the
//! same bytes, or an unfinished upload job with the beginning of them.
//!
//! It trusts nobody's word for that: both are compared with the file again.

use firmdrop_core::{Code, Diagnosis, Note, NoteKind, Remedy};

use super::engine::{Engine, elsewhere};
use super::pelion_fact::{self, RemoteFact};
use super::runner::{self, Start};
use crate::journal::Event;
use crate::{JobId, JobState, lock};

impl Engine {
    /// Goes on with a job that failed because the service holds its bytes already, with the
    /// firmware image that the failure named. Sends nothing; asks for the image and compares size
    /// and SHA-256. The job ends Verified, or fails when the image is not what it was said to be.
    pub async fn use_existing(&self, id: &JobId) -> Result<(), Diagnosis> {
        let why = "It did not fail because the service holds its bytes already.";
        self.go_on_with(id, existing_image, why).await
    }

    /// Goes on with a job that failed because an unfinished upload job has its name, in that upload
    /// job. Asks for its chunks first and compares them with the file; sends only what is missing,
    /// and nothing when they differ by now.
    pub async fn adopt_upload_job(&self, id: &JobId) -> Result<(), Diagnosis> {
        let why = "It did not fail because an unfinished upload of its bytes has its name.";
        self.go_on_with(id, unfinished_upload, why).await
    }

    /// Writes down what a failure offers, as if an earlier run had learned it, and runs the job.
    async fn go_on_with(
        &self,
        id: &JobId,
        offered: Offered,
        why_not: &str,
    ) -> Result<(), Diagnosis> {
        let shared = &self.shared;
        let held = lock::try_job(&shared.home, id)
            .map_err(|error| shared.home.not_writable(&error))?
            .ok_or_else(|| elsewhere(id))?;
        // Read after the lock: nobody else changes it now.
        let row = shared.row(id)?;
        let (fact, note) = offer(&row.state, offered).ok_or_else(|| {
            Diagnosis::new(
                Code::JobCannotDo,
                format!("Job {id} was left as it is."),
                why_not,
            )
            .state("Nothing changed.")
        })?;
        let lines = [pelion_fact::line(&fact), Event::Note { note }];
        let written = shared.journal.append(id, shared.clock.now(), &lines);
        written.await?;
        shared.journal.take_stop_request(id).await?;
        runner::start(shared, id, &row.plan, held, Start::Again);
        Ok(())
    }
}

/// What a remedy offers to go on with, and how the history tells it.
type Offered = fn(&Remedy) -> Option<(RemoteFact, Note)>;

fn offer(state: &JobState, offered: Offered) -> Option<(RemoteFact, Note)> {
    let JobState::Failed { diagnosis } = state else {
        return None;
    };
    diagnosis.remedies.iter().find_map(offered)
}

fn existing_image(remedy: &Remedy) -> Option<(RemoteFact, Note)> {
    let Remedy::UseExistingImage { image_id: id } = remedy else {
        return None;
    };
    let note = Note::new(NoteKind::Kept, "Uses the firmware image that was there");
    Some((
        RemoteFact::FirmwareImage { id: id.clone() },
        note.detail(id.clone()),
    ))
}

fn unfinished_upload(remedy: &Remedy) -> Option<(RemoteFact, Note)> {
    let Remedy::AdoptUploadJob { upload_job_id: id } = remedy else {
        return None;
    };
    let note = Note::new(NoteKind::Kept, "Adopts the upload job that was there");
    Some((
        RemoteFact::UploadJob { id: id.clone() },
        note.detail(id.clone()),
    ))
}
