//! Signed addresses for reading one blob: which lines are signed, and how they stand in a query.
//!
//! Pure: what signs, and what time it is, is given. Source of both forms: learn.microsoft.com,
//! "Create a service SAS" and "Create a user delegation SAS", version 2020-12-06 and later.

use std::time::Duration;

use azure_core::{credentials::Secret as Base64Key, hmac::hmac_sha256};
use firmdrop_core::{Moment, SignedUrl};

use super::{StorageError, StoragePlace};

/// The version whose lines are signed here. It is the one that every storage and every emulator in
/// use reads; later ones insert lines.
pub(super) const SIGNED_VERSION: &str = "2023-11-03";

/// The least and the usual life of an address. Sources of the service differ: 4 h in its reference, 3
/// h in its how-to, 6 h in its scripts.
pub const LEAST_LIFE: Duration = Duration::from_hours(4);
/// How long an address is made for, if nobody asks for another time.
pub const USUAL_LIFE: Duration = Duration::from_hours(8);
/// A delegation key lives seven days at most, counted from its back-dated begin
/// (learn.microsoft.com, "Get User Delegation Key").
const LONGEST_LIFE: Duration = Duration::from_hours(7 * 24 - 1);

/// So much before now an address begins: clocks differ.
/// Source: learn.microsoft.com, "Best practices when using SAS".
const BEGINS_BEFORE: Duration = Duration::from_mins(15);

/// What signs an address.
pub(super) enum SigningKey<'a> {
    /// The key of the account.
    Account(&'a Base64Key),
    /// A key that stands for the identity of whoever is signed in.
    Delegation(&'a DelegationKey),
}

/// A key that the storage gave to an identity.
#[derive(Debug, Clone)]
pub(super) struct DelegationKey {
    pub(super) value: Base64Key,
    pub(super) object_id: String,
    pub(super) tenant_id: String,
    pub(super) start: String,
    pub(super) expiry: String,
    pub(super) service: String,
    pub(super) version: String,
}

/// When an address begins and ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lifetime {
    start: Moment,
    end: Moment,
}

impl Lifetime {
    /// From a little before `now` on. Never shorter than [`LEAST_LIFE`], never longer than a
    /// delegation key.
    pub(super) fn from(now: Moment, life: Duration) -> Self {
        let life = life.clamp(LEAST_LIFE, LONGEST_LIFE);
        let before = i64::try_from(BEGINS_BEFORE.as_millis()).unwrap_or_default();
        Self {
            start: Moment::from_millisecond(now.as_millisecond().saturating_sub(before)),
            end: now.after(life),
        }
    }

    pub(super) fn start(self) -> Moment {
        self.start
    }

    pub(super) fn end(self) -> Moment {
        self.end
    }
}

/// A moment to the second, as the storage writes it: `2026-11-28T12:00:00Z`.
pub(super) fn to_the_second(moment: Moment) -> String {
    let text = moment.to_string();
    let whole = text.split('.').next().unwrap_or_default();
    format!("{whole}Z")
}

/// The address that reads this blob and does nothing else, until it ends.
pub(super) fn reading(
    place: &StoragePlace,
    blob: &str,
    key: &SigningKey<'_>,
    life: Lifetime,
) -> Result<SignedUrl, StorageError> {
    let (start, end) = (to_the_second(life.start), to_the_second(life.end));
    let protocol = if place.is_plain() {
        "https,http"
    } else {
        "https"
    };
    let resource = place.signed_resource(blob);
    let mut query = vec![
        ("sv", SIGNED_VERSION),
        ("spr", protocol),
        ("st", &start),
        ("se", &end),
        ("sr", "b"),
        ("sp", "r"),
    ];
    let lines = match key {
        SigningKey::Account(_) => service_lines(&start, &end, &resource, protocol),
        SigningKey::Delegation(key) => {
            query.extend([
                ("skoid", &*key.object_id),
                ("sktid", &key.tenant_id),
                ("skt", &key.start),
                ("ske", &key.expiry),
                ("sks", &key.service),
                ("skv", &key.version),
            ]);
            delegation_lines(&start, &end, &resource, protocol, key)
        }
    };
    let signing = match key {
        SigningKey::Account(key) => *key,
        SigningKey::Delegation(key) => &key.value,
    };
    let signature = sign(&lines.join("\n"), signing)?;
    let mut url = place.blob_url(blob);
    (url.query_pairs_mut().extend_pairs(query)).append_pair("sig", &signature);
    Ok(SignedUrl::new(url))
}

