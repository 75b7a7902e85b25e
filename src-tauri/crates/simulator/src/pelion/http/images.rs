//! Firmware images: upload in one request, list, view, delete, and download as a device would.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Body,
    extract::{
        FromRequest as _, Multipart, Path, RawQuery, Request, State, multipart::Field as Part,
    },
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use firmdrop_core::{Sha256, Sha256Hasher};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use super::{
    body::created,
    form::{broken, check_file_name, text},
    list::Listing,
    shared::Shared,
};
use crate::fault::Corruptions;
use crate::pelion::state::{
    DATAFILES, Id, LARGEST_REQUEST_BYTES, Refusal, StoredImage, StoredPart, Texts, disk,
    filter::Field,
};

/// Longest file name of the `datafile` part, characters: vendor's API reference.
const LONGEST_FILE_NAME: usize = 166;
/// How much of a datafile is read at once for a download, bytes.
const DOWNLOAD_PIECE_BYTES: usize = 64 * 1024;

static FIELDS: [Field; 9] = [
    Field::text("id"),
    Field::text("name"),
    Field::text("description"),
    Field::text("datafile"),
    Field::text("datafile_checksum"),
    Field::number("datafile_size", false),
    Field::moment("created_at"),
    Field::moment("updated_at"),
    Field::moment("etag"),
];

fn json_of(shared: &Shared, image: &StoredImage, wrong_checksum: bool) -> Value {
    let checksum = if wrong_checksum {
        Sha256::of(image.sha256.as_bytes())
    } else {
        image.sha256
    };
    json!({
        "object": "firmware-image",
        // Only the guide shows it; the API reference does not know it.
        "completed": true,
        "id": image.id,
        "name": image.name,
        "description": image.description,
        "datafile": format!("http://{}{DATAFILES}{}", shared.address, image.id),
        // For devices that pay for every byte of their manifest.
        "short_datafile": format!("{DATAFILES}{}", image.id),
        "datafile_encryption": false,
        "datafile_checksum": checksum,
        "datafile_size": image.size_bytes,
        "created_at": image.created_at.to_string(),
        "updated_at": image.created_at.to_string(),
        "etag": image.created_at.to_string(),
    })
}

/// The `datafile` part after it was taken in.
struct Datafile {
    size_bytes: u64,
    sha256: Sha256,
    part: Option<StoredPart>,
}

pub(crate) async fn upload(
    State(shared): State<Arc<Shared>>,
    Extension(corruptions): Extension<Corruptions>,
    request: Request,
) -> Result<Response, Refusal> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| Refusal::bad_request("The body is no multipart/form-data."))?;
    let mut texts = Texts::default();
    let mut datafile = None;
    while let Some(mut part) = form.next_field().await.map_err(|error| broken(&error))? {
        match part.name().unwrap_or_default() {
            "name" => texts.name = Some(text(&mut part).await?),
            "description" => texts.description = Some(text(&mut part).await?),
            "datafile" => datafile = Some(receive(&shared, &mut part).await?),
            _ => drop(text(&mut part).await?),
        }
    }
    let texts = texts.checked()?;
    let datafile = datafile.ok_or_else(|| Refusal::invalid("datafile", "This part is missing."))?;
    let image = store(&shared, texts, datafile).await?;
    let location = format!("/v3/firmware-images/{}", image.id);
    Ok(created(
        &location,
        json_of(&shared, &image, corruptions.checksum),
    ))
}

async fn store(shared: &Arc<Shared>, texts: Texts, file: Datafile) -> Result<StoredImage, Refusal> {
    let shared = Arc::clone(shared);
    // On a thread of its own: storing is not undone half-way when the connection goes.
    let stored = tokio::task::spawn_blocking(move || {
        let mut account = shared.account();
        let name = texts.name.as_deref().unwrap_or_default();
        if shared.refuse_taken_image_name && account.name_is_taken(name) {
            let message = "A firmware image or an upload job of this name exists.";
            return Err(Refusal::conflict(message));
        }
        account.add_image(texts, file.size_bytes, file.sha256, file.part.as_ref())
    });
    stored
        .await
        .map_err(|_| Refusal::failed("Storing the image failed."))?
}

async fn receive(shared: &Shared, part: &mut Part<'_>) -> Result<Datafile, Refusal> {
    check_file_name("datafile", part, LONGEST_FILE_NAME)?;
    let name = shared.account().next_id();
    let mut sink = shared
        .storage
        .sink(&name, 0)
        .await
        .map_err(|error| disk(&error))?;
    let mut sha256 = Sha256Hasher::default();
    let mut size_bytes = 0;
    while let Some(piece) = part.chunk().await.map_err(|error| broken(&error))? {
        size_bytes += piece.len() as u64;
        if size_bytes >= LARGEST_REQUEST_BYTES {
            let message = "A file of 100 MiB or more needs an upload job.";
            return Err(Refusal::too_large(message));
        }
        sha256.update(&piece);
        sink.write(&piece).await.map_err(|error| disk(&error))?;
    }
    let part = sink.close().await.map_err(|error| disk(&error))?;
    if size_bytes == 0 {
        return Err(Refusal::invalid("datafile", "The file is empty."));
    }
    Ok(Datafile {
        size_bytes,
        sha256: sha256.finish(),
        part,
    })
}

pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(corruptions): Extension<Corruptions>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let listing = Listing::read(query.as_deref(), &FIELDS)?;
    let account = shared.account();
    let images = account.images.values();
    listing
        .page(images.map(|image| json_of(&shared, image, corruptions.checksum)))
        .map(Json)
}

pub(crate) async fn view(
    State(shared): State<Arc<Shared>>,
    Extension(corruptions): Extension<Corruptions>,
    Path(image): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let account = shared.account();
    let image = account.image(&image)?;
    Ok(Json(json_of(&shared, image, corruptions.checksum)))
}

pub(crate) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(image): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.account().delete_image(&image)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The bytes of an image or of a manifest, as a device asks for them.
pub(crate) async fn download(
    State(shared): State<Arc<Shared>>,
    Path(image): Path<String>,
) -> Result<Response, Refusal> {
    if let Some(manifest) = manifest_bytes(&shared, &image) {
        let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
        return Ok((kind, manifest).into_response());
    }
    let image = shared.account().image(&image)?.clone();
    let opened = shared
        .storage
        .open(&image.id)
        .await
        .map_err(|error| disk(&error))?;
    let file =
        opened.ok_or_else(|| Refusal::not_found("The datafile (only its hash was stored)"))?;
    let pieces = futures::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; DOWNLOAD_PIECE_BYTES];
        let length = file.read(&mut piece).await?;
        piece.truncate(length);
        Ok::<_, std::io::Error>((length > 0).then_some((piece, file)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, image.size_bytes.to_string()),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

fn manifest_bytes(shared: &Shared, id: &str) -> Option<Vec<u8>> {
    let account = shared.account();
    let manifest = account.manifests.get(&Id::read(id)?)?;
    Some(manifest.bytes.clone())
}
