//! How access to a container is had, and the forms in which a user gives it: a key, a connection
//! string, a shared access signature (SAS), or whoever is signed in.
//!
//! It asks nobody; what the storage thinks of it is found out by a request.

use std::collections::BTreeMap;
use std::sync::Arc;

use azure_core::credentials::Secret as Base64Key;
use firmdrop_core::Moment;
use firmdrop_net::{Secret, Url};
use secrecy::ExposeSecret;

use super::{AccessKind, StorageError, StoragePlace, sas::LEAST_LIFE};
use crate::azure::TokenSource;

/// The account and the key of every emulator, published by its maker.
/// Source: `Azure/Azurite: README.md`, "Default Storage Account".
const EMULATOR: (&str, &str) = (
    "devstoreaccount1",
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
);

/// What opens a container.
#[derive(Debug, Clone)]
pub enum StorageAccess {
    /// The key of the account, in base64.
    AccountKey(Secret),
    /// A signature that another made, for the container or the account.
    Sas {
        /// The query that reads, writes and creates.
        write: SasToken,
        /// A second one that only reads; addresses of files are made with it.
        read: Option<SasToken>,
    },
    /// Whoever is signed in; the storage gives a key for addresses.
    SignedIn(Arc<dyn TokenSource>),
}

impl From<&StorageAccess> for AccessKind {
    fn from(access: &StorageAccess) -> Self {
        match access {
            StorageAccess::AccountKey(_) => Self::AccountKey,
            StorageAccess::Sas { .. } => Self::Sas,
            StorageAccess::SignedIn(_) => Self::SignedIn,
        }
    }
}

impl StorageAccess {
    /// Reads the connection string of a storage account, as the portal shows it.
    pub fn from_connection_string(
        text: &Secret,
        container: &str,
    ) -> Result<(StoragePlace, Self), StorageError> {
        let parts = parts(text.expose_secret())?;
        let part = |name: &str| parts.get(name).copied().filter(|value| !value.is_empty());
        if part("usedevelopmentstorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            let (account, key) = EMULATOR;
            let place = StoragePlace::at(&format!("http://127.0.0.1:10000/{account}"), container)?;
            return Ok((place, Self::AccountKey(key.to_owned().into())));
        }
        let place = match (part("blobendpoint"), part("accountname")) {
            (Some(endpoint), _) => StoragePlace::at(endpoint, container)?,
            (None, Some(account)) => {
                let scheme = part("defaultendpointsprotocol").unwrap_or("https");
                let suffix = part("endpointsuffix").unwrap_or("core.windows.net");
                StoragePlace::of_account_at(account, scheme, suffix, container)?
            }
            (None, None) => {
                return Err(unusable(
                    "The connection string names neither AccountName nor BlobEndpoint.",
                ));
            }
        };
        let access = match (part("accountkey"), part("sharedaccesssignature")) {
            (Some(key), _) => Self::AccountKey(key.to_owned().into()),
            (None, Some(query)) => Self::Sas {
                write: SasToken::new(&query.to_owned().into())?,
                read: None,
            },
            (None, None) => {
                return Err(unusable(
                    "The connection string has neither AccountKey nor SharedAccessSignature.",
                ));
            }
        };
        Ok((place, access))
    }

    /// Reads the address of a container with its signature, as the portal generates it, and a second
    /// one that only reads.
    pub fn from_container_address(
        address: &Secret,
        reading: Option<&Secret>,
    ) -> Result<(StoragePlace, Self), StorageError> {
        let (place, write) = addressed(address)?;
        let read = reading.map(|reading| match addressed(reading)? {
            (other, read) if other == place => Ok(read),
            _ => Err(unusable(
                "The address that reads leads to another container than the one that writes.",
            )),
        });
        let read = read.transpose()?;
        Ok((place, Self::Sas { write, read }))
    }

    /// Whether addresses that only read can be made, for this long at least from `now` on. Says why
    /// not before a byte is sent.
    pub(super) fn ensure_it_can_sign(&self, now: Moment) -> Result<(), StorageError> {
        let Self::Sas { read, .. } = self else {
            return Ok(());
        };
        let Some(read) = read else {
            return Err(unusable(
                "A signature cannot be narrowed by whoever holds it, and one that writes is not given away: the service that imports needs an address that only reads.",
            ));
        };
        read.ensure_it_only_reads(now)
    }

