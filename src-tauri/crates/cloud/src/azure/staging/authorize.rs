//! The last step before a request leaves: it gets what opens the storage.
//!
//! It signs by the storage's own clock, and asks for a new token once when the last was refused.

use std::sync::Arc;

use azure_core::{
    credentials::Secret as Base64Key,
    error::{Error, ErrorKind},
    http::{
        Context, Request, StatusCode,
        policies::{Policy, PolicyResult},
    },
    time::{OffsetDateTime, to_rfc7231},
};
use secrecy::ExposeSecret;

use super::{
    StorageError,
    access::{SasToken, StorageAccess, base64_key},
    clock::Clocks,
    sas::sign,
    shared_key::text_to_sign,
};
use crate::azure::{Resource, TokenSource};

#[derive(Debug)]
pub(super) struct Authorize {
    credential: Credential,
    account: String,
    clocks: Clocks,
}

#[derive(Debug)]
enum Credential {
    Key(Base64Key),
    Sas(SasToken),
    Token(Arc<dyn TokenSource>),
}

impl Authorize {
    pub(super) fn new(account: &str, access: &StorageAccess, clocks: Clocks) -> Self {
        let credential = match access {
            StorageAccess::AccountKey(key) => Credential::Key(base64_key(key)),
            StorageAccess::Sas { write, .. } => Credential::Sas(write.clone()),
            StorageAccess::SignedIn(source) => Credential::Token(Arc::clone(source)),
        };
        Self {
            credential,
            account: account.to_owned(),
            clocks,
        }
    }

    fn with_signature(&self, request: &mut Request, key: &Base64Key) -> Result<(), StorageError> {
        let seconds = self.clocks.theirs().as_millisecond().div_euclid(1000);
        let now = OffsetDateTime::from_unix_timestamp(seconds);
        let now = now.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        request.insert_header("x-ms-date", to_rfc7231(&now));
        let signature = sign(&text_to_sign(&self.account, request), key)?;
        let value = format!("SharedKey {}:{signature}", self.account);
        request.insert_header("authorization", value);
        Ok(())
    }

    async fn with_token(request: &mut Request, source: &dyn TokenSource) -> azure_core::Result<()> {
        let token = source.token(Resource::Storage).await;
        let token = token.map_err(|error| {
            Error::with_error(ErrorKind::Credential, error, "there is no token")
        })?;
        let value = format!("Bearer {}", token.secret.expose_secret());
        request.insert_header("authorization", value);
        Ok(())
    }
}

#[async_trait::async_trait]
impl Policy for Authorize {
    async fn send(
        &self,
        context: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        let Some((first, rest)) = next.split_first() else {
            return Err(Error::with_message(ErrorKind::Other, "nothing sends"));
        };
        match &self.credential {
            Credential::Key(key) => {
                let signed = self.with_signature(request, key);
                signed.map_err(|error| {
                    Error::with_error(ErrorKind::Credential, error, "the request is not signed")
                })?;
            }
            Credential::Sas(token) => {
                let own = request.url().query().map(str::to_owned);
                let query = match own.filter(|own| !own.is_empty()) {
                    Some(own) => format!("{own}&{}", token.query()),
                    None => token.query().to_owned(),
                };
                request.url_mut().set_query(Some(&query));
            }
            Credential::Token(source) => {
                Self::with_token(request, &**source).await?;
                let response = first.send(context, request, rest).await?;
                if response.status() != StatusCode::Unauthorized {
                    return Ok(response);
                }
                source.refused(Resource::Storage);
                request.body_mut().reset().await?;
                Self::with_token(request, &**source).await?;
            }
        }
        first.send(context, request, rest).await
    }
}
