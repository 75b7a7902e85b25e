//! Follows one load to its end, as messages that a face can push.

use firmdrop_engine::Change;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::Firmdrop;
use crate::{JobId, LoadBegun, LoadEvent, LoadProgress, LoadStatus};

/// The messages of one load. Dropping it ends nothing but the messages.
#[derive(Debug)]
pub struct LoadEvents {
    firmdrop: Firmdrop,
    job: JobId,
    device: String,
    changes: Receiver<Change>,
    /// Changes were missed: how the job stands has to be read.
    is_behind: bool,
    /// How it stands cannot be read any more.
    is_lost: bool,
    last: Option<LoadProgress>,
}

impl Firmdrop {
    /// Follows a load of this process from where it is.
    pub fn load_events(&self, begun: &LoadBegun) -> LoadEvents {
        LoadEvents {
            changes: self.inner.engine.watch(),
            firmdrop: self.clone(),
            job: begun.job.clone(),
            device: begun.device.clone(),
            is_behind: true,
            is_lost: false,
            last: None,
        }
    }
}

impl LoadEvents {
    /// The next message, the first one at once; `None` after the one that says how the load ended. A job makes at
    /// most ten a second; what did not change is not said again. Dropping the future loses no message.
    ///
    /// When how it stands cannot be read, the last message is pending with the code of that failure.
    pub async fn next(&mut self) -> Option<LoadEvent> {
        if self.has_ended() {
            return None;
        }
        loop {
            let progress = if self.is_behind {
                self.present().await
            } else {
                match self.changes.recv().await {
                    Ok(Change::Job(job)) if job.id == self.job => {
                        LoadProgress::of(&self.device, &job)
                    }
                    Ok(Change::Progress { id, percent, .. }) if id == self.job => {
                        self.with_percent(percent)?
                    }
                    Ok(_) => continue,
                    // The engine lives as long as this does, so it is never closed.
                    Err(RecvError::Lagged(_) | RecvError::Closed) => {
                        self.is_behind = true;
                        continue;
                    }
                }
            };
            let progress = self.never_back(progress);
            if self.last.as_ref() == Some(&progress) {
                continue;
            }
            self.last = Some(progress.clone());
            return Some(progress.into_event());
        }
    }

    fn has_ended(&self) -> bool {
        let last = self.last.as_ref();
        self.is_lost || last.is_some_and(|last| last.status != LoadStatus::Pending)
    }

    /// How the job stands. Until that is read, what was missed stays missed.
    async fn present(&mut self) -> LoadProgress {
        // What waits is older than what is read now.
        while !matches!(
            self.changes.try_recv(),
            Err(TryRecvError::Empty | TryRecvError::Closed)
        ) {}
        let read = self.firmdrop.job(&self.job).await;
        self.is_behind = false;
        match read {
            Ok(job) => LoadProgress::of(&self.device, &job.summary),
            Err(unreadable) => {
                self.is_lost = true;
                LoadProgress::unreadable(&self.device, &self.job, unreadable.code)
            }
        }
    }

    fn with_percent(&self, percent: u8) -> Option<LoadProgress> {
        let last = self.last.clone()?;
        Some(LoadProgress {
            progress: percent.min(99),
            ..last
        })
    }

    fn never_back(&self, progress: LoadProgress) -> LoadProgress {
        let before = self.last.as_ref().map_or(0, |last| last.progress);
        LoadProgress {
            progress: progress.progress.max(before),
            ..progress
        }
    }
}
