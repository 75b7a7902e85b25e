//! What one load knows throughout, and the few steps that all of its parts take.

use std::sync::Arc;

use firmdrop_core::{Note, NoteKind, Progress};
use firmdrop_link::{LinkAddress, LinkError};

use super::{left, timing::Timing};
use crate::{LeftState, LoadContext, LoadError};

/// One load.
pub(super) struct Load<'a> {
    pub(super) context: &'a LoadContext,
    pub(super) timing: Timing,
    /// The state of a drive that this run has not written to.
    pub(super) as_found: &'static str,
}

impl<'a> Load<'a> {
    pub(super) fn new(context: &'a LoadContext, timing: Timing) -> Self {
        let resumes = left::is_touched(context.began.iter().map(String::as_str));
        Self {
            context,
            timing,
            as_found: left::as_found(resumes),
        }
    }

    /// Whether an earlier run began to write.
    pub(super) fn resumes(&self) -> bool {
        self.as_found != left::UNTOUCHED
    }

    pub(super) fn address(&self) -> &LinkAddress {
        &self.context.address
    }

    /// Begins a phase, unless the user wants to stop; then the reader is left in `state`.
    pub(super) fn begin(&self, key: &str, state: &str) -> Result<(), LoadError> {
        if self.is_stopped() {
            return Err(stopped(state));
        }
        self.context.events.phase(key);
        Ok(())
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.context.cancel.is_cancelled()
    }

    /// Waits for an answer of the drive, which may be given up at any time.
    pub(super) async fn unless_stopped<T>(
        &self,
        state: &str,
        question: impl Future<Output = Result<T, LinkError>>,
    ) -> Result<T, LoadError> {
        tokio::select! {
            biased;
            () = self.context.cancel.cancelled() => Err(stopped(state)),
            answer = question => answer.map_err(|source| failed(source, state)),
        }
    }

    /// Waits until the next look, unless the user wants to stop.
    pub(super) async fn pause(&self, state: &str) -> Result<(), LoadError> {
        let pause = self.timing.poll_every;
        self.unless_stopped(state, async move {
            tokio::time::sleep(pause).await;
            Ok(())
        })
        .await
    }

    pub(super) fn note(&self, kind: NoteKind, text: impl Into<String>) {
        self.context.events.note(Note::new(kind, text));
    }

    pub(super) fn progress(&self, confirmed_bytes: u64, in_flight_bytes: u64) {
        self.context.events.progress(Progress {
            confirmed_bytes,
            in_flight_bytes,
            total_bytes: self.context.source.len(),
        });
    }

    /// Bytes of the image, read on a thread for that.
    pub(super) async fn image(&self, offset: u64, length: u64) -> std::io::Result<Vec<u8>> {
        let source = Arc::clone(&self.context.source);
        let reading = tokio::task::spawn_blocking(move || {
            let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
            let count = source.read_at(offset, &mut bytes)?;
            if count < bytes.len() {
                let why = "the file is shorter than it was when it was inspected";
                return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, why));
            }
            Ok(bytes)
        });
        reading.await.map_err(std::io::Error::other)?
    }
}

/// The user stopped the load here.
pub(super) fn stopped(state: &str) -> LoadError {
    LoadError::Stopped {
        state: LeftState(state.into()),
    }
}

/// The way to the drive failed. A drive that is full or cannot be written says so itself.
pub(super) fn failed(source: LinkError, state: &str) -> LoadError {
    use std::io::ErrorKind as Kind;
    let state = LeftState(state.into());
    let kind = match &source {
        LinkError::Io { source, .. } => source.kind(),
        LinkError::Denied { .. } => Kind::PermissionDenied,
        _ => Kind::Other,
    };
    let refused = |why: &str, advice| LoadError::Refused {
        why: why.into(),
        advice: Some(advice),
        state: state.clone(),
    };
    match kind {
        Kind::StorageFull | Kind::FileTooLarge | Kind::QuotaExceeded => refused(
            "the drive has no room for the file",
            "Unplug the reader and plug it in again: the system may still count the space of earlier files. If that does not help, choose a smaller image.",
        ),
        Kind::ReadOnlyFilesystem => refused(
            "the drive can only be read",
            "Unplug it and plug it in again; a system mounts a drive read-only after an error.",
        ),
        Kind::PermissionDenied => refused(
            "this account may not write to the drive",
            "Mount the drive so that this account can write to it.",
        ),
        _ => LoadError::Link { source, state },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drive_that_cannot_be_written_is_refused_with_what_helps_for_drives() {
        use std::io::ErrorKind as Kind;
        for kind in [
            Kind::StorageFull,
            Kind::ReadOnlyFilesystem,
            Kind::PermissionDenied,
        ] {
            let error = failed(LinkError::from_io("p", kind.into()), left::UNTOUCHED);
            let LoadError::Refused { advice, .. } = &error else {
                panic!("{error:?}");
            };
            assert!(advice.is_some_and(|advice| !advice.contains("dialout")));
        }
        let lost = LinkError::from_io("p", Kind::BrokenPipe.into());
        assert!(matches!(
            failed(lost, left::UNTOUCHED),
            LoadError::Link { .. }
        ));
    }
}
