//! An image that a finished upload made or should have made, and that the service does not show.

use firmdrop_core::{Code, Diagnosis, Remedy};

/// The service finished the upload job and names no image of it.
pub(super) fn no_image(what_happened: &str, upload_job_id: &str) -> Diagnosis {
    let state = format!(
        "The service says that the upload job {upload_job_id} is finished. Whether it has made a firmware image of it is not known."
    );
    let advice = format!(
        "Resuming asks for the image and sends nothing. Look at the upload job {upload_job_id} as well, and for the name in the list of firmware images. If the image never appears, delete the upload job {upload_job_id}, which has the name, then deliver again."
    );
    let why = "Probably the service still puts the chunks together.";
    Diagnosis::new(Code::ServiceFailed, what_happened, why)
        .state(state)
        .remedy(Remedy::Resume)
        .remedy(Remedy::advice(advice))
}

/// How to look for an image that the service named and does not show.
pub(super) fn not_shown(image_id: &str) -> Remedy {
    Remedy::advice(format!(
        "The service may show it later: resuming asks for it again and sends nothing. Look for the firmware image {image_id} in the account's list; if it was deleted, deliver the file again under another name."
    ))
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Diagnose as _;

    use crate::pelion::upload::UploadError;

    #[test]
    fn an_image_that_is_never_shown_is_named_with_how_to_look_for_it_and_how_to_end_it() {
        let unknown = UploadError::ImageUnknown {
            upload_job_id: "j1".to_owned(),
        };
        let diagnosis = unknown.diagnose();
        assert!(diagnosis.state_now.contains("j1"), "{diagnosis:?}");
        assert!(diagnosis.state_now.contains("not known"), "{diagnosis:?}");
        let advice = format!("{:?}", diagnosis.remedies);
        for word in [
            "Resume",
            "list of firmware images",
            "delete the upload job j1",
        ] {
            assert!(advice.contains(word), "{advice}");
        }
    }
}
