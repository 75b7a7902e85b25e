//! What the storage says when it refuses, and what each of its codes means for the user.
//!
//! The codes are texts of the service and stay in here.
//! Source: learn.microsoft.com, "Common REST API error codes" and "Blob Storage error codes".

use std::time::Duration;

use azure_core::http::{RawResponse, headers::HeaderName};
use firmdrop_core::{Code, Diagnose, Diagnosis, Moment, Remedy};

use crate::azure::wire::shortened;

/// No more of a message is shown.
const MESSAGE_CHARACTERS: usize = 400;

/// The storage takes a request that is so old or so early at most.
/// Source: learn.microsoft.com, "Authorize with Shared Key", "Specifying the Date header".
const CLOCKS_MAY_DIFFER: Duration = Duration::from_mins(15);

/// What the access was had with; the remedy depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessKind {
    /// The account's key.
    AccountKey,
    /// A shared access signature.
    Sas,
    /// A token of whoever is signed in.
    SignedIn,
}

/// An answer of the storage that is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageRefusal {
    /// The status.
    pub status: u16,
    /// The storage's own code, `AuthorizationFailure`; empty when somebody else answered.
    pub code: String,
    /// Its words, without secrets, one line.
    pub message: String,
    /// What it says besides of an authentication that failed, in the same way.
    pub cause: String,
    /// The tenant whose tokens it takes, where it says so.
    pub tenant: Option<String>,
    /// Its id of the request, for support.
    pub request_id: String,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// What was asked: `Put Block of updates/…`.
    pub request: String,
    /// The account of Firmdrop.
    pub account: String,
    /// The storage account and container: `contoso/updates`.
    pub place: String,
    /// With what.
    pub access: AccessKind,
    /// What time it was, by the storage's clock and by ours.
    pub clocks: (Option<Moment>, Moment),
}

/// What is known before the answer is read.
pub(super) struct RequestContext {
    pub(super) request: String,
    pub(super) account: String,
    pub(super) place: String,
    pub(super) access: AccessKind,
    pub(super) ours: Moment,
}

impl StorageRefusal {
    pub(super) fn read(status: u16, raw: Option<&RawResponse>, context: RequestContext) -> Self {
        let header = |name: &'static str| {
            let value = raw?
                .headers()
                .get_optional_str(&HeaderName::from_static(name));
            value.map(str::to_owned)
        };
        let body = raw.map(|raw| String::from_utf8_lossy(raw.body()).into_owned());
        let body = body.unwrap_or_default();
        let code = header("x-ms-error-code").or_else(|| element(&body, "Code"));
        let seconds = header("retry-after").and_then(|text| text.trim().parse().ok());
        let theirs = header("date").and_then(|date| azure_core::time::parse_rfc7231(&date).ok());
        let theirs =
            theirs.map(|date| Moment::from_millisecond(date.unix_timestamp().saturating_mul(1000)));
        Self {
            status,
            code: code.filter(|code| is_a_code(code)).unwrap_or_default(),
            message: one_line(&element(&body, "Message").unwrap_or_default()),
            cause: shortened(&element(&body, "AuthenticationErrorDetail").unwrap_or_default()),
            tenant: header("www-authenticate").and_then(|challenge| tenant_in(&challenge)),
            request_id: one_line(&header("x-ms-request-id").unwrap_or_default()),
            retry_after: seconds
                .map(Duration::from_secs)
                .map(|wait| wait.min(firmdrop_net::retry::LONGEST_RETRY_AFTER)),
            request: context.request,
            account: context.account,
            place: context.place,
            access: context.access,
            clocks: (theirs, context.ours),
        }
    }

    /// Whether the storage itself said it, with this code.
    pub(super) fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// Both clocks in words, when they differ by more than the storage takes.
    fn clocks_differ(&self) -> Option<String> {
        let (theirs, ours) = (self.clocks.0?, self.clocks.1);
        let apart = theirs.as_millisecond().abs_diff(ours.as_millisecond());
        (Duration::from_millis(apart) >= CLOCKS_MAY_DIFFER).then(|| {
            format!(
                "It is {theirs} by the storage's clock and {ours} by the clock of this computer."
            )
        })
    }
}

impl std::fmt::Display for StorageRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the storage {} refused: {}", self.place, self.status)?;
        if !self.code.is_empty() {
            write!(f, " {}", self.code)?;
        }
        Ok(())
    }
}

impl Diagnose for StorageRefusal {
    fn diagnose(&self) -> Diagnosis {
        let row = self.row();
        let mut diagnosis = Diagnosis::new(row.code, format!("{self}."), row.why)
            .titled(row.title)
            .remedy(Remedy::Advice {
                text: row.help.to_owned(),
            });
        if matches!(row.code, Code::KeyRefused | Code::KeyForbidden) {
            diagnosis = diagnosis.remedy(Remedy::TestAccount {
                account: self.account.clone(),
            });
        }
        let tenant = self.tenant.clone().unwrap_or_default();
        let details = [
            ("Request", &self.request),
            ("Message", &self.message),
            ("Cause", &self.cause),
            ("Tenant of the storage", &tenant),
            ("Request id", &self.request_id),
        ];
        let details = details.into_iter().filter(|(_, value)| !value.is_empty());
        details.fold(diagnosis, |diagnosis, (label, value)| {
            diagnosis.detail(label, value)
        })
    }
}

