//! What can go wrong in one operation of the service.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use firmdrop_net::{
    Delivered, NetError,
    fetch::FetchError,
    retry::{Decision, Idempotency, after_error, after_status},
};

use super::{FilterError, limits::URL_CHARACTERS, refused::meaning};

/// An operation without a usable answer.
#[derive(Debug, thiserror::Error)]
pub enum PelionError {
    /// The account cannot be used as it is.
    #[error("the account {account} cannot be used: {why}")]
    Account {
        /// The account.
        account: String,
        /// What is wrong with it.
        why: String,
    },
    /// An id that cannot be one.
    #[error("{0:?} is not an id of this service")]
    Id(String),
    /// The address of the request is longer than the service reads.
    #[error("{request} would have an address of {characters} characters")]
    AddressTooLong {
        /// What was to be asked.
        request: String,
        /// How long its address is.
        characters: usize,
    },
    /// A filter that is none.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A file that the service names could not be downloaded.
    #[error("{source}")]
    Download {
        /// What failed.
        source: FetchError,
    },
    /// The way there failed.
    #[error("{source}")]
    Net {
        /// The layer that failed.
        source: NetError,
        /// The account.
        account: String,
        /// What was asked: `POST /v3/firmware-images/upload-jobs`.
        request: String,
    },
    /// The service answered and refused.
    #[error("{0}")]
    Refused(Box<Refusal>),
}

/// The service's refusal, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The account.
    pub account: String,
    /// What was asked.
    pub request: String,
    /// The status.
    pub status: u16,
    /// The service's word for the kind of failure: `conflict`.
    pub kind: String,
    /// The service's message.
    pub message: String,
    /// Fields it complains about, with its words.
    pub fields: Vec<(String, String)>,
    /// What the vendor's support asks for.
    pub request_id: Option<String>,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// Whether a web page came instead of the service's own words.
    pub web_page: bool,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} was answered with {}", self.request, self.status)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message.trim_end_matches('.'))?;
        }
        for (name, message) in &self.fields {
            write!(f, "; {name}: {}", message.trim_end_matches('.'))?;
        }
        Ok(())
    }
}

impl PelionError {
    /// The status, when the service answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Account { .. }
            | Self::Id(_)
            | Self::AddressTooLong { .. }
            | Self::Filter(_)
            | Self::Download { .. }
            | Self::Net { .. } => None,
        }
    }

    /// How long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            Self::Account { .. }
            | Self::Id(_)
            | Self::AddressTooLong { .. }
            | Self::Filter(_)
            | Self::Download { .. }
            | Self::Net { .. } => None,
        }
    }

    /// What the retry table says.
    pub fn decision(&self, idempotency: Idempotency) -> Decision {
        match self {
            Self::Account { .. } | Self::Id(_) | Self::AddressTooLong { .. } | Self::Filter(_) => {
                Decision::Final
            }
            Self::Download { source } => match source {
                FetchError::Net(source) => after_error(source, idempotency),
                FetchError::Status { status, .. } => after_status(*status, idempotency),
                _ => Decision::Final,
            },
            Self::Net { source, .. } => after_error(source, idempotency),
            Self::Refused(refusal) => after_status(refusal.status, idempotency),
        }
    }

    /// Whether the service may have acted on the request.
    pub fn delivered(&self) -> Delivered {
        match self {
            Self::Account { .. }
            | Self::Id(_)
            | Self::AddressTooLong { .. }
            | Self::Filter(_)
            | Self::Download { .. } => Delivered::No,
            Self::Net { source, .. } => source.delivered(),
            Self::Refused(_) => Delivered::Perhaps,
        }
    }
}

impl Diagnose for PelionError {
    fn diagnose(&self) -> Diagnosis {
        match self {
            Self::Account { account, why } => {
                Diagnosis::new(Code::AccountInvalid, format!("{self}"), why.clone())
                    .state("Nothing was sent.")
                    .remedy(edit(account))
            }
            Self::Id(_) => Diagnosis::new(
                Code::ServiceRefused,
                format!("{self}."),
                "Ids are letters and digits.",
            )
            .state("Nothing was sent.")
            .remedy(Remedy::Advice {
                text: "Give an id as a list shows it.".to_owned(),
            }),
            Self::AddressTooLong { .. } => Diagnosis::new(
                Code::FilterUnreadable,
                format!("{self}."),
                format!("The service reads addresses of less than {URL_CHARACTERS} characters."),
            )
            .titled("The filter is too long to be tried")
            .state("Nothing was sent.")
            .remedy(advice(
                "Name fewer devices at a time, or give them a common attribute and filter by it.",
            )),
            Self::Filter(error) => error.diagnose(),
            Self::Download { source } => source.diagnose(),
            Self::Net {
                source,
                account,
                request,
            } => source
                .diagnose()
                .remedy(Remedy::TestAccount {
                    account: account.clone(),
                })
                .detail("Request", request),
            Self::Refused(refusal) => refusal.diagnose(),
        }
    }
}

