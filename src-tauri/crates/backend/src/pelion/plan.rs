//! The plan of an upload, and of the campaign after it.

use firmdrop_cloud::pelion::upload;
use firmdrop_core::{Code, Diagnosis, ProofMethod, Remedy, grouped};
use firmdrop_engine::{ImageFile, Impact, Plan, PlanRequest};

use super::options::{LONGEST_DESCRIPTION, LONGEST_NAME, PelionOptions, check_length};
use super::risk::NAME_MUST_BE_FREE;
use super::{campaign_planner, destination};

pub(super) async fn plan(request: PlanRequest<'_>) -> Result<Plan, Diagnosis> {
    let options = PelionOptions::read(request.options)?;
    let image = request.files.only().ok_or_else(too_many_files)?;
    let mut plan = upload_plan(&request, image, &options)?;
    if let Some(campaign) = &options.campaign {
        campaign_planner::add(&mut plan, &request, campaign).await?;
    }
    if request.options.address.is_some() {
        let unused = "The address is not used: the service stores the file as it is.";
        plan.risks.push(unused.into());
    }
    Ok(plan)
}

fn upload_plan(
    request: &PlanRequest<'_>,
    image: &ImageFile,
    options: &PelionOptions,
) -> Result<Plan, Diagnosis> {
    let account = request.accounts.get(&request.destination.to_string())?;
    let name = request
        .options
        .name
        .clone()
        .unwrap_or_else(|| image.file_name.clone());
    check_length("name", &name, LONGEST_NAME)?;
    let description = request.options.description.as_deref().unwrap_or("");
    check_length("description", description, LONGEST_DESCRIPTION)?;
    let expected = &image.expected;
    let phases = upload::phases(expected, upload::Chunking::from(options.chunk_bytes));
    let many = phases.iter().any(|phase| phase.key == "send_chunks");
    let mut plan = Plan::new(
        request.files.clone(),
        destination(&account.name),
        request.options.clone(),
        Impact::Upload,
    );
    plan.destination_name = account.name;
    plan.simulated = account.simulated;
    plan.production = account.production;
    plan.remote_name = Some(name);
    plan.phases = phases;
    plan.risks = vec![
        NAME_MUST_BE_FREE.into(),
        if many {
            "If the connection breaks, the service holds the chunks it confirmed, and the upload continues with the next one.".into()
        } else {
            "If the connection breaks before the response, the name is looked up at the service before anything is sent again.".into()
        },
    ];
    plan.verified_by = Some(ProofMethod::RemoteSizeAndSha256);
    plan.verified_when = format!(
        "The remote copy has {} bytes and the SHA-256 {}.",
        grouped(expected.size_bytes),
        expected.sha256.short()
    );
    plan.if_stopped = if many {
        "The service holds the chunks it confirmed. A resume continues with the next one.".into()
    } else {
        "The service stores the whole image or nothing of it. A resume checks which before it sends.".into()
    };
    Ok(plan)
}

fn too_many_files() -> Diagnosis {
    Diagnosis::new(
        Code::DoesNotFit,
        "Several files were not planned as one delivery.",
        "A firmware image of the service is one file.",
    )
    .state("Nothing was sent.")
    .remedy(Remedy::Advice {
        text: "Deliver the files one by one.".into(),
    })
}