/// What a code means.
struct Row {
    code: Code,
    title: &'static str,
    why: String,
    help: &'static str,
}

fn row(code: Code, title: &'static str, why: &str, help: &'static str) -> Row {
    Row {
        code,
        title,
        why: why.to_owned(),
        help,
    }
}

const WAIT: &str = "Wait a little, then resume.";

impl StorageRefusal {
    fn row(&self) -> Row {
        match &*self.code {
            "AuthenticationFailed"
            | "InvalidAuthenticationInfo"
            | "NoAuthenticationInformation" => self.not_authenticated(),
            "AuthorizationPermissionMismatch" => self.without_permission(),
            "AuthorizationFailure" | "AuthorizationSourceIPMismatch" => self.not_authorized(),
            "KeyBasedAuthenticationNotPermitted" => row(
                Code::KeyForbidden,
                "The storage account takes no keys",
                "Access by the account's key is switched off for it, and with it every signature of that key.",
                "Sign in with Microsoft Entra instead, or allow key access for the storage account.",
            ),
            "AuthorizationProtocolMismatch" | "AccountRequiresHttps" => row(
                Code::KeyForbidden,
                "The storage wants https",
                "The signature, or the account, allows https only.",
                "Give the address of the storage with https.",
            ),
            "AuthorizationServiceMismatch" | "AuthorizationResourceTypeMismatch"
                if self.access != AccessKind::Sas =>
            {
                self.without_permission()
            }
            "AuthorizationServiceMismatch" | "AuthorizationResourceTypeMismatch" => row(
                Code::KeyForbidden,
                "The signature is for something else",
                "The shared access signature allows another service or another kind of resource than blobs in a container.",
                "Generate one for the Blob service, for containers and objects.",
            ),
            "AccountIsDisabled" | "ContainerDisabled" => row(
                Code::ServiceRefused,
                "The storage is disabled",
                "Whoever administers it has disabled it.",
                "Ask whoever administers the storage account.",
            ),
            _ => self.of_the_container(),
        }
    }

    fn not_authenticated(&self) -> Row {
        let title = "The storage does not accept the sign-in";
        if let Some(clocks) = self.clocks_differ() {
            return Row {
                code: Code::KeyRefused,
                title: "The clock of this computer is wrong",
                why: clocks,
                help: "Set the clock of this computer, then resume.",
            };
        }
        let (why, help) = match self.access {
            AccessKind::AccountKey => (
                "The key is not that of the account; probably it was renewed, or belongs to another one.",
                "Copy the key of the storage account again.",
            ),
            AccessKind::Sas => (
                "The shared access signature is not valid: it ended, was cut off, or the key behind it was renewed.",
                "Generate a new one with read, create and write.",
            ),
            AccessKind::SignedIn => (
                "The token is not accepted. Probably it is of another tenant than the storage account.",
                "Sign in again, in the tenant of the storage account.",
            ),
        };
        row(Code::KeyRefused, title, why, help)
    }

    fn without_permission(&self) -> Row {
        let title = "The storage does not allow this";
        match self.access {
            AccessKind::SignedIn => row(
                Code::KeyForbidden,
                title,
                "Whoever is signed in has no data role on this storage. Owner and Contributor manage the account, they do not reach its blobs.",
                "Assign the role Storage Blob Data Contributor on the container or the account, and Storage Blob Delegator on the account; it takes some minutes.",
            ),
            AccessKind::AccountKey => row(
                Code::KeyForbidden,
                title,
                "The account's key usually allows everything; why the storage does not allow this request with it is not known.",
                "Resume in some minutes. If it stays, have whoever administers the storage account look at its access settings.",
            ),
            AccessKind::Sas => row(
                Code::KeyForbidden,
                title,
                "The shared access signature lacks the permission for this request.",
                "Generate one with read, create and write; delete as well if Firmdrop shall remove what it stored.",
            ),
        }
    }

    fn not_authorized(&self) -> Row {
        let others = match self.access {
            AccessKind::AccountKey => "or the key is not that of the account",
            AccessKind::Sas => "or the signature is not valid for this computer or this request",
            AccessKind::SignedIn => "or whoever is signed in has no data role",
        };
        row(
            Code::KeyForbidden,
            "The storage does not let this computer in",
            &format!(
                "Probably the network rules of the storage account do not allow this computer, {others}."
            ),
            "Allow the address of this computer in the storage account's networking. The service that imports must reach it too: an account with a public and a private endpoint at once does not work.",
        )
    }

