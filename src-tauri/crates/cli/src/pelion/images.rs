//! `pelion images`.

use std::path::Path;
use std::sync::Arc;

use firmdrop_api::FileSource;
use firmdrop_api::pelion::{
    Collection, NewImage, Pelion as Client, SINGLE_POST_BELOW_BYTES, upload,
};
use firmdrop_api::{Code, Diagnosis, Remedy};
use firmdrop_core::grouped;
use firmdrop_image::Source;

use super::answer::{answer, done};
use super::arguments::{Confirmed, Images, Listed, One};
use super::client::client;
use super::query::query;
use crate::context::Context;
use crate::exit::Exit;

pub(super) async fn run(context: &Context, command: Images) -> Result<Exit, Diagnosis> {
    match command {
        Images::List(Listed { page, of }) => answer(
            client(context, &of)
                .await?
                .firmware_images(&query(&page, Collection::FirmwareImages)?)
                .await,
        ),
        Images::Show(One { id, of }) => {
            answer(client(context, &of).await?.firmware_image(&id).await)
        }
        Images::Create {
            file,
            name,
            description,
            of,
        } => {
            let client = client(context, &of).await?;
            create(&client, &file, name, description).await
        }
        Images::Delete(Confirmed { id, yes, of }) => {
            let what = format!("Delete the firmware image {id}? It cannot be undone.");
            if let Err(exit) = context.may(yes, &what) {
                return Ok(exit);
            }
            let client = client(context, &of).await?;
            done(context, client.delete_firmware_image(&id).await)
        }
    }
}

/// Sends a whole file in one request. Once: what happened after an unknown answer is seen in the
/// list of images.
async fn create(
    client: &Client,
    file: &Path,
    name: Option<String>,
    description: Option<String>,
) -> Result<Exit, Diagnosis> {
    let source: Arc<dyn Source> = Arc::new(FileSource::open(file)?);
    let length_bytes = source.len();
    if length_bytes >= SINGLE_POST_BELOW_BYTES {
        let length = grouped(length_bytes);
        let what = format!("The file {} has {length} bytes.", file.display());
        return Err(Diagnosis::new(
            Code::TooLarge,
            what,
            "In one request the service takes files below 100 MiB.",
        )
        .titled("The file is too large for one request")
        .state("Nothing was sent.")
        .remedy(Remedy::Advice {
            text: "Use `deliver`, which sends it in chunks.".into(),
        }));
    }
    let file_name = file.file_name().map_or_else(
        || "image.bin".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let image = NewImage {
        name: name.as_deref().unwrap_or(&file_name),
        description: description.as_deref().unwrap_or_default(),
        file_name: &file_name,
    };
    let body = upload::body_of(&source, 0, length_bytes);
    answer(client.post_firmware_image(image, body).await)
}
