//! What follows a piece that a reader refuses, answers as nobody may, or does not answer.
//!
//! Its list is asked first: it may hold the whole image, or have forgotten the upload in a restart. Nothing is
//! sent here.

use firmdrop_core::grouped;
use firmdrop_link::LinkError;

use super::{
    failure::Failure,
    left,
    load::{self, Load},
    packet::Answer,
    refusal::{RESTART_AND_RESUME, Refusal},
    session::Session,
    which,
};
use crate::{LeftState, LoadError};

/// How a piece failed.
#[derive(Debug)]
pub(super) enum PieceFailure {
    /// It was refused.
    Refused(Refusal),
    /// The answer was one that the protocol does not allow: "The reader answered …".
    Answered(String),
    /// It was answered so often, and byte `wanted` is wanted again.
    NotStored { answers: u32, wanted: u64 },
    /// Nothing came for too long.
    Silence(LinkError),
}

/// Why sending stopped.
pub(super) enum Stop {
    /// The link failed, or the reader was silent for a while: it may be opened again.
    Link(LinkError),
    /// A piece failed, the way did not.
    Piece(PieceFailure),
    /// Nothing can be done about it.
    Load(LoadError),
}

impl From<LinkError> for Stop {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

/// The offset in an answer to a piece of an image of this size, or what the reader answered instead.
pub(super) fn offset(answer: &Answer, size_bytes: u64) -> Result<u64, &'static str> {
    if answer.fields.get("off").is_none() {
        return Err("a piece without an offset");
    }
    let offset = answer.fields.number("off");
    let offset = offset.ok_or("a piece with an offset that is no number of bytes")?;
    if offset > size_bytes {
        return Err("a piece with an offset that is not in the image");
    }
    Ok(offset)
}

/// How far the upload is.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what was seen does not exclude each other"
)]
pub(super) struct UploadState {
    /// Bytes that the reader confirmed.
    pub(super) confirmed: u64,
    /// The last piece was sent at least once.
    pub(super) end_was_sent: bool,
    /// The reader answered a piece over this link.
    pub(super) begun: bool,
    /// The upload may be begun again when the reader has forgotten it: it was not yet.
    pub(super) may_begin_again: bool,
    /// The reader was silent, or its link away, since it took something.
    pub(super) interrupted: bool,
}

/// What is done now.
pub(super) enum Next {
    /// Nothing: the reader lists the whole image.
    Stored,
    /// The image goes from its start: the reader knows nothing of the upload any more.
    FromStart,
}

/// Asks the reader what it holds after a piece that failed so.
pub(super) async fn next(
    load: &Load<'_>,
    session: &mut Session,
    failure: PieceFailure,
    standing: UploadState,
) -> Result<Next, LoadError> {
    let unasked = || left::in_upload(load.mode, standing.confirmed);
    let listed = tokio::select! {
        biased;
        () = load.context.cancel.cancelled() => return Err(load::stopped(&unasked())),
        listed = load.images(session) => listed,
    };
    let (images, failure) = match (listed, failure) {
        (Ok(images), failure) => (images, failure),
        // Silent to this too.
        (Err(_), PieceFailure::Silence(error)) => {
            return Err(Failure::Link(error).leaving(unasked()));
        }
        (Err(_), failure) => {
            let state = left::upload_failed(load.mode, None, load.image, standing.confirmed);
            return Err(words(failure, standing, state));
        }
    };
    if standing.end_was_sent && load.is_stored(&images) {
        return Ok(Next::Stored);
    }
    let state = left::upload_failed(load.mode, Some(&images), load.image, standing.confirmed);
    if let PieceFailure::Refused(refusal) = &failure {
        if !standing.begun && refusal.is_of_what_was_sent() {
            let size_bytes = load.context.expected.size_bytes;
            let why = which::size_refused(session, load, size_bytes, *refusal).await;
            return Err(LoadError::Refused {
                why,
                advice: None,
                state: LeftState(state),
            });
        }
        let forgotten = standing.interrupted || refusal.may_be_of_a_forgotten_upload();
        if standing.begun && standing.may_begin_again && forgotten {
            return Ok(Next::FromStart);
        }
    }
    Err(words(failure, standing, state))
}

/// The error of an upload that ends with this failure.
fn words(failure: PieceFailure, standing: UploadState, state: String) -> LoadError {
    let state = LeftState(state);
    match failure {
        PieceFailure::Refused(refusal) => {
            // A piece in the middle was not refused for what the image is.
            let restart = (standing.confirmed > 0).then_some(RESTART_AND_RESUME);
            LoadError::Refused {
                why: refusal.to_string(),
                advice: refusal.advice().or(restart),
                state,
            }
        }
        PieceFailure::Answered(said) => LoadError::Protocol { said, state },
        PieceFailure::NotStored { answers, wanted } => LoadError::Refused {
            why: format!(
                "it answered each of the last {answers} pieces, and wants byte {wanted} again each time: it does not store what it gets",
                wanted = grouped(wanted)
            ),
            advice: Some("Restart the reader, then send the image again."),
            state,
        },
        PieceFailure::Silence(_) => LoadError::Refused {
            why: format!(
                "it answers other questions, and no piece from byte {} on: an image that is too large for its slot may get this, or its flash fails there",
                grouped(standing.confirmed)
            ),
            advice: Some(RESTART_AND_RESUME),
            state,
        },
    }
}
