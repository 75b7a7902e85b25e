//! Shared access signatures: of a blob or a container, signed with the account's key or with a user
//! delegation key.
//!
//! The order of the signed lines: Create a service SAS and Create a user delegation SAS, version
//! 2020-12-06 and later. Signatures of older versions, of the whole account, and of stored access
//! policies are refused.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::Moment;

use super::{Action, DelegationKey, Delegator, Target};
use crate::{
    blob::state::{Code, Refusal},
    keyed_hash::hmac_sha256,
};

/// The first version whose lines are these.
const OLDEST_VERSION: &str = "2020-12-06";
/// From this version on the tenant and the user that a delegation key is bound to are signed.
const BOUND_USERS_SINCE: &str = "2025-07-05";
/// From this version on headers and parameters of the request can be signed.
const BOUND_REQUESTS_SINCE: &str = "2026-04-06";
/// The version of the simulator's own signatures.
const SIGNING_VERSION: &str = "2023-11-03";
/// The headers that a signature sets on the answer, in the order they are signed.
const ANSWER_HEADERS: [&str; 5] = ["rscc", "rscd", "rsce", "rscl", "rsct"];

/// A shared access signature of a request.
pub(super) struct Sas<'a> {
    target: &'a Target<'a>,
}

/// A signature of one blob, to be made with the account's key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signing<'a> {
    pub(crate) account: &'a str,
    pub(crate) container: &'a str,
    pub(crate) blob: &'a str,
    pub(crate) permissions: &'a str,
    pub(crate) begins: Moment,
    pub(crate) ends: Moment,
}

impl Signing<'_> {
    /// The query of the signed address.
    pub(super) fn query(&self, key: &[u8]) -> String {
        let Self {
            account,
            container,
            blob,
            permissions,
            ..
        } = self;
        let (begins, ends) = (self.begins.to_string(), self.ends.to_string());
        let resource = format!("/blob/{account}/{container}/{blob}");
        let mut lines = vec![permissions, &*begins, &ends, &resource, "", ""];
        lines.extend([
            "https,http",
            SIGNING_VERSION,
            "b",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
        ]);
        let signature = hmac_sha256(key, lines.join("\n").as_bytes());
        form_urlencoded::Serializer::new(String::new())
            .append_pair("sv", SIGNING_VERSION)
            .append_pair("sr", "b")
            .append_pair("sp", permissions)
            .append_pair("st", &begins)
            .append_pair("se", &ends)
            .append_pair("spr", "https,http")
            .append_pair("sig", &STANDARD.encode(signature))
            .finish()
    }
}

fn refused(detail: impl Into<String>) -> Refusal {
    Refusal::detailed(
        Code::AuthenticationFailed,
        "AuthenticationErrorDetail",
        detail,
    )
}

impl<'a> Sas<'a> {
    /// The request's signature, if it has one.
    pub(super) fn of(target: &'a Target<'a>) -> Option<Self> {
        let sas = Self { target };
        (!sas.field("sig").is_empty()).then_some(sas)
    }

