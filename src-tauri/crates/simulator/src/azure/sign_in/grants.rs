//! The grants: which request gets which tokens.
//!
//! Error names: OAuth 2.0 (RFC 6749, 8628, 7636); numbers: "Microsoft Entra authentication and
//! authorization error codes".

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use firmdrop_core::{Moment, Sha256};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    answer::Denied,
    token::{App, Issuer, Resource},
};

/// How long a device code and an authorization code live; the issuer's documents.
const DEVICE_CODE_LIVES: Duration = Duration::from_mins(15);
const CODE_LIVES: Duration = Duration::from_mins(10);
/// How long to wait between two requests for a device code's token, seconds: the issuer's documents.
const INTERVAL_SECONDS: u64 = 5;
/// How long a refresh token lives, seconds: 90 days.
const REFRESH_SECONDS: i64 = 90 * 24 * 3600;

/// The fields of a request.
pub(super) type Form = BTreeMap<String, String>;

/// A sign-in on another device.
#[derive(Debug, Clone)]
struct DeviceCode {
    client_id: String,
    scope: String,
    user_code: String,
    ends: Moment,
    /// When the user agrees by himself.
    agrees: Option<Moment>,
    last_poll: Option<Moment>,
    declined: bool,
}

/// A sign-in in the browser that came back with a code.
#[derive(Debug, Clone)]
struct Code {
    client_id: String,
    scope: String,
    redirect: String,
    challenge: String,
    ends: Moment,
}

/// What a refresh token says.
#[derive(Debug, Serialize, Deserialize)]
struct Refresh {
    of_client: String,
    tid: String,
    exp: i64,
    number: u64,
}

/// The tenant's applications and the sign-ins that are on their way.
#[derive(Debug)]
pub(crate) struct Registry {
    pub(super) issuer: Arc<Issuer>,
    apps: Vec<App>,
    token_seconds: i64,
    agrees_after: Option<Duration>,
    devices: BTreeMap<String, DeviceCode>,
    codes: BTreeMap<String, Code>,
    revoked_before: u64,
    number: u64,
}

impl Registry {
    pub(crate) fn new(
        issuer: Arc<Issuer>,
        apps: Vec<App>,
        token_lifetime: Duration,
        agrees_after: Option<Duration>,
    ) -> Self {
        Self {
            issuer,
            apps,
            token_seconds: i64::try_from(token_lifetime.as_secs()).unwrap_or(i64::MAX),
            agrees_after,
            devices: BTreeMap::new(),
            codes: BTreeMap::new(),
            revoked_before: 0,
            number: 0,
        }
    }

    /// The user agrees to, or declines, the sign-in with this code; false when there is none.
    pub(crate) fn answer_device(&mut self, user_code: &str, agrees: bool) -> bool {
        let now = self.issuer.now();
        let mut all = self.devices.values_mut();
        let Some(device) = all.find(|one| one.user_code == user_code) else {
            return false;
        };
        device.declined = !agrees;
        device.agrees = agrees.then_some(now);
        true
    }

    /// Makes every refresh token of so far worthless.
    pub(crate) fn revoke(&mut self) {
        self.revoked_before = self.number + 1;
    }

    fn app(&self, form: &Form) -> Result<App, Denied> {
        let id = form.get("client_id").map_or("", |id| id);
        let app = self.apps.iter().find(|app| app.client_id == id).cloned();
        app.ok_or_else(|| {
            let why = format!("Application with identifier '{id}' was not found in the directory.");
            Denied::new("unauthorized_client", 700_016, why)
        })
    }

