//! User delegation keys: what a signed-in user signs access with instead of the account's key.
//!
//! A key is computed from what it says and a secret of the account, so none needs to be stored.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::Moment;

use super::BearerIdentity;
use crate::keyed_hash::hmac_sha256;

/// The latest that a key may end, seconds after now: Get User Delegation Key, seven days.
const LONGEST_SECONDS: f64 = 7.0 * 24.0 * 3600.0;

/// A key and what it says.
#[derive(Debug, Clone)]
pub(crate) struct DelegationKey {
    pub(crate) object: String,
    pub(crate) tenant: String,
    pub(crate) start: String,
    pub(crate) expiry: String,
    pub(crate) service: String,
    pub(crate) version: String,
}

/// Makes keys.
#[derive(Debug)]
pub(crate) struct Delegator {
    secret: [u8; 32],
}

impl Delegator {
    pub(super) fn new(account_key: &[u8]) -> Self {
        Self {
            secret: hmac_sha256(account_key, b"user delegation"),
        }
    }

    /// The key for this identity, or why there is none.
    pub(crate) fn issue(
        &self,
        identity: BearerIdentity,
        (start, expiry): (Moment, Moment),
        now: Moment,
        version: &str,
    ) -> Result<(DelegationKey, String), &'static str> {
        if start >= expiry || expiry <= now {
            return Err("The key would end before it begins, or has ended.");
        }
        if expiry.seconds_since(now) > LONGEST_SECONDS {
            return Err("The key would be valid for more than seven days.");
        }
        let seconds = |moment: Moment| {
            let text = moment.to_string();
            let whole = text.split('.').next().unwrap_or_default();
            format!("{whole}Z")
        };
        let key = DelegationKey {
            object: identity.object,
            tenant: identity.tenant,
            start: seconds(start),
            expiry: seconds(expiry),
            service: "b".to_owned(),
            version: version.to_owned(),
        };
        let value = self.value(&key);
        Ok((key, STANDARD.encode(value)))
    }

    /// The bytes that access is signed with.
    pub(super) fn value(&self, key: &DelegationKey) -> [u8; 32] {
        let said = [
            &*key.object,
            &key.tenant,
            &key.start,
            &key.expiry,
            &key.service,
            &key.version,
        ];
        hmac_sha256(&self.secret, said.join("\n").as_bytes())
    }
}
