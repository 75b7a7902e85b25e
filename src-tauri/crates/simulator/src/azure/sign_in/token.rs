//! Tokens: signed claims, and what they open.
//!
//! They have the form of a JWT, signed with HMAC-SHA256 and a secret of the simulator: nobody but the
//! simulated services can make one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use crate::{
    blob::{Bearer, BearerIdentity, BearerRefusal},
    keyed_hash::hmac_sha256,
    timeline::Timeline,
};

/// The object id of the tenant's user.
const USER: &str = "5157a000-0000-4000-9000-000000000001";

/// What a token can be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    DeviceUpdate,
    Storage,
    Management,
}

impl Resource {
    const ALL: [Self; 3] = [Self::DeviceUpdate, Self::Storage, Self::Management];

    /// As in the audience of tokens, without a slash at the end.
    pub(crate) const fn address(self) -> &'static str {
        match self {
            Self::DeviceUpdate => "https://api.adu.microsoft.com",
            Self::Storage => "https://storage.azure.com",
            Self::Management => "https://management.azure.com",
        }
    }

    /// The resource of a scope: `ADDRESS/.default`, `ADDRESS/user_impersonation`.
    pub(super) fn of_scope(scope: &str) -> Option<Self> {
        let (address, _) = scope.rsplit_once('/')?;
        let address = address.trim_end_matches('/');
        Self::ALL.into_iter().find(|one| one.address() == address)
    }
}

/// An application of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its client id.
    pub client_id: String,
    /// Its secret; a public client has none.
    pub client_secret: Option<String>,
    /// Whether it, and the user through it, may use the update service.
    pub may_update: bool,
    /// Whether it, and the user through it, may use the storage.
    pub may_store: bool,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) aud: String,
    pub(crate) iss: String,
    pub(crate) tid: String,
    pub(crate) oid: String,
    pub(crate) appid: String,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    /// What the owner may do with the resource.
    pub(crate) roles: Vec<String>,
}

/// Makes and judges tokens.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub(crate) tenant: String,
    secret: [u8; 32],
    timeline: Timeline,
}

impl Issuer {
    pub(crate) fn new(tenant: &str, timeline: Timeline) -> Self {
        Self {
            tenant: tenant.to_owned(),
            secret: hmac_sha256(b"the simulated tenant", tenant.as_bytes()),
            timeline,
        }
    }

    pub(crate) fn now_seconds(&self) -> i64 {
        self.timeline.now().as_millisecond() / 1000
    }

    pub(crate) fn now(&self) -> Moment {
        self.timeline.now()
    }

    /// A token of the application for the resource.
    pub(super) fn access_token(
        &self,
        app: &App,
        resource: Resource,
        is_user: bool,
        seconds: i64,
    ) -> String {
        let now = self.now_seconds();
        let may = match resource {
            Resource::DeviceUpdate => app.may_update,
            Resource::Storage => app.may_store,
            Resource::Management => true,
        };
        self.sign(&Claims {
            aud: resource.address().to_owned(),
            iss: format!("https://sts.windows.net/{}/", self.tenant),
            tid: self.tenant.clone(),
            oid: if is_user { USER } else { &app.client_id }.to_owned(),
            appid: app.client_id.clone(),
            iat: now,
            nbf: now - 300,
            exp: now + seconds,
            roles: if may {
                vec!["owner".to_owned()]
            } else {
                Vec::new()
            },
        })
    }

    /// Any claims as a signed text.
    pub(super) fn sign<T: Serialize>(&self, claims: &T) -> String {
        let header = r#"{"typ":"JWT","alg":"HS256","kid":"simulator"}"#;
        let claims = serde_json::to_string(claims).unwrap_or_default();
        let said = [header, &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let said = said.join(".");
        let signature = hmac_sha256(&self.secret, said.as_bytes());
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The claims of a text that was signed here.
    pub(super) fn read<T: for<'de> Deserialize<'de>>(&self, token: &str) -> Option<T> {
        let (said, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if *signature != hmac_sha256(&self.secret, said.as_bytes()) {
            return None;
        }
        let claims = URL_SAFE_NO_PAD.decode(said.rsplit_once('.')?.1).ok()?;
        serde_json::from_slice(&claims).ok()
    }

    /// The claims of a token that is good for the resource now, or why it is not.
    pub(crate) fn check(&self, token: &str, resource: Resource) -> Result<Claims, &'static str> {
        let claims: Option<Claims> = self.read(token);
        let claims = claims.ok_or("Signature validation failed.")?;
        if claims.aud.trim_end_matches('/') != resource.address() {
            return Err("Audience validation failed. Audience did not match.");
        }
        if self.now_seconds() >= claims.exp {
            return Err("Lifetime validation failed. The token is expired.");
        }
        Ok(claims)
    }
}

impl Bearer for Issuer {
    fn check(&self, token: &str) -> Result<BearerIdentity, BearerRefusal> {
        let claims = self.check(token, Resource::Storage);
        let claims = claims.map_err(|why| BearerRefusal::Invalid(why.to_owned()))?;
        if claims.roles.is_empty() {
            return Err(BearerRefusal::NoRole);
        }
        Ok(BearerIdentity {
            object: claims.oid,
            tenant: claims.tid,
        })
    }
}
