//! What can go wrong in one operation of the service.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use firmdrop_net::{
    Delivered, NetError,
    retry::{Idempotency, RetryVerdict, after_error, after_status},
};

use crate::session::Failure;

use super::{ApiVersion, Refusal, TokenError, refusal::check_first, sign_in::may_pass};

/// What is waited out: a gateway that does not get through (RFC 9110, section 15.6.3).
const BAD_GATEWAY: u16 = 502;

/// An operation without a usable answer.
#[derive(Debug, thiserror::Error)]
pub enum AzureError {
    /// The account cannot be used as it is.
    #[error("the account {account} cannot be used: {why}")]
    Account {
        /// The account.
        account: String,
        /// What is wrong with it.
        why: String,
    },
    /// A value that the service could not take.
    #[error("{what} cannot be sent: {why}")]
    Argument {
        /// The value.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The version of the account has no such request.
    #[error("{operation} does not exist in version {version} of the interface")]
    NotInVersion {
        /// The account.
        account: String,
        /// What was to be done.
        operation: &'static str,
        /// Its version.
        version: ApiVersion,
    },
    /// The service named an address on another host; nothing was sent there.
    #[error("the service's {name} leads to {host}")]
    ForeignAddress {
        /// The account.
        account: String,
        /// The field or header.
        name: &'static str,
        /// Where it leads.
        host: String,
    },
    /// A list that does not end.
    #[error("the list did not end after {listed} entries")]
    EndlessList {
        /// What was asked.
        request: String,
        /// Entries so far.
        listed: usize,
    },
    /// The service accepted the start of a deployment and says something else of it than was asked for.
    #[error("the service accepted the start of the deployment {id} and says that {said}")]
    StartedOtherwise {
        /// Its id.
        id: String,
        /// What the service says of it.
        said: String,
    },
    /// There is no token.
    #[error("{source}")]
    SignIn {
        /// The account.
        account: String,
        /// Why.
        source: TokenError,
    },
    /// The way there failed.
    #[error("{source}")]
    Net {
        /// The layer that failed.
        source: NetError,
        /// The account.
        account: String,
        /// What was asked: `POST /deviceUpdate/blue/updates:import`.
        request: String,
    },
    /// The service answered and refused.
    #[error("{0}")]
    Refused(Box<Refusal>),
}

impl AzureError {
    /// The status, when the service answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            _ => None,
        }
    }

    /// Whether the service itself says that it does not hold the thing; a page is a gateway's.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == 404 && !refusal.web_page)
    }

    /// Whether the same may succeed later without a change.
    pub fn may_pass_later(&self) -> bool {
        self.verdict(Idempotency::Repeatable) != RetryVerdict::Final
    }

    /// Whether the service may have acted on the request.
    pub fn delivered(&self) -> Delivered {
        match self {
            Self::Net { source, .. } => source.delivered(),
            Self::Refused(_) | Self::ForeignAddress { .. } | Self::StartedOtherwise { .. } => {
                Delivered::Perhaps
            }
            Self::Account { .. }
            | Self::Argument { .. }
            | Self::NotInVersion { .. }
            | Self::EndlessList { .. }
            | Self::SignIn { .. } => Delivered::No,
        }
    }
}

impl Failure for AzureError {
    fn verdict(&self, idempotency: Idempotency) -> RetryVerdict {
        match self {
            Self::Net { source, .. } => after_error(source, idempotency),
            Self::Refused(refusal) if refusal.is_of_a_gateway() => {
                after_status(BAD_GATEWAY, idempotency)
            }
            Self::Refused(refusal) if refusal.is_passing_conflict() => RetryVerdict::Again,
            Self::Refused(refusal) => after_status(refusal.status, idempotency),
            // Nothing was sent to the service, so what passes at the issuer passes here.
            Self::SignIn { source, .. } if may_pass(source) => RetryVerdict::Again,
            Self::SignIn { .. }
            | Self::Account { .. }
            | Self::Argument { .. }
            | Self::NotInVersion { .. }
            | Self::ForeignAddress { .. }
            | Self::StartedOtherwise { .. }
            | Self::EndlessList { .. } => RetryVerdict::Final,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            _ => None,
        }
    }

