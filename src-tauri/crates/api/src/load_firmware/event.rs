//! What is pushed to whoever follows a load: the shape that a WebSocket carries, for any face to relay.

use firmdrop_core::{Code, Outcome};
use firmdrop_engine::{JobId, JobState, JobSummary};
use serde::{Deserialize, Serialize};

use super::LoadMessage;

/// Name of the event.
pub const LOAD_EVENT: &str = "Device.LoadFirmwareProgress";

/// One pushed message, in the manner of JSON-RPC 2.0 with `event` in the place of `method`. It has no id and is
/// not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadEvent {
    /// `2.0`.
    pub jsonrpc: String,
    /// [`LOAD_EVENT`].
    pub event: String,
    /// How far the load is.
    pub params: LoadProgress,
}

/// How far a load is. `DeviceId`, `Status` and `Progress` are the contract's; the others are ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoadProgress {
    /// The reader as it was named in the request.
    pub device_id: String,
    /// How it stands.
    pub status: LoadStatus,
    /// Percent, 0 to 100; 100 only with success. It never runs back.
    pub progress: u8,
    /// The job.
    pub job: JobId,
    /// With success: whether the reader was seen to run and hold the image. Without that it was sent only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// With a failure: the message of the contract, when one says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<LoadMessage>,
    /// With a failure: the stable code. With `pending`: why it cannot be read how the load stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Code>,
}

/// How a load stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoadStatus {
    /// It is under way, or a user paused it, or its process ended: it has not come to an end.
    Pending,
    /// The job is finished. Whether the reader was seen to hold the image, `Verified` says.
    Success,
    /// It ended in a failure. What the reader runs, the job says; a job that can be resumed is pending again
    /// once it is.
    Failed,
    /// A user ended it.
    Cancelled,
}

impl LoadProgress {
    /// How far the load of this job is, for a reader that was named so.
    pub fn of(device: &str, job: &JobSummary) -> Self {
        let (mut verified, mut message, mut error) = (None, None, None);
        let status = match &job.state {
            JobState::Queued
            | JobState::Running { .. }
            | JobState::Paused
            | JobState::Cancelling
            | JobState::Interrupted { .. } => LoadStatus::Pending,
            JobState::Finished { outcome } => {
                verified = Some(matches!(outcome, Outcome::Verified { .. }));
                LoadStatus::Success
            }
            JobState::Failed { diagnosis, .. } => {
                message = LoadMessage::of(diagnosis);
                error = Some(diagnosis.code);
                LoadStatus::Failed
            }
            JobState::Cancelled { .. } => LoadStatus::Cancelled,
        };
        Self {
            device_id: device.to_owned(),
            status,
            progress: match status {
                LoadStatus::Success => 100,
                _ => job.percent.min(99),
            },
            job: job.id.clone(),
            verified,
            message,
            error,
        }
    }

    /// A load of which nobody can say any more how it stands.
    pub(crate) fn unreadable(device: &str, job: &JobId, error: Code) -> Self {
        Self {
            device_id: device.to_owned(),
            status: LoadStatus::Pending,
            progress: 0,
            job: job.clone(),
            verified: None,
            message: None,
            error: Some(error),
        }
    }

    /// The same as a message to push.
    pub fn into_event(self) -> LoadEvent {
        LoadEvent {
            jsonrpc: "2.0".to_owned(),
            event: LOAD_EVENT.to_owned(),
            params: self,
        }
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::{Diagnosis, Moment, Progress, ProofMethod};
    use firmdrop_engine::Pace;

    use super::*;

    fn job(state: JobState, percent: u8) -> JobSummary {
        JobSummary {
            id: JobId::new(),
            image_name: String::new(),
            image_version: None,
            destination_name: String::new(),
            destination: String::new(),
            simulated: true,
            production: false,
            created: Moment::from_millisecond(0),
            changed: Moment::from_millisecond(0),
            broke_off: state.broke_off(),
            state,
            phase_title: None,
            progress: Progress::default(),
            percent,
            pace: Pace::default(),
            pieces_confirmed: None,
            lane: None,
        }
    }

    #[test]
    fn an_event_has_the_names_and_words_of_the_contract() {
        let job = job(JobState::Queued, 7);
        let event = LoadProgress::of("reader-1", &job).into_event();
        let expected = serde_json::json!({
            "jsonrpc": "2.0",
            "event": "Device.LoadFirmwareProgress",
            "params": {
                "DeviceId": "reader-1", "Status": "pending", "Progress": 7, "Job": job.id.to_string(),
            },
        });
        assert_eq!(serde_json::to_value(&event).unwrap(), expected);
        let back: LoadEvent = serde_json::from_value(expected).unwrap();
        assert_eq!(back, event);
    }

    #[test]
    fn only_an_end_is_no_longer_pending_and_only_success_is_whole() {
        let running = JobState::Running {
            phase: "upload".into(),
        };
        let interrupted = JobState::Interrupted {
            reason: String::new(),
        };
        for state in [JobState::Paused, JobState::Cancelling, running, interrupted] {
            let progress = LoadProgress::of("r", &job(state, 100));
            assert_eq!(
                (progress.status, progress.progress),
                (LoadStatus::Pending, 99)
            );
        }
        let end = |outcome| LoadProgress::of("r", &job(JobState::Finished { outcome }, 100));
        let verified = end(Outcome::verified(ProofMethod::ReadBack, ""));
        assert_eq!((verified.verified, verified.progress), (Some(true), 100));
        assert_eq!(end(Outcome::sent("")).verified, Some(false));
    }

    #[test]
    fn a_failure_carries_its_message_and_code_and_a_full_disk_only_its_code() {
        let failed = |code| {
            let diagnosis = Box::new(Diagnosis::new(code, "", ""));
            let state = JobState::Failed {
                diagnosis,
                resumable: Some(true),
            };
            LoadProgress::of("r", &job(state, 50))
        };
        let refused = failed(Code::ReaderRefused);
        assert_eq!(refused.status, LoadStatus::Failed);
        assert_eq!(refused.message, Some(LoadMessage::Failed));
        assert_eq!(refused.error, Some(Code::ReaderRefused));
        let full = failed(Code::DiskFull);
        assert_eq!((full.message, full.error), (None, Some(Code::DiskFull)));
    }
}
