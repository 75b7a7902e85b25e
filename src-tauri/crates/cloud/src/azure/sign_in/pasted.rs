//! A token that a user brought along. It lives in memory only and cannot be renewed.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use firmdrop_core::{Code, Diagnosis, Moment, Remedy};
use firmdrop_net::Secret;

use crate::azure::{AccessToken, Resource, TokenError, TokenSource};

/// A token that a user brought along, for one resource or for each.
#[derive(Debug)]
pub struct PastedToken {
    token: Secret,
    refused: Mutex<bool>,
}

impl PastedToken {
    /// This token, whatever it is for.
    pub fn new(token: Secret) -> Self {
        Self {
            token,
            refused: Mutex::new(false),
        }
    }
}

#[async_trait]
impl TokenSource for PastedToken {
    async fn token(&self, _: Resource) -> Result<AccessToken, TokenError> {
        if *self.refused.lock().unwrap_or_else(PoisonError::into_inner) {
            let diagnosis = Diagnosis::new(
                Code::SignInNeeded,
                "The service does not accept the token that was given.",
                "A token that is given by hand ends after about an hour and cannot be renewed.",
            )
            .state("The service refused the request; nothing was changed.")
            .remedy(Remedy::Advice {
                text: "Give a new token, or choose a way to sign in.".to_owned(),
            });
            return Err(TokenError(Box::new(diagnosis)));
        }
        Ok(AccessToken {
            secret: self.token.clone(),
            expires: Moment::from_millisecond(i64::from(i32::MAX) * 1000),
        })
    }

    fn refused(&self, _: Resource) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_that_was_refused_was_sent() {
        let pasted = PastedToken::new("token".to_owned().into());
        assert!(pasted.token(Resource::DeviceUpdate).await.is_ok());
        pasted.refused(Resource::DeviceUpdate);
        let error = pasted.token(Resource::DeviceUpdate).await.unwrap_err();
        assert!(error.0.state_now.contains("refused"), "{:?}", error.0);
    }
}