    fn field(&self, name: &str) -> &'a str {
        self.target.parameter(name).unwrap_or_default()
    }

    /// Whether it allows the action now.
    pub(super) fn check(
        &self,
        action: Action,
        key: &[u8],
        delegator: &Delegator,
        now: Moment,
    ) -> Result<(), Refusal> {
        if !self.field("ss").is_empty() {
            return Err(refused(
                "Signatures of the whole account are not simulated.",
            ));
        }
        if self.field("sv") < OLDEST_VERSION {
            return Err(refused("The version sv is older than 2020-12-06."));
        }
        let delegated = !self.field("skoid").is_empty();
        let signing_key = match self.delegation_key() {
            Some(key) if delegated => delegator.value(&key).to_vec(),
            _ => key.to_vec(),
        };
        let given = STANDARD.decode(self.field("sig")).unwrap_or_default();
        let text = self.string_to_sign(delegated)?;
        if hmac_sha256(&signing_key, text.as_bytes()) != *given {
            let text = text.replace('\n', "\\n");
            return Err(refused(format!(
                "Signature did not match. String to sign used was {text}"
            )));
        }
        self.check_time(now)?;
        if delegated {
            self.check_delegation(now)?;
        }
        self.check_protocol()?;
        let permissions = self.field("sp");
        let is_allowed = |letter| permissions.contains(letter);
        match action.letters().chars().any(is_allowed) {
            true => Ok(()),
            false if action.letters().is_empty() => {
                Err(Code::AuthorizationResourceTypeMismatch.into())
            }
            false => Err(Code::AuthorizationPermissionMismatch.into()),
        }
    }

    /// The resource it was made for, as it is signed: the decoded name.
    fn resource(&self) -> Result<String, Refusal> {
        let Target {
            account,
            container,
            blob,
            ..
        } = self.target;
        let container = container.unwrap_or_default();
        match (self.field("sr"), blob) {
            ("b", Some(blob)) => Ok(format!("/blob/{account}/{container}/{blob}")),
            ("c", _) => Ok(format!("/blob/{account}/{container}")),
            ("b", None) => Err(Code::AuthorizationFailure.into()),
            (other, _) => Err(refused(format!("sr={other} is not simulated."))),
        }
    }

    fn string_to_sign(&self, delegated: bool) -> Result<String, Refusal> {
        let version = self.field("sv");
        let mut lines = vec![
            self.field("sp").to_owned(),
            self.field("st").to_owned(),
            self.field("se").to_owned(),
            self.resource()?,
        ];
        let mut add = |names: &[&str]| {
            lines.extend(names.iter().map(|name| self.field(name).to_owned()));
        };
        if delegated {
            add(&["skoid", "sktid", "skt", "ske", "sks", "skv"]);
            add(&["saoid", "suoid", "scid"]);
            if version >= BOUND_USERS_SINCE {
                add(&["skdutid", "sduoid"]);
            }
        } else {
            add(&["si"]);
        }
        add(&["sip", "spr", "sv", "sr", "snapshot", "ses"]);
        if delegated && version >= BOUND_REQUESTS_SINCE {
            add(&["srh", "srq"]);
        }
        add(&ANSWER_HEADERS);
        Ok(lines.join("\n"))
    }

    fn delegation_key(&self) -> Option<DelegationKey> {
        Some(DelegationKey {
            object: self.target.parameter("skoid")?.to_owned(),
            tenant: self.target.parameter("sktid")?.to_owned(),
            start: self.target.parameter("skt")?.to_owned(),
            expiry: self.target.parameter("ske")?.to_owned(),
            service: self.target.parameter("sks")?.to_owned(),
            version: self.target.parameter("skv")?.to_owned(),
        })
    }

    fn check_time(&self, now: Moment) -> Result<(), Refusal> {
        let (start, expiry) = (self.field("st"), self.field("se"));
        let Some(ends) = moment(expiry) else {
            return Err(refused("Signature fields not well formed."));
        };
        if start.is_empty() && ends > now {
            return Ok(());
        }
        let has_begun = moment(start).is_some_and(|begins| begins <= now);
        if has_begun && ends > now {
            return Ok(());
        }
        Err(refused(format!(
            "Signature not valid in the specified time frame: Start [{start}] - Expiry [{expiry}] \
             - Current [{now}]"
        )))
    }

    fn check_delegation(&self, now: Moment) -> Result<(), Refusal> {
        let frame = (moment(self.field("skt")), moment(self.field("ske")));
        match frame {
            (Some(begins), Some(ends)) if begins <= now && now < ends => Ok(()),
            _ => Err(refused("The user delegation key is not valid now.")),
        }
    }

    /// `spr=https` is taken over plain HTTP too: this server has no other, and is on loopback, where
    /// a signature made for the real service must be usable. An unknown value is refused.
    fn check_protocol(&self) -> Result<(), Refusal> {
        match self.field("spr") {
            "" | "https" | "https,http" => Ok(()),
            _ => Err(refused("Signature fields not well formed: spr.")),
        }
    }
}

/// A moment as signatures write it: a date, minutes or seconds, in UTC.
fn moment(text: &str) -> Option<Moment> {
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        17 => text.replace('Z', ":00Z"),
        _ => text.to_owned(),
    };
    let timestamp: jiff::Timestamp = whole.parse().ok()?;
    Some(Moment::from_microsecond(timestamp.as_microsecond()))
}