impl Diagnose for Refusal {
    fn diagnose(&self) -> Diagnosis {
        let diagnosis = self.of_request().unwrap_or_else(|| self.of_status());
        let diagnosis = diagnosis.detail("Status", format!("{} {}", self.status, self.kind));
        match &self.request_id {
            Some(id) => diagnosis.detail("Request id", id),
            None => diagnosis,
        }
    }
}

impl Refusal {
    /// Where the status means something else for each request.
    fn of_request(&self) -> Option<Diagnosis> {
        let meaning = meaning(&self.request, self.status).filter(|_| !self.web_page)?;
        let told = Diagnosis::new(meaning.code, format!("{self}."), meaning.why);
        let told = told.state("Nothing was changed.");
        Some(told.remedy(advice(meaning.help)))
    }

    fn of_status(&self) -> Diagnosis {
        let account = &self.account;
        let told = |code, why: &str| Diagnosis::new(code, format!("{self}."), why);
        match self.status {
            400..=499 if self.web_page && !matches!(self.status, 408 | 413 | 429) => told(
                Code::NotThisService,
                "A web page came instead of the service's own words. Probably the address belongs to something else.",
            )
            .remedy(edit(account)),
            300..=399 => told(Code::NotThisService, "The host redirects; the service never does.")
                .remedy(edit(account)),
            401 => told(Code::KeyRefused, "The access key is unknown at this host, or it was revoked.")
                .remedy(edit(account)),
            403 => told(Code::KeyMayNot, "The key's group does not have this right.")
                .remedy(advice("Ask the administrator of the account for the right to manage firmware.")),
            413 => told(Code::BodyTooLarge, "The service or a proxy before it limits the size of a request.")
                .remedy(advice("Send smaller chunks.")),
            429 => told(Code::RateLimited, "Too many requests came in a short time.")
                .remedy(Remedy::Wait { seconds: self.wait_seconds() }),
            408 | 500..=599 => told(Code::ServiceFailed, "The service has a problem of its own.")
                .remedy(Remedy::Wait { seconds: self.wait_seconds() })
                .remedy(Remedy::Resume),
            _ => told(Code::ServiceRefused, "The service gives no other reason.")
                .remedy(advice("Read its message; it names what it does not like.")),
        }
    }

    fn wait_seconds(&self) -> u32 {
        let seconds = self.retry_after.map_or(30, |wait| wait.as_secs());
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }
}

fn edit(account: &str) -> Remedy {
    Remedy::EditAccount {
        account: account.to_owned(),
    }
}

fn advice(text: &str) -> Remedy {
    Remedy::Advice {
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16) -> Refusal {
        Refusal {
            account: "Production EU".to_owned(),
            request: "POST /v3/firmware-images/upload-jobs".to_owned(),
            status,
            kind: "conflict".to_owned(),
            message: "Name is not unique.".to_owned(),
            fields: Vec::new(),
            request_id: Some("00005c63".to_owned()),
            retry_after: Some(Duration::from_secs(14)),
            web_page: false,
        }
    }

    #[test]
    fn every_status_has_its_code_a_remedy_and_the_request_id() {
        let cases = [
            (302, Code::NotThisService),
            (400, Code::ServiceRefused),
            (401, Code::KeyRefused),
            (403, Code::KeyMayNot),
            (404, Code::UploadJobGone),
            (409, Code::NameTaken),
            (413, Code::BodyTooLarge),
            (429, Code::RateLimited),
            (503, Code::ServiceFailed),
        ];
        for (status, code) in cases {
            let diagnosis = refusal(status).diagnose();
            assert_eq!(diagnosis.code, code, "{status}");
            assert!(!diagnosis.remedies.is_empty(), "{status}");
            assert!(
                diagnosis
                    .details
                    .iter()
                    .any(|detail| detail.value == "00005c63")
            );
        }
    }

    #[test]
    fn a_web_page_is_not_mistaken_for_the_services_refusal() {
        let page = Refusal {
            web_page: true,
            ..refusal(403)
        };
        assert_eq!(page.diagnose().code, Code::NotThisService);
    }
}
