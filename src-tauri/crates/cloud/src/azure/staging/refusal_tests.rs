//! What is said of the refusals of a blob service.

use azure_core::http::headers::Headers;
use proptest::prelude::*;

use super::*;

fn refusal(status: u16, code: &str, access: AccessKind, theirs: &str) -> StorageRefusal {
    let mut headers = Headers::new();
    headers.insert("date", theirs.to_owned());
    headers.insert("retry-after", "7");
    let body = format!(
        "\u{feff}<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no\n\u{1b}[2J way</Message></Error>"
    );
    let raw = RawResponse::from_bytes(status.into(), headers, body);
    let context = RequestContext {
        request: "Put Block".to_owned(),
        account: "work".to_owned(),
        place: "contoso/updates".to_owned(),
        access,
        // 2026-11-28T12:00:00Z
        ours: Moment::from_millisecond(1_795_867_200_000),
    };
    StorageRefusal::read(status, Some(&raw), context)
}

const NOON: &str = "Sat, 28 Nov 2026 12:00:00 GMT";

#[test]
fn a_missing_data_role_is_not_taken_for_a_wrong_key() {
    let by = |access| {
        let refusal = refusal(403, "AuthorizationPermissionMismatch", access, NOON);
        refusal.diagnose()
    };
    let signed_in = by(AccessKind::SignedIn);
    assert_eq!(signed_in.code, Code::KeyForbidden);
    assert!(signed_in.why.contains("data role"));
    assert!(by(AccessKind::Sas).why.contains("permission"));
}

#[test]
fn a_refusal_blames_only_what_is_in_use() {
    for code in [
        "AuthorizationPermissionMismatch",
        "AuthorizationServiceMismatch",
        "AuthorizationResourceTypeMismatch",
    ] {
        for access in [AccessKind::AccountKey, AccessKind::SignedIn] {
            let diagnosis = refusal(403, code, access, NOON).diagnose();
            assert!(!diagnosis.why.contains("signature"), "{diagnosis:?}");
        }
    }
    let blocks = refusal(400, "InvalidBlockList", AccessKind::AccountKey, NOON);
    assert!(!blocks.diagnose().why.contains("not what was sent"));
}

#[test]
fn clocks_that_differ_are_both_named() {
    let early = refusal(
        403,
        "AuthenticationFailed",
        AccessKind::AccountKey,
        "Sat, 28 Nov 2026 12:20:00 GMT",
    );
    let diagnosis = early.diagnose();
    assert!(diagnosis.why.contains("12:20:00") && diagnosis.why.contains("12:00:00"));
    let same = refusal(403, "AuthenticationFailed", AccessKind::AccountKey, NOON);
    assert!(same.diagnose().why.contains("key"));
}

#[test]
fn every_code_has_a_code_of_ours_and_a_remedy() {
    let cases = [
        (403, "AuthorizationFailure", Code::KeyForbidden),
        (
            403,
            "KeyBasedAuthenticationNotPermitted",
            Code::KeyForbidden,
        ),
        (401, "InvalidAuthenticationInfo", Code::KeyRefused),
        (404, "ContainerNotFound", Code::ObjectGone),
        (409, "ContainerBeingDeleted", Code::ObjectGone),
        (409, "BlobAlreadyExists", Code::ObjectExists),
        (400, "InvalidBlockList", Code::ServiceRefused),
        (400, "InvalidBlobOrBlock", Code::ServiceRefused),
        (400, "Crc64Mismatch", Code::ChunkDamaged),
        (400, "Md5Mismatch", Code::ChunkDamaged),
        (412, "LeaseIdMissing", Code::ServiceRefused),
        (503, "ServerBusy", Code::RateLimited),
        (500, "OperationTimedOut", Code::ServiceFailed),
        (403, "", Code::NotThisService),
        (400, "SomethingNew", Code::ServiceRefused),
    ];
    for (status, code, ours) in cases {
        let diagnosis = refusal(status, code, AccessKind::AccountKey, NOON).diagnose();
        assert_eq!(diagnosis.code, ours, "{code}");
        assert!(!diagnosis.remedies.is_empty(), "{code}");
    }
}

#[test]
fn foreign_words_come_as_one_harmless_line() {
    let refusal = refusal(503, "ServerBusy", AccessKind::Sas, "soon");
    assert_eq!(refusal.message, "no [2J way");
    assert_eq!(refusal.retry_after, Some(Duration::from_secs(7)));
    assert_eq!(refusal.clocks.0, None);
}

proptest! {
    #[test]
    fn no_body_makes_the_reader_panic(body in ".{0,300}", code in ".{0,80}") {
        prop_assert!(element(&body, "Code").is_none_or(|code| code.len() <= body.len()));
        let read = refusal(400, &code, AccessKind::Sas, &body.replace(['\r', '\n'], ""));
        prop_assert!(read.code.len() <= 64);
        read.diagnose();
    }
}

#[test]
fn a_token_of_another_tenant_is_answered_with_the_tenant_of_the_storage() {
    let challenge = "Bearer authorization_uri=https://login.microsoftonline.com/72f988bf-0000/oauth2/authorize resource_id=https://storage.azure.com";
    let of = |challenge: &str| {
        let mut headers = Headers::new();
        headers.insert("www-authenticate", challenge.to_owned());
        let body = "<Error><Code>InvalidAuthenticationInfo</Code><AuthenticationErrorDetail>Issuer validation failed. sig=abc</AuthenticationErrorDetail></Error>";
        let raw = RawResponse::from_bytes(401.into(), headers, body);
        let context = RequestContext {
            request: "Put Block".to_owned(),
            account: "work".to_owned(),
            place: "contoso/updates".to_owned(),
            access: AccessKind::SignedIn,
            ours: Moment::from_millisecond(0),
        };
        StorageRefusal::read(401, Some(&raw), context)
    };
    let refusal = of(challenge);
    assert_eq!(refusal.tenant.as_deref(), Some("72f988bf-0000"));
    assert_eq!(refusal.cause, "Issuer validation failed. sig=…");
    let diagnosis = refusal.diagnose();
    let labels: Vec<&str> = diagnosis.details.iter().map(|one| &*one.label).collect();
    assert!(labels.contains(&"Tenant of the storage"), "{labels:?}");
    for odd in [
        "",
        "Bearer",
        "Bearer authorization_uri=",
        "Bearer authorization_uri=https://login.test",
        "Bearer authorization_uri=https://login.test/\u{1b}[2J/x",
    ] {
        assert_eq!(of(odd).tenant, None, "{odd:?}");
    }
}

#[test]
fn words_of_the_storage_are_not_said_to_be_missing() {
    let unknown = refusal(409, "AccountBeingCreated", AccessKind::AccountKey, NOON);
    let why = unknown.diagnose().why;
    assert!(why.contains("own words"), "{why}");
}
