//! Ctrl+C, or SIGTERM, while a command waits for one answer: it ends with 4 and a line that says what is not known.
//!
//! Commands that begin a job, or watch something, have an end of their own.

use std::sync::{Mutex, PoisonError};

use tokio::task::JoinHandle;

use crate::exit::Exit;
use crate::{print, progress};

/// Nothing was sent that changes anything.
const NOTHING: &str = "Stopped; there is no answer, and nothing was changed.";
/// The service may have acted.
const UNKNOWN: &str = "Stopped before the answer came. If this command changes something at the service, whether that was carried out is not known: look before asking again.";

/// The reader may have acted.
const READER: &str = "Stopped before the reader answered. Whether it carried the request out is not known: identify it before asking again.";

/// What ends the program; there is one at most.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Mutex<Option<JoinHandle<()>>>);

impl Waiting {
    /// From now on, until something else is said, a stop changes nothing.
    pub(crate) fn for_something_harmless(&self) {
        self.end_with(NOTHING);
    }

    /// From now on a service may be acting.
    pub(crate) fn for_a_service(&self) {
        self.end_with(UNKNOWN);
    }

    /// From now on a reader may be acting.
    pub(crate) fn for_a_reader(&self) {
        self.end_with(READER);
    }

    /// From now on the command sees to its end itself.
    pub(crate) fn is_over(&self) {
        self.replace(None);
    }

    /// Whether it was begun.
    pub(crate) fn is_on(&self) -> bool {
        let task = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        task.is_some()
    }

    fn end_with(&self, words: &'static str) {
        self.replace(Some(tokio::spawn(async move {
            progress::interrupted().await;
            print::line_to_error(words);
            leave();
        })));
    }

    fn replace(&self, task: Option<JoinHandle<()>>) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *place, task) {
            before.abort();
        }
    }
}

/// Ends the program at once: a file that is read, or a terminal that is asked, cannot be stopped.
#[expect(clippy::exit, reason = "a read that blocks would be waited for")]
fn leave() {
    std::process::exit(Exit::Cancelled.code().into());
}
