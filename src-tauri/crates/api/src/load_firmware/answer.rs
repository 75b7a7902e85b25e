//! What a request is answered: the load began, or why it did not.

use firmdrop_core::{Code, Diagnosis};
use firmdrop_engine::{Confirmation, ConfirmationAbout, JobId};
use serde::{Deserialize, Serialize};

use super::LoadMessage;

/// The reader accepted the upgrade; the transfer is a job from here. It is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBegun {
    /// The job.
    pub job: JobId,
    /// The reader as the caller named it.
    pub device: String,
    /// The reader as a destination.
    pub destination: String,
    /// What may go wrong from here, one sentence each.
    pub risks: Vec<String>,
}

impl LoadBegun {
    /// The status of the answer.
    pub const STATUS: u16 = 200;

    /// The body of the answer.
    pub fn answer(&self) -> LoadResponse {
        LoadResponse {
            result: LoadResult::Success,
            message: None,
            error: None,
            job: Some(self.job.clone()),
            unconfirmed: Vec::new(),
        }
    }
}

/// The load did not begin. The reader runs what it ran, as far as the diagnosis does not say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRefusal {
    /// 422 with one of the messages; else 403 for a missing confirmation, 409 for a reader in use, 410 for one
    /// that is not there, 500 for a fault of this computer.
    pub status: u16,
    /// The message of status 422.
    pub message: Option<LoadMessage>,
    /// What happened, why, in what state things are, and what to do; with the stable code.
    pub diagnosis: Box<Diagnosis>,
    /// What has to be confirmed, with status 403.
    pub unconfirmed: Vec<Confirmation>,
    /// The job that came of it: it failed or was cancelled, and stays on record. With status 409 it may be the
    /// other one, which has the reader.
    pub job: Option<JobId>,
}

impl LoadRefusal {
    /// A failure that is called by one of the messages where there is one for it.
    pub fn of(diagnosis: Diagnosis) -> Self {
        let message = LoadMessage::of(&diagnosis);
        Self {
            status: status(message, diagnosis.code),
            message,
            diagnosis: Box::new(diagnosis),
            unconfirmed: Vec::new(),
            job: None,
        }
    }

    /// A failure that is called so.
    pub(crate) fn called(message: LoadMessage, diagnosis: Diagnosis) -> Self {
        Self {
            status: 422,
            message: Some(message),
            ..Self::of(diagnosis)
        }
    }

    /// A failure of the way to a reader, before it was sent anything: it is in use, not there, or `message`.
    pub(crate) fn of_reader(message: LoadMessage, diagnosis: Diagnosis) -> Self {
        let status = match diagnosis.code {
            Code::LinkBusy => 409,
            Code::UnknownDestination | Code::LinkNotFound | Code::LinkLost => 410,
            Code::DiskFull | Code::HomeNotWritable | Code::JournalDamaged | Code::Internal => 500,
            _ => return Self::called(message, diagnosis),
        };
        Self {
            status,
            message: None,
            ..Self::of(diagnosis)
        }
    }

    /// With what has to be confirmed.
    pub(crate) fn unconfirmed(diagnosis: Diagnosis, missing: Vec<Confirmation>) -> Self {
        Self {
            unconfirmed: missing,
            ..Self::of(diagnosis)
        }
    }

    /// With the job that came of it.
    pub(crate) fn with_job(self, job: &JobId) -> Self {
        Self {
            job: Some(job.clone()),
            ..self
        }
    }

    /// What it is called: the message, or the heading of what happened.
    pub fn text(&self) -> &str {
        match self.message {
            Some(message) => message.text(),
            None => &self.diagnosis.title,
        }
    }

    /// The body of the answer.
    pub fn answer(&self) -> LoadResponse {
        LoadResponse {
            result: LoadResult::Error,
            message: Some(self.text().to_owned()),
            error: Some(self.diagnosis.code),
            job: self.job.clone(),
            unconfirmed: self.unconfirmed.iter().map(|each| each.about).collect(),
        }
    }
}

fn status(message: Option<LoadMessage>, code: Code) -> u16 {
    match (message, code) {
        (Some(_), _) => 422,
        (None, Code::ConfirmationMissing) => 403,
        (None, Code::JobElsewhere) => 409,
        (None, Code::UnknownDestination) => 410,
        (None, _) => 500,
    }
}

/// The body of an answer. `Result`, `Message` and `Error` are the contract's; the others are ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoadResponse {
    /// How it ended.
    pub result: LoadResult,
    /// Of an error: one of the messages with status 422, a heading otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Of an error: the stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Code>,
    /// The job, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// What has to be confirmed, with status 403.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<ConfirmationAbout>,
}

/// Whether a request was carried out so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoadResult {
    /// The reader accepted.
    Success,
    /// It did not come to that.
    Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: Code) -> (u16, Option<LoadMessage>) {
        let refusal = LoadRefusal::of(Diagnosis::new(code, "", ""));
        (refusal.status, refusal.message)
    }

    #[test]
    fn only_an_answer_of_status_422_has_a_message_of_the_contract() {
        for code in Code::ALL {
            let (status, message) = of(*code);
            assert_eq!(status == 422, message.is_some(), "{code}");
        }
        assert_eq!(of(Code::ConfirmationMissing).0, 403);
        assert_eq!(of(Code::DiskFull).0, 500);
    }

    #[test]
    fn a_reader_in_use_or_not_there_has_another_status_than_one_that_cannot_be_loaded() {
        for (code, status) in [
            (Code::LinkBusy, 409),
            (Code::LinkNotFound, 410),
            (Code::UnknownDestination, 410),
            (Code::LinkTimeout, 422),
            (Code::ProtocolFault, 422),
            (Code::DiskFull, 500),
        ] {
            let diagnosis = Diagnosis::new(code, "", "");
            let refusal = LoadRefusal::of_reader(LoadMessage::NotAvailable, diagnosis);
            assert_eq!(refusal.status, status, "{code}");
            assert_eq!(refusal.message.is_some(), status == 422, "{code}");
        }
    }

    #[test]
    fn answers_have_the_fields_of_the_contract() {
        let refused = LoadRefusal::of(Diagnosis::new(Code::FileNotFound, "", ""));
        let body = serde_json::to_value(refused.answer()).unwrap();
        let expected = serde_json::json!({
            "Result": "error", "Message": "File not found", "Error": "FD-103",
        });
        assert_eq!(body, expected);
        let begun = LoadBegun {
            job: JobId::new(),
            device: "reader-1".into(),
            destination: String::new(),
            risks: Vec::new(),
        };
        let body = serde_json::to_value(begun.answer()).unwrap();
        assert_eq!(body["Result"], "success");
        assert_eq!(body["Job"], begun.job.to_string());
        let full = LoadRefusal::of(Diagnosis::new(Code::DiskFull, "", ""));
        assert_eq!(full.answer().message.as_deref(), Some("The disk is full"));
    }
}
