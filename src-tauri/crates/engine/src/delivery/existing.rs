//! A job whose bytes the service held already, ended with the firmware image that holds them.
//!
//! It trusts nobody's word for that: the image is compared as after an upload of our own.

use firmdrop_core::{Code, Diagnose as _, Diagnosis, Note, NoteKind, Remedy};

use super::engine::{Engine, elsewhere};
use super::runner::{self, Start};
use crate::journal::{Event, RemoteFact};
use crate::{JobId, JobState, lock};

impl Engine {
    /// Goes on with a job that failed because the service holds its bytes already, with the
    /// firmware image that the failure named. Sends nothing; asks for the image and compares size
    /// and SHA-256. The job ends Verified, or fails when the image is not what it was said to be.
    pub fn use_existing(&self, id: &JobId) -> Result<(), Diagnosis> {
        let shared = &self.shared;
        let held = lock::try_job(&shared.home, id)
            .map_err(|error| shared.home.not_writable(&error))?
            .ok_or_else(|| elsewhere(id))?;
        // Read after the lock: nobody else changes it now.
        let row = shared.row(id)?;
        let image_id = existing_image(&row.state).ok_or_else(|| nothing_there(id))?;
        let note = Note::new(NoteKind::Kept, "Uses the firmware image that was there")
            .detail(image_id.to_owned());
        let fact = RemoteFact::FirmwareImage {
            id: image_id.to_owned(),
        };
        let lines = [Event::Remote { fact }, Event::Note { note }];
        shared
            .journal
            .append(id, shared.clock.now(), &lines)
            .and_then(|()| shared.journal.take_wish(id))
            .map_err(|error| error.diagnose())?;
        runner::start(shared, id, &row.plan, held, Start::Again);
        Ok(())
    }
}

/// The firmware image that a failure offers instead of an upload.
fn existing_image(state: &JobState) -> Option<&str> {
    let JobState::Failed { diagnosis } = state else {
        return None;
    };
    diagnosis.remedies.iter().find_map(|remedy| match remedy {
        Remedy::UseExistingImage { image_id } => Some(image_id.as_str()),
        _ => None,
    })
}

fn nothing_there(id: &JobId) -> Diagnosis {
    Diagnosis::new(
        Code::JobCannotDo,
        format!("Job {id} was left as it is."),
        "It did not fail because the service holds its bytes already.",
    )
    .state("Nothing changed.")
}
