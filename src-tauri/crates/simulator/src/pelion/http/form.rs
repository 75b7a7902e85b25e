//! The parts of a multipart form.

use axum::extract::multipart::{Field, MultipartError};

use crate::pelion::state::Refusal;

/// Longest text part that is read, bytes; ours: 2000 characters fit in it.
const LARGEST_TEXT_BYTES: usize = 16 * 1024;

/// Reads a part whole; nothing when it is larger than `most` bytes.
pub(crate) async fn bytes(part: &mut Field<'_>, most: usize) -> Result<Option<Vec<u8>>, Refusal> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + piece.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Some(bytes))
}

pub(crate) async fn text(part: &mut Field<'_>) -> Result<String, Refusal> {
    let bytes = bytes(part, LARGEST_TEXT_BYTES).await?;
    let bytes = bytes.ok_or_else(|| Refusal::bad_request("A text part is too long."))?;
    String::from_utf8(bytes).map_err(|_| Refusal::bad_request("A text part is not UTF-8."))
}

pub(crate) fn check_file_name(
    name: &'static str,
    part: &Field<'_>,
    most: usize,
) -> Result<(), Refusal> {
    if part.file_name().unwrap_or_default().chars().count() <= most {
        return Ok(());
    }
    let message = format!("The file name is longer than {most} characters.");
    Err(Refusal::invalid(name, message))
}

pub(crate) fn broken(error: &MultipartError) -> Refusal {
    Refusal::bad_request(format!("The form cannot be read: {error}."))
}
