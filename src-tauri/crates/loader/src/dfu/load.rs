//! What one load knows throughout, and the steps that all of its parts take.

use std::sync::Arc;

use firmdrop_core::{Note, NoteKind, Progress};
use firmdrop_image::{ImageError, Payload};
use firmdrop_link::LinkError;

use super::left::{self, After, LoadStage};
use super::options::DfuOptions;
use super::session::{RequestFailure, Session};
use super::timing::Timing;
use super::wire::{FILE, Status, TARGET, VENDOR};
use crate::{LeftState, LoadContext, LoadError};

/// One load.
pub(super) struct Load<'a> {
    pub(super) context: &'a LoadContext,
    pub(super) options: DfuOptions,
    pub(super) timing: Timing,
    /// An earlier run began to write.
    pub(super) resumes: bool,
}

/// Why a part of a load ended early.
pub(super) enum Ended {
    /// The device, or the way to it.
    RequestFailure(RequestFailure),
    /// The user stopped it.
    Stopped,
    /// The file.
    File(std::io::Error),
    /// An error that says itself what the reader was left with.
    Load(LoadError),
}

impl From<RequestFailure> for Ended {
    fn from(failure: RequestFailure) -> Self {
        Self::RequestFailure(failure)
    }
}

impl From<LinkError> for Ended {
    fn from(error: LinkError) -> Self {
        Self::RequestFailure(RequestFailure::Link(error))
    }
}

impl From<ImageError> for Ended {
    fn from(error: ImageError) -> Self {
        Self::File(match error {
            ImageError::Unreadable { source, .. } => source,
            other => std::io::Error::other(other.to_string()),
        })
    }
}

impl<'a> Load<'a> {
    pub(super) fn new(context: &'a LoadContext, options: DfuOptions, timing: Timing) -> Self {
        Self {
            context,
            options,
            timing,
            resumes: left::is_touched(context.began.iter().map(String::as_str)),
        }
    }

    pub(super) fn nothing(&self) -> LoadStage {
        LoadStage::Nothing {
            resumes: self.resumes,
        }
    }

    /// Begins a phase, unless the user wants to stop.
    pub(super) fn begin(&self, key: &str) -> Result<(), Ended> {
        if self.is_stopped() {
            return Err(Ended::Stopped);
        }
        self.context.events.phase(key);
        Ok(())
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.context.cancel.is_cancelled()
    }

    /// Waits for the device, which may be given up at any time.
    pub(super) async fn unless_stopped<T, E: Into<Ended>>(
        &self,
        question: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Ended> {
        tokio::select! {
            biased;
            () = self.context.cancel.cancelled() => Err(Ended::Stopped),
            answer = question => answer.map_err(Into::into),
        }
    }

    pub(super) fn note(&self, kind: NoteKind, text: impl Into<String>) {
        self.context.events.note(Note::new(kind, text));
    }

    pub(super) fn progress(&self, confirmed_bytes: u64, in_flight_bytes: u64, total_bytes: u64) {
        self.context.events.progress(Progress {
            confirmed_bytes,
            in_flight_bytes,
            total_bytes,
        });
    }

    /// The error of a load that came this far, with what the device says when it is asked now.
    pub(super) async fn failed(
        &self,
        ended: Ended,
        reached: LoadStage,
        session: Option<&Session>,
    ) -> LoadError {
        let is_gone = matches!(
            ended,
            Ended::RequestFailure(RequestFailure::Link(
                LinkError::Lost { .. } | LinkError::NotFound { .. }
            ))
        );
        let after = match session {
            Some(_) if is_gone => After::Gone,
            Some(session) => session.last_words().await,
            None => After::NotAsked,
        };
        error(ended, LeftState(left::state(reached, after)))
    }
}

/// The error that ends a load, with what the reader is left with.
pub(super) fn error(ended: Ended, state: LeftState) -> LoadError {
    match ended {
        Ended::Load(error) => error,
        Ended::Stopped => LoadError::Stopped { state },
        Ended::File(source) => LoadError::Read { source, state },
        Ended::RequestFailure(RequestFailure::Link(source)) => LoadError::Link { source, state },
        Ended::RequestFailure(RequestFailure::Nonsense(said)) => {
            LoadError::Protocol { said, state }
        }
        Ended::RequestFailure(RequestFailure::StillBusy(time)) => LoadError::Refused {
            why: format!("it said for {} s that it was busy", time.as_secs()),
            advice: Some("Unplug the reader, plug it in again, and resume."),
            state,
        },
        Ended::RequestFailure(RequestFailure::Refused(status)) => refused(status, state),
    }
}

fn refused(status: Status, state: LeftState) -> LoadError {
    LoadError::Refused {
        why: format!("it says {}", status.reason()),
        advice: match status.code {
            VENDOR => Some(
                "ST's bootloaders say this of memory that is protected against reading. STM32CubeProgrammer removes the protection, which erases everything.",
            ),
            FILE | TARGET => None,
            _ => Some("Unplug the reader, plug it in again, and resume."),
        },
        state,
    }
}

/// Bytes of a segment, read on a thread for that.
pub(super) async fn image(
    payload: &Arc<Payload>,
    segment: usize,
    offset: u64,
    length: usize,
) -> Result<Vec<u8>, Ended> {
    let payload = Arc::clone(payload);
    let reading = tokio::task::spawn_blocking(move || {
        let mut bytes = vec![0; length];
        let count = payload.read_at(segment, offset, &mut bytes)?;
        bytes.truncate(count);
        Ok::<_, ImageError>(bytes)
    });
    let bytes = reading
        .await
        .map_err(|died| Ended::File(std::io::Error::other(died)))??;
    if bytes.len() < length {
        let why = "the file is shorter than it was when it was inspected";
        return Err(Ended::File(std::io::Error::new(
            std::io::ErrorKind::UnexpectedEof,
            why,
        )));
    }
    Ok(bytes)
}

/// The payload of the file, read on a thread for that.
pub(super) async fn payload(
    context: &LoadContext,
    address: Option<u64>,
) -> Result<Arc<Payload>, Ended> {
    let source = Arc::clone(&context.source);
    let inspection = context.inspection.clone();
    let reading =
        tokio::task::spawn_blocking(move || firmdrop_image::payload(source, &inspection, address));
    let payload = reading
        .await
        .map_err(|died| Ended::File(std::io::Error::other(died)))??;
    Ok(Arc::new(payload))
}
