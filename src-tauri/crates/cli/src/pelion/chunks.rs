//! `pelion chunks`.

use std::path::Path;
use std::sync::Arc;

use firmdrop_api::Diagnosis;
use firmdrop_api::FileSource;
use firmdrop_api::pelion::{Collection, Pelion as Client, upload};
use firmdrop_core::Md5Hasher;
use firmdrop_image::Source;

use super::answer::answer;
use super::arguments::Chunks;
use super::client::client;
use super::query::query;
use crate::context::Context;
use crate::exit::Exit;

pub(super) async fn run(context: &Context, command: Chunks) -> Result<Exit, Diagnosis> {
    match command {
        Chunks::List { job, page, of } => answer(
            client(context, &of)
                .await?
                .chunks(&job, &query(&page, Collection::Chunks)?)
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
