//! The consoles that are open.

use std::collections::HashMap;
use std::sync::Mutex;

use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use crate::ConsoleState;

/// The open consoles, by destination.
pub(super) type Consoles = Mutex<HashMap<String, OpenConsole>>;

/// A console that is open.
#[derive(Debug)]
pub(super) struct OpenConsole {
    pub(super) send: mpsc::Sender<Vec<u8>>,
    pub(super) state: watch::Receiver<ConsoleState>,
    pub(super) task: AbortHandle,
}

impl Drop for OpenConsole {
    fn drop(&mut self) {
        self.task.abort();
    }
}