    /// Whether the tenant in the path is ours.
    pub(super) fn check_tenant(&self, tenant: &str) -> Result<(), Denied> {
        if [&*self.issuer.tenant, "common", "organizations"].contains(&tenant) {
            return Ok(());
        }
        let why = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
        );
        Err(Denied::new("invalid_request", 90_002, why))
    }

    pub(super) fn token(&mut self, form: &Form) -> Result<Value, Denied> {
        match form.get("grant_type").map(String::as_str) {
            Some("client_credentials") => self.client_credentials(form),
            Some("urn:ietf:params:oauth:grant-type:device_code") => self.device_token(form),
            Some("authorization_code") => self.code_token(form),
            Some("refresh_token") => self.refreshed(form),
            Some("password") => {
                let why = "The password grant is not allowed here.";
                Err(Denied::new("invalid_grant", 50_126, why))
            }
            _ => {
                let why = "The request body must contain a known 'grant_type'.";
                Err(Denied::new("unsupported_grant_type", 70_003, why))
            }
        }
    }

    fn client_credentials(&self, form: &Form) -> Result<Value, Denied> {
        let app = self.app(form)?;
        let Some(given) = form.get("client_secret") else {
            let why = "The request body must contain: 'client_assertion' or 'client_secret'.";
            return Err(Denied::new("invalid_client", 7_000_218, why));
        };
        if app.client_secret.as_ref() != Some(given) {
            let why = "Invalid client secret provided.";
            return Err(Denied::new("invalid_client", 7_000_215, why));
        }
        let scope = form.get("scope").map_or("", |scope| scope);
        if !scope.ends_with("/.default") {
            let why = format!(
                "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
            );
            return Err(Denied::new("invalid_scope", 1_002_012, why));
        }
        let resource = resource(scope)?;
        Ok(self.access(&app, resource, false))
    }

    fn access(&self, app: &App, resource: Resource, is_user: bool) -> Value {
        let seconds = self.token_seconds;
        json!({
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": self.issuer.access_token(app, resource, is_user, seconds),
        })
    }

    /// Tokens of the user through the application.
    fn user_tokens(&mut self, app: &App, scope: &str) -> Result<Value, Denied> {
        let mut answer = self.access(app, resource(scope)?, true);
        answer["scope"] = scope.into();
        if scope.split(' ').any(|one| one == "offline_access") {
            self.number += 1;
            let refresh = Refresh {
                of_client: app.client_id.clone(),
                tid: self.issuer.tenant.clone(),
                exp: self.issuer.now_seconds() + REFRESH_SECONDS,
                number: self.number,
            };
            answer["refresh_token"] = self.issuer.sign(&refresh).into();
        }
        Ok(answer)
    }

    pub(super) fn device_code(&mut self, form: &Form, base: &str) -> Result<Value, Denied> {
        let app = self.app(form)?;
        let scope = form.get("scope").cloned().unwrap_or_default();
        resource(&scope)?;
        self.number += 1;
        let now = self.issuer.now();
        let user_code = format!("SIM{:06}", self.number);
        let code = format!("device-{:016x}-{:016x}", self.number, now.as_microsecond());
        let device = DeviceCode {
            client_id: app.client_id,
            scope,
            user_code: user_code.clone(),
            ends: now.after(DEVICE_CODE_LIVES),
            agrees: self.agrees_after.map(|wait| now.after(wait)),
            last_poll: None,
            declined: false,
        };
        self.devices.insert(code.clone(), device);
        let address = format!("{base}/devicelogin");
        Ok(json!({
            "device_code": code,
            "user_code": user_code,
            "verification_uri": address,
            "expires_in": DEVICE_CODE_LIVES.as_secs(),
            "interval": INTERVAL_SECONDS,
            "message": format!("To sign in, open {address} and enter the code {user_code}."),
        }))
    }

    fn device_token(&mut self, form: &Form) -> Result<Value, Denied> {
        let app = self.app(form)?;
        let now = self.issuer.now();
        let code = form.get("device_code").map_or("", |code| code);
        let device = self.devices.get_mut(code);
        let Some(device) = device.filter(|one| one.client_id == app.client_id) else {
            let why = "The device code is not known.";
            return Err(Denied::new("bad_verification_code", 70_018, why));
        };
        if device.declined {
            let why = "The user declined the sign-in.";
            return Err(Denied::new("authorization_declined", 70_017, why));
        }
        if device.ends <= now {
            return Err(Denied::new(
                "expired_token",
                70_020,
                "The device code has expired.",
            ));
        }
        if device.agrees.is_some_and(|at| at <= now) {
            let scope = device.scope.clone();
            self.devices.remove(code);
            return self.user_tokens(&app, &scope);
        }
        let before = device.last_poll.replace(now);
        let interval = Duration::from_secs(INTERVAL_SECONDS - 1);
        if before.is_some_and(|before| now < before.after(interval)) {
            return Err(Denied::new(
                "slow_down",
                70_019,
                "Too many requests for this code.",
            ));
        }
        let why = "Authorization is pending. Continue polling.";
        Err(Denied::new("authorization_pending", 70_016, why))
    }

    /// The code that the browser brings back.
    pub(super) fn authorize(&mut self, query: &Form) -> Result<String, Denied> {
        let app = self.app(query)?;
        let text = |name: &str| query.get(name).cloned().unwrap_or_default();
        if text("response_type") != "code" {
            let why = "Only response_type=code is allowed.";
            return Err(Denied::new("unsupported_response_type", 70_005, why));
        }
        if text("code_challenge").is_empty() || text("code_challenge_method") != "S256" {
            let why = "Proof Key for Code Exchange is required, with the method S256.";
            return Err(Denied::new("invalid_request", 9_002_325, why));
        }
        let scope = text("scope");
        resource(&scope)?;
        self.number += 1;
        let now = self.issuer.now();
        let code = format!("code-{:016x}-{:016x}", self.number, now.as_microsecond());
        let entry = Code {
            client_id: app.client_id,
            scope,
            redirect: text("redirect_uri"),
            challenge: text("code_challenge"),
            ends: now.after(CODE_LIVES),
        };
        self.codes.insert(code.clone(), entry);
        Ok(code)
    }

    fn code_token(&mut self, form: &Form) -> Result<Value, Denied> {
        let app = self.app(form)?;
        let text = |name: &str| form.get(name).map_or("", |text| text);
        // A code is good once, also for who has it wrong.
        let code = self.codes.remove(text("code"));
        let now = self.issuer.now();
        let code = code.filter(|code| code.client_id == app.client_id && now < code.ends);
        let Some(code) = code else {
            let why = "The code is not known, was redeemed already, or has expired.";
            return Err(Denied::new("invalid_grant", 54_005, why));
        };
        if code.redirect != text("redirect_uri") {
            let why = "The reply address is not that of the authorization request.";
            return Err(Denied::new("invalid_grant", 500_112, why));
        }
        let proof = Sha256::of(text("code_verifier").as_bytes());
        if URL_SAFE_NO_PAD.encode(proof.as_bytes()) != code.challenge {
            let why = "The code_verifier does not match the code_challenge.";
            return Err(Denied::new("invalid_grant", 501_481, why));
        }
        self.user_tokens(&app, &code.scope)
    }

    fn refreshed(&mut self, form: &Form) -> Result<Value, Denied> {
        let app = self.app(form)?;
        let given = form.get("refresh_token").map_or("", |token| token);
        let refresh: Option<Refresh> = self.issuer.read(given);
        let now = self.issuer.now_seconds();
        let good = refresh.filter(|one| {
            one.of_client == app.client_id && one.exp > now && one.number >= self.revoked_before
        });
        if good.is_none() {
            let why = "The refresh token has expired, was revoked, or is not of this application.";
            return Err(Denied::new("invalid_grant", 700_082, why));
        }
        // One refresh token opens every resource of the user.
        let scope = form.get("scope").cloned().unwrap_or_default();
        let scope = if scope.split(' ').any(|one| one == "offline_access") {
            scope
        } else {
            format!("{scope} offline_access")
        };
        self.user_tokens(&app, &scope)
    }
}

/// The one resource that the scopes name.
fn resource(scope: &str) -> Result<Resource, Denied> {
    let plain = ["openid", "profile", "email", "offline_access"];
    let mut named = scope
        .split(' ')
        .filter(|one| !one.is_empty() && !plain.contains(one));
    let (Some(first), rest) = (named.next(), named.next()) else {
        let why = "The request body must contain: 'scope'.";
        return Err(Denied::new("invalid_request", 900_144, why));
    };
    let found = Resource::of_scope(first);
    if rest.is_some_and(|rest| Resource::of_scope(rest) != found) {
        let why = "The scopes are of more than one resource.";
        return Err(Denied::new("invalid_scope", 28_000, why));
    }
    found.ok_or_else(|| {
        let why = format!("The resource principal named {first} was not found in the tenant.");
        Denied::new("invalid_resource", 500_011, why)
    })
}