    /// Whether the signature that was given may write. Others are judged by the storage.
    pub(super) fn ensure_it_can_write(&self, now: Moment) -> Result<(), StorageError> {
        match self {
            Self::Sas { write, .. } => write.ensure_it_writes(now),
            Self::AccountKey(_) | Self::SignedIn(_) => Ok(()),
        }
    }
}

/// The query of a signed address.
#[derive(Clone)]
pub struct SasToken(Secret);

impl std::fmt::Debug for SasToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SasToken")
    }
}

impl SasToken {
    /// A query with a signature in it, with or without its question mark.
    pub fn new(query: &Secret) -> Result<Self, StorageError> {
        let text = query.expose_secret().trim().trim_start_matches('?');
        let token = Self(text.to_owned().into());
        if token.value("sig").is_none_or(|value| value.is_empty()) {
            return Err(unusable(
                "The shared access signature has no sig; probably it was cut off when it was copied.",
            ));
        }
        Ok(token)
    }

    /// The query, for a request.
    pub(super) fn query(&self) -> &str {
        self.0.expose_secret()
    }

    fn value(&self, name: &str) -> Option<String> {
        let pairs = azure_core::http::Url::parse(&format!("https://x/?{}", self.query())).ok()?;
        let mut pairs = pairs.query_pairs();
        let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.into_owned())
    }

    /// When it ends, as far as it says so. One of a stored policy does not.
    fn end(&self) -> Option<Moment> {
        firmdrop_core::SignedUrl::new(format!("https://x/?{}", self.query())).expires()
    }

    /// Its permissions; `None` when a stored policy has them.
    fn permissions(&self) -> Option<String> {
        self.value("sp")
    }

    fn ensure_it_writes(&self, now: Moment) -> Result<(), StorageError> {
        if let Some(end) = self.end().filter(|end| *end <= now) {
            return Err(unusable(&format!(
                "The shared access signature ended at {end}."
            )));
        }
        let Some(permissions) = self.permissions() else {
            return Ok(());
        };
        let lacks = |letter: char| !permissions.contains(letter);
        if (lacks('w') && lacks('c')) || lacks('r') {
            return Err(unusable(&format!(
                "The shared access signature has the permissions \"{permissions}\"; read (r), create (c) and write (w) are needed."
            )));
        }
        Ok(())
    }

    fn ensure_it_only_reads(&self, now: Moment) -> Result<(), StorageError> {
        if let Some(permissions) = self.permissions() {
            let others: String = permissions
                .chars()
                .filter(|letter| !matches!(letter, 'r' | 'l'))
                .collect();
            if !others.is_empty() || !permissions.contains('r') {
                return Err(unusable(&format!(
                    "The signature for reading has the permissions \"{permissions}\"; it must have read (r) only."
                )));
            }
        }
        let until = now.after(LEAST_LIFE);
        if let Some(end) = self.end().filter(|end| *end < until) {
            return Err(unusable(&format!(
                "The signature for reading ends at {end}; an import may need it for four hours from now."
            )));
        }
        Ok(())
    }
}

pub(super) fn base64_key(key: &Secret) -> Base64Key {
    Base64Key::new(key.expose_secret().trim().to_owned())
}

/// A container and the query of its address.
fn addressed(address: &Secret) -> Result<(StoragePlace, SasToken), StorageError> {
    let Ok(url) = Url::parse(address.expose_secret().trim()) else {
        return Err(unusable(
            "The address of the container is none; https://NAME.blob.core.windows.net/CONTAINER?sv=… is one.",
        ));
    };
    let query = url.query().unwrap_or_default().to_owned();
    let token = SasToken::new(&query.into())?;
    let mut endpoint = url.clone();
    endpoint.set_query(None);
    let path = url.path().trim_end_matches('/').to_owned();
    let (before, container) = path.rsplit_once('/').unwrap_or_default();
    // An emulator has its account there, and a host with a name has nothing.
    let most = usize::from(url.domain().is_none_or(|host| host == "localhost"));
    if container.is_empty() || before.split('/').skip(1).count() > most {
        return Err(unusable(
            "The address must lead to a container: https://NAME.blob.core.windows.net/CONTAINER?sv=…",
        ));
    }
    endpoint.set_path(before);
    Ok((StoragePlace::at(endpoint.as_str(), container)?, token))
}

/// `Name=value;…`, by the name in small letters. A value may have an equals sign in it.
fn parts(text: &str) -> Result<BTreeMap<String, &str>, StorageError> {
    let parts = text.split(';').filter(|part| !part.trim().is_empty());
    let read = parts.map(|part| {
        let (name, value) = part.split_once('=').ok_or_else(|| {
            unusable("The connection string has a part without an equals sign; its form is Name=value;Name=value.")
        })?;
        Ok((name.trim().to_ascii_lowercase(), value.trim()))
    });
    read.collect()
}

