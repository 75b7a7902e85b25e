//! A source that reports what is read from it, and can be stopped.
//!
//! It knows no format; every reader notices a stop as a failed read.

use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use crate::Source;

/// Called with the bytes read so far; breaks to stop.
pub(crate) type OnProgress<'a> = &'a mut (dyn FnMut(u64) -> ControlFlow<()> + Send);

/// A source with somebody who watches it.
pub(crate) struct Watched<'a> {
    source: &'a dyn Source,
    state: Mutex<State<'a>>,
}

struct State<'a> {
    on_progress: OnProgress<'a>,
    read_bytes: u64,
    stopped: bool,
}

impl<'a> Watched<'a> {
    /// `source`, watched by `on_progress`.
    pub(crate) fn new(source: &'a dyn Source, on_progress: OnProgress<'a>) -> Self {
        let state = Mutex::new(State {
            on_progress,
            read_bytes: 0,
            stopped: false,
        });
        Self { source, state }
    }

    /// Whether it was stopped, so that what was found is not the whole.
    pub(crate) fn is_stopped(&self) -> bool {
        let state = self.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).stopped
    }
}

impl Source for Watched<'_> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.stopped {
            let count = self.source.read_at(offset, buffer)?;
            state.read_bytes = state.read_bytes.saturating_add(count as u64);
            let read_bytes = state.read_bytes;
            state.stopped = (state.on_progress)(read_bytes).is_break();
            if !state.stopped {
                return Ok(count);
            }
        }
        Err(io::Error::other("the inspection was stopped"))
    }
}
