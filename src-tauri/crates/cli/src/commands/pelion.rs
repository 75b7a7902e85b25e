//! `pelion`: one command for each operation of the service.

use std::path::Path;
use std::sync::Arc;

use firmdrop_api::pelion::{ListQuery, Operator, Order, Pelion as Client, PelionError, upload};
use firmdrop_api::{Code, Diagnosis};
use firmdrop_core::{Diagnose as _, Md5Hasher};
use firmdrop_engine::FileSource;
use firmdrop_image::Source;
use serde::Serialize;

use super::Context;
use crate::arguments::{Chunks, Images, OfAccount, Page, Pelion, UploadJobs};
use crate::exit::Exit;
use crate::{print, prompt};

pub(super) async fn run(context: &Context, command: Pelion) -> Result<Exit, Diagnosis> {
    match command {
        Pelion::UploadJobs(command) => Box::pin(upload_jobs(context, command)).await,
        Pelion::Chunks(command) => Box::pin(chunks(context, command)).await,
        Pelion::Images(command) => Box::pin(images(context, command)).await,
    }
}

async fn upload_jobs(context: &Context, command: UploadJobs) -> Result<Exit, Diagnosis> {
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
        UploadJobs::List { page, of } => answer(
            client(context, &of)
                .await?
                .upload_jobs(&query(&page)?)
                .await,
        ),
        UploadJobs::Show { id, of } => answer(client(context, &of).await?.upload_job(&id).await),
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
        UploadJobs::Delete { id, yes, of } => {
            let what = format!(
                "Delete the upload job {id} and every chunk it holds? It cannot be undone."
            );
            if !yes && !prompt::confirm(&what)? {
                return Ok(Exit::Cancelled);
            }
            client(context, &of)
                .await?
                .delete_upload_job(&id)
                .await
                .map_err(|error| error.diagnose())?;
            print::done(context.json);
            Ok(Exit::Done)
        }
    }
}

async fn chunks(context: &Context, command: Chunks) -> Result<Exit, Diagnosis> {
    match command {
        Chunks::List { job, page, of } => answer(
            client(context, &of)
                .await?
                .chunks(&job, &query(&page)?)
                .await,
        ),
        Chunks::Show { job, chunk, of } => {
            answer(client(context, &of).await?.chunk(&job, chunk).await)
        }
        Chunks::Append {
            job,
            file: Some(file),
            of,
            ..
        } => {
            let client = client(context, &of).await?;
            append(&client, &job, &file).await
        }
        Chunks::Append {
            job,
            file: None,
            of,
            ..
        } => answer(client(context, &of).await?.finish_upload(&job).await),
    }
}

async fn images(context: &Context, command: Images) -> Result<Exit, Diagnosis> {
    match command {
        Images::List { page, of } => answer(
            client(context, &of)
                .await?
                .firmware_images(&query(&page)?)
                .await,
        ),
        Images::Show { id, of } => answer(client(context, &of).await?.firmware_image(&id).await),
        Images::Delete { id, yes, of } => {
            let what = format!("Delete the firmware image {id}? It cannot be undone.");
            if !yes && !prompt::confirm(&what)? {
                return Ok(Exit::Cancelled);
            }
            client(context, &of)
                .await?
                .delete_firmware_image(&id)
                .await
                .map_err(|error| error.diagnose())?;
            print::done(context.json);
            Ok(Exit::Done)
        }
    }
}

/// Appends a whole file as one chunk. Once: what happened after an unknown answer is seen in the
/// list of chunks.
async fn append(client: &Client, job: &str, file: &Path) -> Result<Exit, Diagnosis> {
    let source = Arc::new(FileSource::open(file)?);
    let bytes: Arc<dyn Source> = Arc::clone(&source) as _;
    let length_bytes = source.len();
    let mut md5 = Md5Hasher::default();
    let mut buffer = vec![0; 256 * 1024];
    let mut offset = 0;
    while offset < length_bytes {
        let count = source
            .read_at(offset, &mut buffer)
            .map_err(|error| source.read_failure(&error))?;
        md5.update(buffer.get(..count).unwrap_or_default());
        offset += count as u64;
    }
    let body = upload::body_of(&bytes, 0, length_bytes);
    answer(
        client
            .append_chunk(job, body, md5.finish())
            .await
            .map(|(chunk, _)| chunk),
    )
}

async fn client(context: &Context, of: &OfAccount) -> Result<Client, Diagnosis> {
    context.firmdrop.engine().pelion(&of.account).await
}

/// The service's answer, in its own words.
fn answer(answer: Result<impl Serialize, PelionError>) -> Result<Exit, Diagnosis> {
    print::json(&answer.map_err(|error| error.diagnose())?);
    Ok(Exit::Done)
}

fn query(page: &Page) -> Result<ListQuery, Diagnosis> {
    let mut query = ListQuery::default();
    if let Some(limit) = page.limit {
        query = query.limit(u32::from(limit));
    }
    if let Some(after) = &page.after {
        query = query.after(after);
    }
    if page.newest_first {
        query.order = Order::Descending;
    }
    for condition in &page.filter {
        let (field, operator, value) = parse_condition(condition)?;
        query = query.filter(field, operator, value);
    }
    Ok(query)
}

/// Reads `name__eq=gate`, `status__neq=completed`, `name=gate`.
fn parse_condition(text: &str) -> Result<(&str, Operator, &str), Diagnosis> {
    let wrong = |why: &str| {
        Diagnosis::new(
            Code::ServiceRefused,
            format!("\"{text}\" is no condition."),
            why,
        )
        .titled("The filter cannot be read")
        .state("Nothing was asked.")
    };
    let (left, value) = text
        .split_once('=')
        .ok_or_else(|| wrong("It has no equals sign."))?;
    let (field, operator) = left.rsplit_once("__").unwrap_or((left, "eq"));
    let operator = match operator {
        "eq" => Operator::Equal,
        "neq" => Operator::NotEqual,
        "in" => Operator::In,
        "nin" => Operator::NotIn,
        "lte" => Operator::AtMost,
        "gte" => Operator::AtLeast,
        _ => return Err(wrong("The operators are eq, neq, in, nin, lte and gte.")),
    };
    Ok((field, operator, value))
}