    fn of_the_container(&self) -> Row {
        match &*self.code {
            "ContainerNotFound" | "ResourceNotFound" => row(
                Code::ObjectGone,
                "The container does not exist",
                "The storage account has no container of this name.",
                "Create it, or give the name of another one.",
            ),
            "ContainerBeingDeleted" => row(
                Code::ObjectGone,
                "The container is being deleted",
                "A container of this name was deleted; that takes half a minute and longer.",
                "Wait and create it again, or give the name of another one.",
            ),
            "InvalidResourceName" | "OutOfRangeInput" => row(
                Code::ServiceRefused,
                "The storage does not take this name",
                "A name is longer, or has other characters, than it takes.",
                "Give another container or prefix.",
            ),
            "BlobAlreadyExists" => row(
                Code::ObjectExists,
                "The blob exists already",
                "Something else stored a blob of this name.",
                "Deliver again: each delivery stores under names of its own.",
            ),
            "BlobNotFound" => row(
                Code::ObjectGone,
                "The blob is not there",
                "Probably it was deleted in the meantime.",
                "Deliver again.",
            ),
            _ => self.of_the_blocks(),
        }
    }

    fn of_the_blocks(&self) -> Row {
        match &*self.code {
            "InvalidBlockList"
            | "InvalidBlobOrBlock"
            | "InvalidBlockId"
            | "BlockListTooLong"
            | "BlockCountExceedsLimit" => row(
                Code::ServiceRefused,
                "The storage does not take the blocks",
                "It does not find every block that it confirmed before, or takes no more of them. Blocks that nobody puts together are discarded after a week.",
                "Resume: the storage is asked which blocks it has.",
            ),
            "Crc64Mismatch" | "Md5Mismatch" => row(
                Code::ChunkDamaged,
                Code::ChunkDamaged.title(),
                "The checksum of what arrived is not that of what was sent. Probably something on the way changes the bytes.",
                "Resume, by another network if it happens again.",
            ),
            "RequestBodyTooLarge" => row(
                Code::BodyTooLarge,
                Code::BodyTooLarge.title(),
                "It is longer than the storage or something on the way takes.",
                "Ask whoever runs the proxy to let requests of 8 MiB through.",
            ),
            "LeaseIdMissing"
            | "LeaseIdMismatchWithBlobOperation"
            | "LeaseNotPresentWithBlobOperation" => row(
                Code::ServiceRefused,
                "Somebody else holds a lease on the blob",
                "While it lasts, only its holder can change or delete the blob.",
                "Break the lease, or wait until it ends.",
            ),
            "BlobImmutableDueToPolicy" | "SnapshotsPresent" | "ContainerImmutableDueToPolicy" => {
                row(
                    Code::ServiceRefused,
                    "The storage does not let the blob change",
                    "A policy of the container, or a snapshot, holds it.",
                    "Give another container, or change the policy.",
                )
            }
            "InvalidHeaderValue" | "UnsupportedHeader" => row(
                Code::ServiceRefused,
                "The storage does not know this version",
                "It does not take the version of the protocol that Firmdrop speaks, 2023-11-03.",
                "If it is an emulator, use a newer one.",
            ),
            _ => self.by_status(),
        }
    }

    fn by_status(&self) -> Row {
        match (self.status, &*self.code) {
            (503 | 429, _) => row(
                Code::RateLimited,
                "The storage is busy",
                "It takes fewer requests at the moment.",
                WAIT,
            ),
            (500..=599, _) => row(
                Code::ServiceFailed,
                "The storage failed",
                "It, or a gateway before it, has a problem of its own.",
                WAIT,
            ),
            (_, "") => row(
                Code::NotThisService,
                "Something else than the storage answered",
                "The answer has no code of a storage; probably a proxy or a sign-in page of the network gave it.",
                "Check the address of the storage, and the network.",
            ),
            _ => row(
                Code::ServiceRefused,
                "The storage refused the request",
                if self.message.is_empty() {
                    "It does not say more than its code."
                } else {
                    "Its own words are the only reason it gives."
                },
                "Look up the code with the storage's documentation, or deliver to another container.",
            ),
        }
    }
}

/// The text of the first element of this name. The storage's refusals are flat.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.to_owned())
}

/// The tenant in a challenge: `Bearer authorization_uri=https://login.microsoftonline.com/TENANT/oauth2/authorize`.
/// Source: learn.microsoft.com, "Authorize with Microsoft Entra ID", "Bearer challenge".
fn tenant_in(challenge: &str) -> Option<String> {
    let (_, uri) = challenge.split_once("authorization_uri=")?;
    let uri = uri.trim_start_matches('"');
    let end = uri.find([' ', '"', ',']).unwrap_or(uri.len());
    let (_, path) = uri.get(..end)?.split_once("://")?;
    let tenant = path.split('/').nth(1)?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    let is_one = (1..=64).contains(&tenant.len()) && tenant.bytes().all(is_plain);
    is_one.then(|| tenant.to_owned())
}

fn is_a_code(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Foreign words on one line, without what a terminal would obey.
fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = words.chars().filter(|letter| !letter.is_control());
    plain.take(MESSAGE_CHARACTERS).collect()
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