    fn is_answer(&self) -> bool {
        self.status().is_some()
    }

    fn may_have_arrived(&self) -> bool {
        matches!(self, Self::Net { source, .. } if source.delivered() == Delivered::Perhaps)
    }
}

impl Diagnose for AzureError {
    fn diagnose(&self) -> Diagnosis {
        let what = format!("{self}.");
        match self {
            Self::Account { account, why } => {
                let what = what.trim_end_matches('.').to_owned() + ".";
                Diagnosis::new(Code::AccountInvalid, what, why.clone())
                    .state("Nothing was sent.")
                    .remedy(Remedy::edit_account(account))
            }
            Self::Argument { why, .. } => {
                Diagnosis::new(Code::ArgumentInvalid, what, format!("{why}."))
                    .titled("The request cannot be made")
                    .state("Nothing was sent.")
                    .remedy(Remedy::advice("Correct the value."))
            }
            Self::NotInVersion {
                account, version, ..
            } => Diagnosis::new(
                Code::ServiceRefused,
                what,
                format!("The account is set to {version}."),
            )
            .titled("The account's API version has no such request")
            .state("Nothing was sent.")
            .remedy(Remedy::edit_account(account))
            .remedy(Remedy::advice(format!(
                "Set the account's API version to {}.",
                ApiVersion::default()
            ))),
            Self::ForeignAddress { account, name, .. } => Diagnosis::new(
                Code::AnswerUnreadable,
                what,
                format!("A token is sent to the account's own host only, so this {name} is not followed. A gateway on the way may have changed it."),
            )
            .titled("The service named an address on another host")
            .state(foreign_state(name))
            .remedy(foreign_remedy(name))
            .remedy(Remedy::edit_account(account)),
            Self::EndlessList { request, .. } => Diagnosis::new(
                Code::AnswerUnreadable,
                what,
                "Each page names another one, without an end or in a circle.",
            )
            .state("Nothing was changed.")
            .remedy(Remedy::advice("Narrow the list with a filter, or try again."))
            .detail("Request", request),
            Self::StartedOtherwise { .. } => Diagnosis::new(
                Code::ServiceRefused,
                what,
                "That is not the deployment that was asked for. Perhaps the id was in use before.",
            )
            .titled("The deployment was not started as it was asked for")
            .state("The service holds a deployment of this id. Whether devices have begun is not known.")
            .remedy(Remedy::advice(
                "Look at it: `adu deployments show`. A start under another id is another deployment.",
            )),
            Self::SignIn { account, source } => without_token(account, source),
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

/// There is no token, so nothing went to the service.
fn without_token(account: &str, source: &TokenError) -> Diagnosis {
    let diagnosis = (*source.0).clone();
    let state = &diagnosis.state_now;
    let diagnosis = if state.contains("Nothing was sent") {
        diagnosis
    } else {
        let state = format!("{state} Nothing was sent to the service.");
        diagnosis.state(state.trim_start().to_owned())
    };
    diagnosis.remedy(Remedy::TestAccount {
        account: account.to_owned(),
    })
}

/// What is left behind when an address of the service is not followed: a list was only read.
fn foreign_state(name: &str) -> &'static str {
    match name {
        "nextLink" => "Nothing was changed. The list was read in part only.",
        _ => "The service accepted the request before. Look at its operations and updates.",
    }
}

fn foreign_remedy(name: &str) -> Remedy {
    Remedy::advice(match name {
        "nextLink" => {
            "Compare the account endpoint with the portal, and check a proxy or gateway before it."
        }
        _ => "Read the list of operations; whether it took place is seen there.",
    })
}

/// What is left behind by a request without a usable answer.
fn state_after(delivered: Delivered, request: &str) -> &'static str {
    match (delivered, request.starts_with("GET ")) {
        (_, true) => "Nothing was changed.",
        (Delivered::No, false) => "The request did not reach the service; nothing was changed.",
        (Delivered::Perhaps, false) => check_first(request),
    }
}
