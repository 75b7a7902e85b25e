//! Requests to stop a running job.

use std::sync::{Arc, OnceLock};

use firmdrop_core::Diagnosis;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::journal::StopRequest;

/// The stop request of one running job, shared by whoever may make it and the task that obeys.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    request: Arc<watch::Sender<Option<StopRequest>>>,
    expired: Arc<OnceLock<Diagnosis>>,
    stop: CancellationToken,
}

impl Control {
    pub(super) fn new() -> Self {
        Self {
            request: Arc::new(watch::Sender::new(None)),
            expired: Arc::default(),
            stop: CancellationToken::new(),
        }
    }

    /// Stops the job because a step is past its deadline.
    pub(super) fn expire(&self, diagnosis: Diagnosis) {
        // Only the first one counts.
        let _ = self.expired.set(diagnosis);
        self.stop.cancel();
    }

    /// Why a step was stopped at its deadline, when one was.
    pub(super) fn expired(&self) -> Option<Diagnosis> {
        self.expired.get().cloned()
    }

    /// Requests a stop. A cancel is stronger than a pause and is never taken back.
    pub(super) fn request(&self, request: StopRequest) {
        self.request.send_if_modified(|present| {
            let stronger = *present != Some(StopRequest::Cancel) && *present != Some(request);
            if stronger {
                *present = Some(request);
            }
            stronger
        });
        self.stop.cancel();
    }

    /// What was requested.
    pub(super) fn requested(&self) -> Option<StopRequest> {
        *self.request.borrow()
    }

    /// Set once the job has to stop: everything it does looks at it where stopping is safe.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.stop
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_after_a_cancel_stays_a_cancel() {
        let control = Control::new();
        control.request(StopRequest::Cancel);
        control.request(StopRequest::Pause);
        assert_eq!(control.requested(), Some(StopRequest::Cancel));
        assert!(control.stop().is_cancelled());
    }
}