fn unusable(why: &str) -> StorageError {
    StorageError::Unusable {
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<(StoragePlace, StorageAccess), StorageError> {
        StorageAccess::from_connection_string(&text.to_owned().into(), "updates")
    }

    fn now() -> Moment {
        // 2026-11-28T12:00:00Z
        Moment::from_millisecond(1_795_867_200_000)
    }

    #[test]
    fn a_connection_string_of_the_portal_is_read() {
        let text = "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=a2V5PT0=;EndpointSuffix=core.usgovcloudapi.net";
        let (place, access) = read(text).unwrap();
        assert_eq!(
            place.endpoint().as_str(),
            "https://contoso.blob.core.usgovcloudapi.net/"
        );
        assert!(
            matches!(access, StorageAccess::AccountKey(key) if key.expose_secret() == "a2V5PT0=")
        );
        let (place, access) =
            read("BlobEndpoint=https://files.contoso.test/;SharedAccessSignature=sv=1&sig=a%3D")
                .unwrap();
        assert_eq!(place.account(), "files");
        assert!(
            matches!(access, StorageAccess::Sas { write, .. } if write.query() == "sv=1&sig=a%3D")
        );
        let (place, _) = read("UseDevelopmentStorage=true").unwrap();
        assert_eq!(place.account(), EMULATOR.0);
    }

    #[test]
    fn a_connection_string_that_opens_nothing_is_refused_with_the_missing_part() {
        for (text, missing) in [
            ("AccountKey=k", "AccountName"),
            ("AccountName=contoso", "AccountKey"),
            ("contoso", "equals sign"),
            (
                "DefaultEndpointsProtocol=http;AccountName=contoso;AccountKey=k",
                "https",
            ),
            ("AccountName=contoso;SharedAccessSignature=sv=1", "no sig"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(missing), "{text}: {error}");
        }
    }

    #[test]
    fn a_signature_that_writes_is_never_given_to_another_service() {
        let writes = "https://contoso.blob.core.windows.net/updates?sp=rcw&se=2026-11-30&sig=s";
        let of = |reading: Option<&str>| {
            let reading = reading.map(|text| text.to_owned().into());
            let writes = writes.to_owned().into();
            StorageAccess::from_container_address(&writes, reading.as_ref())
        };
        let (place, access) = of(None).unwrap();
        assert_eq!(place.container(), "updates");
        access.ensure_it_can_write(now()).unwrap();
        let error = access.ensure_it_can_sign(now()).unwrap_err();
        assert!(error.to_string().contains("cannot be narrowed"), "{error}");
        let with = |query: &str| {
            let url = format!("https://contoso.blob.core.windows.net/updates?{query}");
            of(Some(&url)).unwrap().1.ensure_it_can_sign(now())
        };
        with("sp=rl&se=2026-11-30&sig=s").unwrap();
        assert!(with("sp=rw&se=2026-11-30&sig=s").is_err());
        assert!(with("sp=r&se=2026-11-28T13:00:00Z&sig=s").is_err());
        let other = "https://contoso.blob.core.windows.net/others?sp=r&sig=s";
        assert!(of(Some(other)).is_err());
    }

    #[test]
    fn a_signature_that_ended_or_cannot_write_is_refused_before_a_request() {
        for query in ["sp=rcw&se=2026-11-27&sig=s", "sp=r&sig=s", "sp=cw&sig=s"] {
            let token = SasToken::new(&query.to_owned().into()).unwrap();
            assert!(token.ensure_it_writes(now()).is_err(), "{query}");
        }
        let policy = SasToken::new(&"si=policy&sig=s".to_owned().into()).unwrap();
        policy.ensure_it_writes(now()).unwrap();
    }

    #[test]
    fn no_print_shows_what_opens_the_storage() {
        let (_, access) = read("AccountName=contoso;AccountKey=MARKER==").unwrap();
        assert!(!format!("{access:?}").contains("MARKER"));
        let (_, access) = read("AccountName=contoso;SharedAccessSignature=sig=MARKER").unwrap();
        assert!(!format!("{access:?}").contains("MARKER"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,200}") {
            let _ = read(&text);
            let address = format!("https://contoso.blob.core.windows.net/{text}").into();
            let _ = StorageAccess::from_container_address(&address, None);
        }
    }
}
