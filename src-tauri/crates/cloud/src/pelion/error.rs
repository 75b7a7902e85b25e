//! What can go wrong in one operation of the service.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use firmdrop_net::{
    Delivered, NetError,
    fetch::FetchError,
    retry::{Idempotency, RetryVerdict, after_error, after_status},
};

use crate::session::Failure;

use super::{FilterError, Refusal, limits::URL_CHARACTERS, subject::Subject};

/// What is waited out: a gateway that does not get through (RFC 9110, section 15.6.3).
const BAD_GATEWAY: u16 = 502;

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
    /// How many entries a list has is not known: the service does not count them, and its list does
    /// not come to an end.
    #[error(
        "how many devices match is not known: the service lists {listed} and speaks of more, but does not list them"
    )]
    CountUnknown {
        /// Entries that were listed.
        listed: u64,
    },
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

impl PelionError {
    /// Whether only something was asked for: nothing is stored by it.
    pub(super) fn is_of_a_question(&self) -> bool {
        matches!(self, Self::Net { request, .. } if request.starts_with("GET "))
    }

    /// Whether the service answered that it created something, in words that cannot be read: sending
    /// it again would create another one.
    pub(super) fn is_unreadable_receipt(&self) -> bool {
        let Self::Net {
            source: NetError::OtherShape { status, .. },
            request,
            ..
        } = self
        else {
            return false;
        };
        request.starts_with("POST /") && (200..300).contains(status)
    }

    /// The status, when the service answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Account { .. }
            | Self::Id(_)
            | Self::AddressTooLong { .. }
            | Self::Filter(_)
            | Self::CountUnknown { .. }
            | Self::Download { .. }
            | Self::Net { .. } => None,
        }
    }

    /// Whether there is no count to be read: none before the first device was served, or one that is no number.
    pub fn is_of_no_count(&self) -> bool {
        let is_unread = |source: &NetError| matches!(source, NetError::OtherShape { .. });
        match self {
            Self::Net { source, .. } => is_unread(source),
            other => other.status() == Some(404),
        }
    }

    /// Whether the same request may succeed later: the way there failed, the key or the account has
    /// to be changed first, or the service has a problem of its own. Not when it refused what was
    /// asked.
    pub(super) fn may_pass_later(&self) -> bool {
        match self {
            Self::Refused(refusal) => {
                refusal.web_page
                    || refusal.is_passing_conflict()
                    || !matches!(refusal.status, 400 | 404..=407 | 409..=417 | 422)
            }
            Self::Account { .. } | Self::Net { .. } | Self::Download { .. } => true,
            Self::Id(_)
            | Self::AddressTooLong { .. }
            | Self::Filter(_)
            | Self::CountUnknown { .. } => false,
        }
    }

    /// Whether the service refuses because of something else that is under way. It says nothing about a
    /// name, and may pass: what it holds is asked, then the request goes again.
    pub(super) fn is_passing_conflict(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_passing_conflict())
    }

    /// Whether the service says that a name is taken.
    pub(super) fn is_name_taken(&self) -> bool {
        self.status() == Some(409)
            && !self.is_passing_conflict()
            && !matches!(self, Self::Refused(refusal) if refusal.is_about_equal_content())
    }

    /// Whether it says so in words, and not only by its status.
    pub(super) fn speaks_of_a_name(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.speaks_of_a_name())
    }

    /// Whether the service itself says that it does not know the thing; a page is a gateway's.
    pub(super) fn is_not_known(&self) -> bool {
        matches!(self, Self::Refused(refusal) if matches!(refusal.status, 404 | 410) && !refusal.web_page)
    }

    /// Whether the service may have acted on the request.
    pub fn delivered(&self) -> Delivered {
        match self {
            Self::Account { .. }
            | Self::Id(_)
            | Self::AddressTooLong { .. }
            | Self::Filter(_)
            | Self::CountUnknown { .. }
            | Self::Download { .. } => Delivered::No,
            Self::Net { source, .. } => source.delivered(),
            Self::Refused(_) => Delivered::Perhaps,
        }
    }
}

impl Failure for PelionError {
    fn verdict(&self, idempotency: Idempotency) -> RetryVerdict {
        match self {
            Self::Account { .. }
            | Self::Id(_)
            | Self::AddressTooLong { .. }
            | Self::Filter(_)
            | Self::CountUnknown { .. } => RetryVerdict::Final,
            Self::Download { source } => match source {
                FetchError::Net(source) => after_error(source, idempotency),
                FetchError::Status { status, .. } => after_status(*status, idempotency),
                _ => RetryVerdict::Final,
            },
            Self::Net { source, .. } => after_error(source, idempotency),
            Self::Refused(refusal) if refusal.is_of_a_gateway() => {
                after_status(BAD_GATEWAY, idempotency)
            }
            Self::Refused(refusal) if refusal.is_passing_conflict() => match idempotency {
                Idempotency::Repeatable => RetryVerdict::Again,
                Idempotency::Once => RetryVerdict::AskFirst,
            },
            Self::Refused(refusal) => after_status(refusal.status, idempotency),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            Self::Account { .. }
            | Self::Id(_)
            | Self::AddressTooLong { .. }
            | Self::Filter(_)
            | Self::CountUnknown { .. }
            | Self::Download { .. }
            | Self::Net { .. } => None,
        }
    }

    fn is_answer(&self) -> bool {
        self.status().is_some()
    }

    fn may_have_arrived(&self) -> bool {
        self.delivered() == Delivered::Perhaps
    }
}

impl Diagnose for PelionError {
    fn diagnose(&self) -> Diagnosis {
        match self {
            Self::Account { account, why } => {
                Diagnosis::new(Code::AccountInvalid, format!("{self}"), why.clone())
                    .state("Nothing was sent.")
                    .remedy(Remedy::edit_account(account))
            }
            Self::Id(_) => Diagnosis::new(
                Code::ArgumentInvalid,
                format!("{self}."),
                "Ids are letters and digits.",
            )
            .titled("This is not an id")
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
            .remedy(Remedy::advice(
                "Name fewer devices at a time, or give them a common attribute and filter by it.",
            )),
            Self::Filter(error) => error.diagnose(),
            Self::CountUnknown { .. } => Diagnosis::new(
                Code::AnswerUnreadable,
                "How many devices match is not known.",
                format!("{self}."),
            )
            .titled("The devices could not be counted")
            .state("Nothing was started.")
            .remedy(Remedy::advice(
                "Try again, or name the devices by their ids. A campaign is started for a known number of devices only.",
            )),
            Self::Download { source } => source.diagnose(),
            Self::Net {
                source,
                account,
                request,
            } => source
                .diagnose()
                .state(state_after(source.delivered(), request))
                .remedy(Remedy::TestAccount {
                    account: account.clone(),
                })
                .detail("Request", request),
            Self::Refused(refusal) => refusal.diagnose(),
        }
    }
}

/// What is left behind by a request without a usable answer.
fn state_after(delivered: Delivered, request: &str) -> &'static str {
    match (delivered, Subject::only_reads(request)) {
        (_, true) => "Nothing was changed.",
        (Delivered::No, false) => "The request did not reach the service; nothing was changed.",
        (Delivered::Perhaps, false) => {
            "Whether the service acted on the request is not known. Look before asking again."
        }
    }
}
