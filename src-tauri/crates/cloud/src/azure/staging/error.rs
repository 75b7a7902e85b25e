//! What can go wrong in one request to the storage.
//!
//! Never a word about import manifests: that the service could not read a file is another error.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use firmdrop_net::{
    Delivered, NetError,
    retry::{Idempotency, RetryVerdict, after_error, after_status},
};

use super::StorageRefusal;
use crate::azure::TokenError;
use crate::session::Failure;

/// A request without a usable answer.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// What was given cannot be used as it is. Nothing was sent.
    #[error("the storage cannot be used: {why}")]
    Unusable {
        /// Why not, in a sentence without secrets.
        why: String,
    },
    /// There is no token for it.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The way there failed.
    #[error("{source}")]
    Net {
        /// The layer that failed.
        source: NetError,
        /// The account of Firmdrop.
        account: String,
        /// What was asked.
        request: String,
    },
    /// The storage answered and refused.
    #[error("{0}")]
    Refused(Box<StorageRefusal>),
    /// It took other bytes than were sent, by the sum in its answer.
    #[error("what the storage took with {request} is not what was sent")]
    Damaged {
        /// What was asked.
        request: String,
    },
    /// It answered something that cannot be read.
    #[error("the answer to {request} cannot be read")]
    Unreadable {
        /// What was asked.
        request: String,
        /// What is wrong with it.
        why: String,
    },
}

impl StorageError {
    /// The storage's own code; `None` when it did not answer.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => Some(&refusal.code),
            _ => None,
        }
    }

    pub(super) fn is(&self, code: &str) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is(code))
    }

    /// Whether the storage found that other bytes arrived than were sent.
    pub(super) fn is_damage(&self) -> bool {
        self.is("Crc64Mismatch") || self.is("Md5Mismatch") || matches!(self, Self::Damaged { .. })
    }

    /// Whether the blob, not its container, is not there.
    pub(super) fn is_no_blob(&self) -> bool {
        match self {
            // A HEAD has no body, and some gateways drop the header with the code.
            Self::Refused(refusal) => {
                refusal.is("BlobNotFound") || (refusal.status == 404 && refusal.code.is_empty())
            }
            _ => false,
        }
    }

    /// Whether the storage may have acted on the request.
    pub fn delivered(&self) -> Delivered {
        match self {
            Self::Unusable { .. } | Self::Token(_) => Delivered::No,
            Self::Net { source, .. } => source.delivered(),
            Self::Refused(_) | Self::Damaged { .. } | Self::Unreadable { .. } => Delivered::Perhaps,
        }
    }

    /// Whether the same may succeed later without another account or another file.
    pub(super) fn may_pass_later(&self) -> bool {
        match self {
            Self::Refused(refusal) => {
                !matches!(&*refusal.code, "BlobAlreadyExists" | "InvalidBlobOrBlock")
            }
            _ => true,
        }
    }
}

impl Failure for StorageError {
    fn verdict(&self, idempotency: Idempotency) -> RetryVerdict {
        match self {
            Self::Unusable { .. } => RetryVerdict::Final,
            // The way to whoever gives tokens may be down like the way to the storage.
            Self::Token(error) => match error.0.code {
                Code::HostNotFound | Code::HostUnreachable | Code::ServiceTimeout => {
                    RetryVerdict::Again
                }
                _ => RetryVerdict::Final,
            },
            Self::Net { source, .. } => after_error(source, idempotency),
            Self::Refused(refusal) => after_status(refusal.status, idempotency),
            Self::Damaged { .. } | Self::Unreadable { .. } => match idempotency {
                Idempotency::Repeatable => RetryVerdict::Final,
                Idempotency::Once => RetryVerdict::AskFirst,
            },
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            _ => None,
        }
    }

    fn is_answer(&self) -> bool {
        matches!(
            self,
            Self::Refused(_) | Self::Damaged { .. } | Self::Unreadable { .. }
        )
    }
}

impl Diagnose for StorageError {
    fn diagnose(&self) -> Diagnosis {
        match self {
            Self::Unusable { why } => {
                Diagnosis::new(Code::AccountInvalid, "The storage cannot be used as it is.", why.clone())
                    .titled("The storage cannot be used as it is")
                    .state("Nothing was sent.")
                    .remedy(Remedy::advice(
                        "Correct the account's blob endpoint, its container, or what gives access to them.",
                    ))
            }
            Self::Token(error) => (*error.0).clone(),
            Self::Net {
                source,
                account,
                request,
            } => {
                let diagnosis = source.diagnose();
                let diagnosis = match source {
                    NetError::NameNotKnown { .. } => diagnosis
                        .titled("The storage account was not found")
                        .remedy(Remedy::advice(
                            "Check the name of the storage account. One with a private endpoint only is known inside its network alone, and the service that imports cannot read from it.",
                        )),
                    _ => diagnosis,
                };
                diagnosis
                    .remedy(Remedy::TestAccount {
                        account: account.clone(),
                    })
                    .detail("Request", request)
            }
            Self::Refused(refusal) => refusal.diagnose(),
            Self::Damaged { .. } => Diagnosis::new(
                Code::ChunkDamaged,
                format!("{self}."),
                "The CRC-64 in its answer is another one. Probably something on the way changes the bytes.",
            )
            .remedy(Remedy::Resume),
            Self::Unreadable { why, .. } => {
                Diagnosis::new(Code::AnswerUnreadable, format!("{self}."), why.clone())
                    .titled("The storage's answer cannot be read")
                    .remedy(Remedy::advice("Check the address of the storage."))
            }
        }
    }
}
