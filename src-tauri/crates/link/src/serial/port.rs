//! An open serial port that closes without waiting for its line.
//!
//! The system waits up to 30 s for what was written when a port is closed (Linux, `closing_wait`), in the thread that
//! closes it. Nobody waits for bytes whose sender gave up.

use std::ops::{Deref, DerefMut};
use std::thread;

use tokio_serial::{ClearBuffer, SerialPort, SerialStream};

/// The port. Dropping it drops what was written and is not on the line, unless that was waited for.
#[derive(Debug)]
pub(super) struct Port {
    /// Taken when it is dropped.
    stream: Option<SerialStream>,
    /// Something was written and not waited for since.
    pub(super) is_unsettled: bool,
}

impl Port {
    /// A port that was just opened.
    pub(super) fn new(stream: SerialStream) -> Self {
        Self {
            stream: Some(stream),
            is_unsettled: false,
        }
    }
}

#[expect(clippy::expect_used, reason = "the port is there until it is dropped")]
impl Deref for Port {
    type Target = SerialStream;

    fn deref(&self) -> &SerialStream {
        self.stream.as_ref().expect(OPEN)
    }
}

#[expect(clippy::expect_used, reason = "the port is there until it is dropped")]
impl DerefMut for Port {
    fn deref_mut(&mut self) -> &mut SerialStream {
        self.stream.as_mut().expect(OPEN)
    }
}

const OPEN: &str = "a port is open until it is dropped";

impl Drop for Port {
    fn drop(&mut self) {
        let Some(stream) = self.stream.take() else {
            return;
        };
        if self.is_unsettled {
            // A port that left has nothing to drop.
            let _ = stream.clear(ClearBuffer::Output);
        }
        if stream.bytes_to_write().is_ok_and(|bytes| bytes > 0) {
            // This driver drops none (Linux, `cdc_acm`): what it waits for holds up a thread of its own.
            let closing = thread::Builder::new().name("closing a port".to_owned());
            // Without a thread it is dropped here.
            drop(closing.spawn(move || drop(stream)));
        }
    }
}
