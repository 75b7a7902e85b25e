//! `pelion upload-jobs`.

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::Collection;

use super::answer::{answer, done};
use super::arguments::{Confirmed, Listed, One, UploadJobs};
use super::client::client;
use super::query::query;
use crate::context::Context;
use crate::exit::Exit;

pub(super) async fn run(context: &Context, command: UploadJobs) -> Result<Exit, Diagnosis> {
    match command {
        UploadJobs::Create {
            name,
            description,
            of,
        } => {
            let description = description.unwrap_or_default();
            answer(
                client(context, &of)
                    .await?
                    .create_upload_job(&name, &description)
                    .await,
            )
        }
        UploadJobs::List(Listed { page, of }) => answer(
            client(context, &of)
                .await?
                .upload_jobs(&query(&page, Collection::UploadJobs)?)
                .await,
        ),
        UploadJobs::Show(One { id, of }) => {
            answer(client(context, &of).await?.upload_job(&id).await)
        }
        UploadJobs::Update {
            id,
            name,
            description,
            of,
        } => {
            let client = client(context, &of).await?;
            answer(
                client
                    .update_upload_job(&id, name.as_deref(), description.as_deref())
                    .await,
            )
        }
        UploadJobs::Delete(Confirmed { id, yes, of }) => {
            let what = format!(
                "Delete the upload job {id} and every chunk it holds? It cannot be undone."
            );
            if let Err(exit) = context.may(yes, &what) {
                return Ok(exit);
            }
            let client = client(context, &of).await?;
            done(context, client.delete_upload_job(&id).await)
        }
    }
}
