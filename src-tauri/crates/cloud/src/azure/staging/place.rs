//! Where blobs lie: the address of an account's blob storage, and a container in it.
//!
//! No secret and no request; how access is had stands beside it.

use firmdrop_net::{AddressKind, Url, address_kind};

use super::StorageError;

/// The suffix of the public cloud; others are named by a connection string or a whole address.
const PUBLIC_SUFFIX: &str = "core.windows.net";

/// Lengths of a container's name.
/// Source: learn.microsoft.com, "Naming and Referencing Containers, Blobs, and Metadata".
const CONTAINER_CHARACTERS: std::ops::RangeInclusive<usize> = 3..=63;

/// A container of a storage account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoragePlace {
    account: String,
    endpoint: Url,
    container: String,
}

impl StoragePlace {
    /// A container of an account of the public cloud, by the account's name.
    pub fn of_account(account: &str, container: &str) -> Result<Self, StorageError> {
        Self::of_account_at(account, "https", PUBLIC_SUFFIX, container)
    }

    pub(super) fn of_account_at(
        account: &str,
        scheme: &str,
        suffix: &str,
        container: &str,
    ) -> Result<Self, StorageError> {
        let account = account.trim();
        let is_name = !account.is_empty()
            && account
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !is_name {
            return Err(unusable(
                "A storage account's name has small letters and digits only.",
            ));
        }
        let text = format!("{scheme}://{account}.blob.{suffix}");
        Self::at(&text, container)
    }

    /// A container below the address of a blob endpoint: `https://contoso.blob.core.windows.net`,
    /// or the path of an account as an emulator has it: `http://127.0.0.1:10000/devstoreaccount1`.
    pub fn at(endpoint: &str, container: &str) -> Result<Self, StorageError> {
        let wrong = |why: &str| Err(unusable(why));
        let Ok(mut url) = Url::parse(endpoint.trim()) else {
            return wrong(
                "The address of the storage is none; https://NAME.blob.core.windows.net is one.",
            );
        };
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("The address of the storage must not contain a user name or a password.");
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => {
                return wrong(
                    "The address of the storage must begin with https://: what gives access would travel in the clear.",
                );
            }
        }
        url.set_query(None);
        url.set_fragment(None);
        let Some(account) = account_of(&url) else {
            return wrong("The address of the storage names no account.");
        };
        let container = container.trim();
        let is_name = container.split('-').all(|part| {
            let mut letters = part.bytes();
            let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            !part.is_empty() && letters.all(is_letter)
        });
        if !CONTAINER_CHARACTERS.contains(&container.len()) || !is_name {
            return wrong(
                "A container's name has 3 to 63 small letters, digits and single dashes between them.",
            );
        }
        Ok(Self {
            account,
            endpoint: url,
            container: container.to_owned(),
        })
    }

    /// The storage account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The container.
    pub fn container(&self) -> &str {
        &self.container
    }

    /// The address of the account's blob storage.
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// Whether it is reached in the clear, which only this computer itself is.
    pub(super) fn is_plain(&self) -> bool {
        self.endpoint.scheme() == "http"
    }

    pub(super) fn container_url(&self) -> Url {
        self.below(&[self.container.as_str()])
    }

    /// The address of a blob. Its name may have any characters; slashes separate its folders.
    pub(super) fn blob_url(&self, blob: &str) -> Url {
        let parts = [self.container.as_str()].into_iter().chain(blob.split('/'));
        self.below(&parts.collect::<Vec<_>>())
    }

    fn below(&self, parts: &[&str]) -> Url {
        let mut url = self.endpoint.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(parts);
        }
        url
    }

    /// What a signature calls the blob.
    pub(super) fn signed_resource(&self, blob: &str) -> String {
        format!("/blob/{}/{}/{blob}", self.account, self.container)
    }
}

fn unusable(why: &str) -> StorageError {
    StorageError::Unusable {
        why: why.to_owned(),
    }
}

/// The first label of the host; on an address in numbers or this computer, the first part of the
/// path, as an emulator has it.
fn account_of(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let first_of_path = || {
        let first = url.path_segments()?.next()?;
        (!first.is_empty()).then(|| first.to_owned())
    };
    let is_number = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    if is_number.is_ok() || host == "localhost" {
        return first_of_path();
    }
    let (label, rest) = host.split_once('.')?;
    // The second copy of an account is read under the account's own name.
    let label = label.strip_suffix("-secondary").unwrap_or(label);
    (!label.is_empty() && !rest.is_empty()).then(|| label.to_owned())
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse()
            .is_ok_and(|address| address_kind(address) == AddressKind::Loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_its_name_in_the_host_and_an_emulator_in_its_path() {
        let place = StoragePlace::of_account("contoso", "updates").unwrap();
        assert_eq!(
            place.container_url().as_str(),
            "https://contoso.blob.core.windows.net/updates"
        );
        let place = StoragePlace::at("http://127.0.0.1:10000/devstoreaccount1/", "updates");
        let place = place.unwrap();
        assert_eq!(place.account(), "devstoreaccount1");
        assert_eq!(
            place.container_url().as_str(),
            "http://127.0.0.1:10000/devstoreaccount1/updates"
        );
    }

    #[test]
    fn any_name_of_a_blob_has_an_address_that_leads_back_to_it() {
        let place = StoragePlace::of_account("contoso", "updates").unwrap();
        let url = place.blob_url("a b/50%/é#1?x+y");
        assert_eq!(url.query(), None);
        assert_eq!(url.path(), "/updates/a%20b/50%25/%C3%A9%231%3Fx+y");
    }

    #[test]
    fn what_gives_access_never_travels_in_the_clear() {
        assert!(StoragePlace::at("http://contoso.blob.core.windows.net", "updates").is_err());
        assert!(StoragePlace::at("http://10.0.0.9/contoso", "updates").is_err());
        assert!(StoragePlace::at("https://me:secret@contoso.blob.test", "updates").is_err());
        assert!(StoragePlace::at("http://localhost:10000/devstoreaccount1", "updates").is_ok());
    }

    #[test]
    fn a_container_has_a_name_that_the_service_takes() {
        for name in [
            "ab",
            "Updates",
            "up_dates",
            "",
            "-updates",
            "updates-",
            "up--dates",
            &"a".repeat(64),
        ] {
            assert!(StoragePlace::of_account("contoso", name).is_err(), "{name}");
        }
    }
}
