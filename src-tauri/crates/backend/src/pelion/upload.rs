//! Uploads the image into a Pelion account, and rolls it out when there is a campaign.

use std::sync::Arc;

use firmdrop_cloud::pelion::Pelion;
use firmdrop_cloud::pelion::upload::{
    self, Chunking, UploadError, UploadRecord as _, UploadRequest, UploadState,
};
use firmdrop_core::{Code, Diagnose as _, Diagnosis, Note, NoteKind, Outcome, Remedy};
use firmdrop_engine::{Ended, JobContext};

use super::facts::{rollout_state, upload_state};
use super::record::Record;
use super::rollout::{state_now, unproved};
use super::{PelionOptions, PlannedCampaign, Waits, client, rollout};

/// What a delivery needs before the service is asked for anything.
struct Prepared {
    pelion: Pelion,
    campaign: Option<PlannedCampaign>,
    /// `None` when the image was uploaded and compared: its file is not needed any more.
    upload: Option<(UploadRequest, UploadState)>,
}

/// The upload, and the rollout when there is a campaign. An image that was compared before is not
/// compared again: the campaign names its address.
pub(super) async fn run(context: &JobContext, waits: Waits) -> Ended {
    let Prepared {
        pelion,
        campaign,
        upload,
    } = match prepare(context, waits).await {
        Ok(prepared) => prepared,
        Err(diagnosis) => return not_prepared(context, diagnosis).await,
    };
    let record = Record {
        context,
        has_campaign: campaign.is_some(),
    };
    if let Some((request, state)) = upload {
        let events = context.events();
        let uploading = upload::upload(&pelion, &request, state, &record, &*events, context.stop());
        match (Box::pin(uploading).await, &campaign) {
            (Ok(Outcome::Sent { reason }), Some(_)) => return Ended::resumable(unproved(&reason)),
            (Ok(Outcome::Verified { .. }), Some(_)) => {}
            (Err(UploadError::SameImageExists { image_id, .. }), Some(_)) => {
                if let Err(diagnosis) = take_over(record, &pelion, &image_id).await {
                    return Ended::resumable(diagnosis);
                }
            }
            (Ok(outcome), None) => return Ended::Done(outcome),
            (Err(UploadError::Stopped { .. }), _) => {
                return Ended::Stopped {
                    state_now: state_now(context).await,
                };
            }
            (Err(error), _) if error.is_resumable() => return Ended::resumable(error),
            (Err(error), _) => return Ended::failed(error),
        }
    }
    match &campaign {
        // The upload wrote the image's address down.
        Some(campaign) => {
            Box::pin(rollout::run(
                context,
                record,
                &pelion,
                campaign,
                waits.watch_policy,
            ))
            .await
        }
        None => Ended::resumable(unproved("The plan has no campaign.")),
    }
}

/// Nothing was asked for. What an earlier run left with the service is there for a later one.
async fn not_prepared(context: &JobContext, diagnosis: Diagnosis) -> Ended {
    let history = context.history().await.unwrap_or_default();
    let names = super::remote_state::remote_state(context.plan(), &history).names;
    if diagnosis.code == Code::FileChanged || diagnosis.remedies.contains(&Remedy::PlanAgain) {
        return Ended::failed(diagnosis);
    }
    if names.is_empty() && !diagnosis.remedies.contains(&Remedy::Resume) {
        return Ended::failed(diagnosis);
    }
    Ended::resumable(diagnosis)
}

async fn prepare(context: &JobContext, waits: Waits) -> Result<Prepared, Diagnosis> {
    let plan = context.plan();
    let options = PelionOptions::read(&plan.options)?;
    let campaign = PlannedCampaign::of(plan)?;
    same_world(context)?;
    let history = context.history().await?;
    let is_uploaded = rollout_state(&history).image_url.is_some();
    let source = if is_uploaded {
        None
    } else {
        Some(context.open_file(0).await?)
    };
    let pelion = client(context.accounts(), &plan.destination.address)
        .await?
        .with_settling(waits.settles_within);
    let chunking = match options.chunk_bytes {
        Some(chunk_bytes) => Chunking::Fixed { chunk_bytes },
        None => Chunking::Auto {
            first_bytes: context.last_piece_bytes(),
        },
    };
    let now = context.clock().now();
    let upload = source.map(|source| {
        let request = UploadRequest {
            source: source as Arc<_>,
            expected: plan.image().expected,
            name: plan.image_name().to_owned(),
            description: plan.options.description.clone().unwrap_or_default(),
            file_name: upload::form_file_name(&plan.image().file_name),
            chunking,
        };
        (request, upload_state(&history, now))
    });
    Ok(Prepared {
        pelion,
        campaign,
        upload,
    })
}

/// An account of the same name may have become a real one, or a simulated one, since it was planned.
fn same_world(context: &JobContext) -> Result<(), Diagnosis> {
    let plan = context.plan();
    let account = context.accounts().get(&plan.destination.to_string())?;
    if account.simulated == plan.simulated {
        return Ok(());
    }
    let (planned, now) = if plan.simulated {
        ("the simulated world", "a real account")
    } else {
        ("a real account", "the simulated world")
    };
    Err(Diagnosis::new(
        Code::AccountInvalid,
        format!("{} is not the account that was planned.", account.name),
        format!("It was {planned} when the delivery was planned, and is {now} now."),
    )
    .state("Nothing was sent to it.")
    .remedy(Remedy::PlanAgain))
}

/// An earlier rollout, or somebody else, brought these very bytes: devices may fetch them there.
async fn take_over(record: Record<'_>, pelion: &Pelion, image_id: &str) -> Result<(), Diagnosis> {
    let failed = |diagnosis: Diagnosis| {
        diagnosis.state(format!("The service holds the firmware image {image_id}."))
    };
    let image = pelion.firmware_image(image_id).await;
    let image = image.map_err(|error| failed(error.diagnose()))?;
    record.context.events().note(
        Note::new(NoteKind::Kept, "The service already holds these bytes")
            .detail(format!("The firmware image {image_id} is used as it is.")),
    );
    let written = match record.image_known(image_id).await {
        Ok(()) => record.image_compared(&image).await,
        Err(error) => Err(error),
    };
    written.map_err(|error| {
        let what = "The firmware image was not taken over.";
        failed(Diagnosis::new(Code::HomeNotWritable, what, error.0).remedy(Remedy::FreeSpace))
    })
}