/// The base64 of the HMAC; the key comes in base64 too.
pub(super) fn sign(text: &str, key: &Base64Key) -> Result<String, StorageError> {
    hmac_sha256(text, key).map_err(|_| StorageError::Unusable {
        why: "The account key is not base64, so it is no account key.".to_owned(),
    })
}

/// 16 lines: permissions, start, end, resource, stored policy, addresses, protocol, version, kind,
/// snapshot, encryption scope, five headers of the answer.
fn service_lines<'a>(
    start: &'a str,
    end: &'a str,
    resource: &'a str,
    protocol: &'a str,
) -> Vec<&'a str> {
    let head = ["r", start, end, resource, "", "", protocol, SIGNED_VERSION];
    let tail = ["b", "", "", "", "", "", "", ""];
    head.into_iter().chain(tail).collect()
}

/// 24 lines: as above, with the key's owner and life, two object ids and a correlation id in place of
/// the stored policy.
fn delegation_lines<'a>(
    start: &'a str,
    end: &'a str,
    resource: &'a str,
    protocol: &'a str,
    key: &'a DelegationKey,
) -> Vec<&'a str> {
    let head = ["r", start, end, resource];
    let owner = [
        &*key.object_id,
        &key.tenant_id,
        &key.start,
        &key.expiry,
        &key.service,
        &key.version,
    ];
    let middle = ["", "", "", "", protocol, SIGNED_VERSION];
    let tail = ["b", "", "", "", "", "", "", ""];
    let all = head.into_iter().chain(owner);
    all.chain(middle).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of every emulator, published by its maker.
    const EMULATOR_KEY: &str =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    fn now() -> Moment {
        // 2026-11-28T12:00:00Z
        Moment::from_millisecond(1_795_867_200_000)
    }

    fn pairs(url: &SignedUrl) -> std::collections::BTreeMap<String, String> {
        let url = firmdrop_net::Url::parse(url.reveal().unwrap()).unwrap();
        url.query_pairs().into_owned().collect()
    }

    #[test]
    fn an_address_reads_one_blob_over_https_and_begins_before_now() {
        let place = StoragePlace::of_account("contoso", "updates").unwrap();
        let key = Base64Key::new(EMULATOR_KEY);
        let life = Lifetime::from(now(), USUAL_LIFE);
        let url = reading(&place, "a b/c.bin", &SigningKey::Account(&key), life).unwrap();
        let pairs = pairs(&url);
        for (name, value) in [
            ("sp", "r"),
            ("sr", "b"),
            ("spr", "https"),
            ("st", "2026-11-28T11:45:00Z"),
            ("se", "2026-11-28T20:00:00Z"),
            ("sv", "2023-11-03"),
        ] {
            assert_eq!(pairs.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert_eq!(url.expires(), Some(life.end()));
        assert_eq!(
            url.to_string(),
            "https://contoso.blob.core.windows.net/updates/a%20b/c.bin?…"
        );
    }

    #[test]
    fn the_lines_are_as_many_as_the_version_wants() {
        let key = DelegationKey {
            value: Base64Key::new(EMULATOR_KEY),
            object_id: "oid".to_owned(),
            tenant_id: "tid".to_owned(),
            start: "s".to_owned(),
            expiry: "e".to_owned(),
            service: "b".to_owned(),
            version: SIGNED_VERSION.to_owned(),
        };
        assert_eq!(service_lines("s", "e", "/blob/a/c/b", "https").len(), 16);
        let lines = delegation_lines("s", "e", "/blob/a/c/b", "https", &key);
        assert_eq!(lines.len(), 24);
        assert_eq!(lines[14..17], ["https", SIGNED_VERSION, "b"]);
    }

    #[test]
    fn no_address_lives_shorter_than_an_import_may_take() {
        let hours = |hours: u64| {
            let life = Lifetime::from(now(), Duration::from_hours(hours));
            (life.end().as_millisecond() - now().as_millisecond()) / 3_600_000
        };
        assert_eq!([0, 1, 5, 1000].map(hours), [4, 4, 5, 167]);
    }

    #[test]
    fn a_key_that_is_not_base64_is_named_and_not_shown() {
        let error = sign("text", &Base64Key::new("no base64 at all!")).unwrap_err();
        assert!(!format!("{error:?}").contains("at all"), "{error:?}");
    }
}
