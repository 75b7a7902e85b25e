//! The gate: looks at what a request brings and lets it pass or not.

use std::sync::Arc;

use axum::http::header;
use firmdrop_core::Moment;

use super::{
    Action, Bearer, BearerIdentity, BearerRefusal, Delegator, Signing, Target, sas::Sas, shared_key,
};
use crate::blob::state::{Code, Refusal};

/// Who may enter.
#[derive(Debug)]
pub(crate) struct Gate {
    key: Vec<u8>,
    bearer: Option<Arc<dyn Bearer>>,
    pub(crate) delegator: Delegator,
}

impl Gate {
    pub(crate) fn new(key: Vec<u8>, bearer: Option<Arc<dyn Bearer>>) -> Self {
        Self {
            delegator: Delegator::new(&key),
            key,
            bearer,
        }
    }

    /// The query of an address that is signed with the account's key.
    pub(crate) fn sign(&self, signing: &Signing<'_>) -> String {
        signing.query(&self.key)
    }

    /// Lets the request pass, and says whose it is when it brought a token.
    pub(crate) fn check(
        &self,
        target: &Target<'_>,
        action: Action,
        now: Moment,
    ) -> Result<Option<BearerIdentity>, Refusal> {
        let authorization = target.headers.get(header::AUTHORIZATION);
        let Some(authorization) = authorization else {
            let Some(sas) = Sas::of(target) else {
                return Err(Code::NoAuthenticationInformation.into());
            };
            sas.check(action, &self.key, &self.delegator, now)?;
            return Ok(None);
        };
        let authorization = authorization.to_str().unwrap_or_default();
        match authorization.split_once(' ') {
            Some(("SharedKey", given)) => {
                self.check_shared_key(target, given)?;
                if action == Action::Delegate {
                    return Err(Code::AuthenticationFailed.into());
                }
                Ok(None)
            }
            Some(("Bearer", token)) => self.check_bearer(token).map(Some),
            _ => Err(malformed()),
        }
    }

    fn check_shared_key(&self, target: &Target<'_>, given: &str) -> Result<(), Refusal> {
        let (account, signature) = given.split_once(':').ok_or_else(malformed)?;
        if account == target.account && shared_key::is_signed(target, &self.key, signature) {
            return Ok(());
        }
        Err(Refusal::detailed(
            Code::AuthenticationFailed,
            "AuthenticationErrorDetail",
            "The MAC signature found in the HTTP request is not the same as any computed signature.",
        ))
    }

    fn check_bearer(&self, token: &str) -> Result<BearerIdentity, Refusal> {
        let Some(bearer) = &self.bearer else {
            return Err(invalid("Bearer tokens are not taken here."));
        };
        bearer.check(token).map_err(|refusal| match refusal {
            BearerRefusal::Invalid(detail) => invalid(&detail),
            BearerRefusal::NoRole => Code::AuthorizationPermissionMismatch.into(),
        })
    }
}

fn malformed() -> Refusal {
    Refusal::detailed(
        Code::InvalidAuthenticationInfo,
        "AuthenticationErrorDetail",
        "Authentication scheme is not supported.",
    )
}

fn invalid(detail: &str) -> Refusal {
    Refusal::detailed(
        Code::InvalidAuthenticationInfo,
        "AuthenticationErrorDetail",
        detail,
    )
}
