//! A firmware image that is not our file: how it came about, and what to do.

use firmdrop_core::{Code, Diagnosis, Remedy};

/// What is known of how an image came about that is not our file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// It was made of what this upload sent.
    Ours,
    /// It is called otherwise, so it is not of this upload.
    Another {
        /// Its name.
        name: String,
    },
    /// The upload job was finished before everything was sent.
    FinishedEarly {
        /// The upload job.
        upload_job_id: String,
    },
}

/// What is said of it.
pub(super) fn differs(what_happened: &str, image_id: &str, whose: &Whose) -> Diagnosis {
    let because = |why: &str| Diagnosis::new(Code::RemoteDiffers, what_happened, why);
    match whose {
        Whose::Another { name } => because(&format!(
            "The service answered with the firmware image \"{name}\", which is not of this upload."
        ))
        .state("Whether the service stored the file is not known.")
        .remedy(Remedy::advice(
            "Check whether the list of firmware images has the file.",
        ))
        .remedy(Remedy::PlanAgain),
        Whose::FinishedEarly { upload_job_id } => because(
            "The upload job was finished before everything was sent, and not by this delivery. Probably another program or another person did it.",
        )
        .state(format!(
            "The firmware image {image_id} is stored, is not the whole file, and must not be rolled out."
        ))
        .remedy(Remedy::advice(format!(
            "Delete the firmware image {image_id} and the upload job {upload_job_id}, then deliver again."
        )))
        .remedy(Remedy::PlanAgain),
        Whose::Ours => because("The service stored something else than it was sent.")
            .state(format!(
                "The firmware image {image_id} is stored and must not be rolled out."
            ))
            .remedy(Remedy::PlanAgain)
            .remedy(Remedy::advice(format!(
                "Delete the firmware image {image_id} and inform the service's support."
            ))),
    }
}
