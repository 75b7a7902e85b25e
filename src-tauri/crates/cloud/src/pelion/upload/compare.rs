//! The last word: is the service's firmware image our file?

use firmdrop_core::{Outcome, ProofMethod};

use super::{
    UploadError, Whose, find,
    judge::{Comparison, judge},
    phases, renamed,
    run::Run,
};
use crate::pelion::changed_name::may_be_ours;

/// Asks for the image and compares it.
pub(super) async fn compare(run: &mut Run<'_>, image_id: &str) -> Result<Outcome, UploadError> {
    run.phase(phases::COMPARE);
    run.held.firmware_image_id = Some(image_id.to_owned());
    let mut image = find::image(run, image_id).await?;
    let mut checks = run.checks_for_details();
    // The checksum is computed after the bytes were stored: it may come a little later.
    while (image.datafile_checksum.is_empty() || image.datafile_size.is_none())
        && run.wait_for_next_check(&mut checks).await?
    {
        image = find::image(run, image_id).await?;
    }
    renamed::note_name(run, &image.name);
    match judge(&image, &run.request.expected) {
        Comparison::Same => {
            run.written(run.record.image_compared(&image).await)?;
            Ok(Outcome::verified(
                ProofMethod::RemoteSizeAndSha256,
                format!(
                    "The firmware image {image_id} has {} bytes and the SHA-256 of this file, {}.",
                    firmdrop_core::grouped(run.request.expected.size_bytes),
                    run.request.expected.sha256
                ),
            ))
        }
        Comparison::Unproven(reason) => Ok(Outcome::sent(reason)),
        Comparison::Different(difference) => Err(UploadError::RemoteDiffers {
            image_id: image_id.to_owned(),
            difference,
            whose: whose(run, image.name),
        }),
    }
}

/// Whose image it is, as far as its name and what was sent say it.
fn whose(run: &Run<'_>, name: String) -> Whose {
    if !may_be_ours(&name, &run.request.name) {
        return Whose::Another { name };
    }
    match &run.held.upload_job_id {
        Some(id) if run.held.bytes < run.held.total_bytes => Whose::FinishedEarly {
            upload_job_id: id.clone(),
        },
        _ => Whose::Ours,
    }
}
