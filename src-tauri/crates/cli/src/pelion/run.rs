//! Chooses the command of the service.

use firmdrop_api::Diagnosis;

use super::arguments::Pelion;
use super::{campaigns, chunks, devices, events, groups, images, manifests, queries, upload_jobs};
use crate::context::Context;
use crate::exit::Exit;

pub(crate) async fn run(context: &Context, command: Pelion) -> Result<Exit, Diagnosis> {
    match command {
        Pelion::UploadJobs(command) => Box::pin(upload_jobs::run(context, command)).await,
        Pelion::Chunks(command) => Box::pin(chunks::run(context, command)).await,
        Pelion::Images(command) => Box::pin(images::run(context, command)).await,
        Pelion::Manifests(command) => Box::pin(manifests::run(context, command)).await,
        Pelion::Campaigns(command) => Box::pin(campaigns::run(context, command)).await,
        Pelion::Devices(command) => Box::pin(devices::run(context, command)).await,
        Pelion::Queries(command) => Box::pin(queries::run(context, command)).await,
        Pelion::Groups(command) => Box::pin(groups::run(context, command)).await,
        Pelion::Events(command) => Box::pin(events::run(context, command)).await,
    }
}
