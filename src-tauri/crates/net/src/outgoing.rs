//! A body on its way out: counts what the line took and when, and holds the reason when the bytes
//! themselves could not be read.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::StreamExt;
use tokio::time::Instant;

use crate::{
    Delivered,
    request::StreamedBody,
    send_buffer::{PROOF_BYTES, PROOF_TIME, SendBuffer},
};

#[derive(Debug)]
struct State {
    taken_bytes: u64,
    began: Instant,
    last_taken: Instant,
    read_error: Option<std::io::Error>,
}

/// What is known about the body in flight. Clones watch the same body.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    length_bytes: u64,
    state: Arc<Mutex<State>>,
}

impl Outgoing {
    pub(crate) fn new(length_bytes: u64) -> Self {
        let now = Instant::now();
        Self {
            length_bytes,
            state: Arc::new(Mutex::new(State {
                taken_bytes: 0,
                began: now,
                last_taken: now,
                read_error: None,
            })),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The body, watched. A line that takes it quickly gets a longer send buffer.
    pub(crate) fn watch(&self, body: StreamedBody, buffer: &SendBuffer) -> reqwest::Body {
        let outgoing = self.clone();
        let buffer = buffer.clone();
        let pieces = body.pieces.map(move |piece| match piece {
            Ok(piece) => {
                if outgoing.taken(piece.len() as u64) {
                    buffer.lengthen();
                }
                Ok(piece)
            }
            Err(error) => {
                let kind = error.kind();
                outgoing.with(|state| state.read_error = Some(error));
                Err(std::io::Error::from(kind))
            }
        });
        reqwest::Body::wrap_stream(pieces)
    }

    /// Counts what the line took. True once, when that shows the line to be quick.
    fn taken(&self, bytes: u64) -> bool {
        self.with(|state| {
            let before = state.taken_bytes;
            state.taken_bytes += bytes;
            state.last_taken = Instant::now();
            before < PROOF_BYTES
                && state.taken_bytes >= PROOF_BYTES
                && state.last_taken - state.began <= PROOF_TIME
        })
    }

    /// Whether the whole body was handed to the line.
    pub(crate) fn handed_over(&self) -> bool {
        self.with(|state| state.taken_bytes >= self.length_bytes)
    }

    /// Whether the host may have the whole request.
    pub(crate) fn delivered(&self) -> Delivered {
        if self.handed_over() {
            Delivered::Perhaps
        } else {
            Delivered::No
        }
    }

    /// When the line last took something.
    pub(crate) fn last_taken(&self) -> Instant {
        self.with(|state| state.last_taken)
    }

    /// How long handing over took until now or until its end.
    pub(crate) fn handover(&self) -> Duration {
        self.with(|state| state.last_taken - state.began)
    }

    /// Why the bytes could not be read, once.
    pub(crate) fn take_read_error(&self) -> Option<std::io::Error> {
        self.with(|state| state.read_error.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_line_shows_itself_quick_once_and_only_in_time() {
        let quick = Outgoing::new(PROOF_BYTES * 2);
        assert!(!quick.taken(PROOF_BYTES - 1));
        assert!(quick.taken(1));
        assert!(!quick.taken(PROOF_BYTES));
        let slow = Outgoing::new(PROOF_BYTES);
        assert!(!slow.taken(PROOF_BYTES - 1));
        tokio::time::advance(PROOF_TIME + Duration::from_millis(1)).await;
        assert!(!slow.taken(1));
    }
}
