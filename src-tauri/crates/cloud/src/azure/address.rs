//! From the parts of a request to its address, and from an address that the service gave to one that
//! may be asked.
//!
//! An address of the service is used only on the account's own host: a token is sent with it.

use std::fmt::Write as _;

use firmdrop_net::Url;

use super::{ApiVersion, AzureError, DeviceUpdate, api_version::Profile, bounds::URL_CHARACTERS};

/// The two halves of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    /// The instance itself.
    Instance,
    /// Devices, groups and deployments.
    Management,
}

/// A key and its value, not encoded yet.
pub(super) type Pair<'a> = (&'a str, &'a str);

impl DeviceUpdate {
    /// The address of these segments below the instance, with the version and this query.
    pub(super) fn address(
        &self,
        area: Area,
        segments: &[&str],
        query: &[Pair<'_>],
    ) -> Result<Url, AzureError> {
        let mut all = match self.version.profile() {
            Profile::Current => vec!["deviceUpdate", &self.instance],
            Profile::Earlier => vec!["deviceupdate", &self.instance],
            Profile::Legacy => vec!["deviceupdate", &self.instance, "v2"],
        };
        if area == Area::Management {
            all.push("management");
        }
        all.extend_from_slice(segments);
        let mut url = self.base.clone();
        let mut path = String::new();
        for segment in all {
            path.push('/');
            path.push_str(&encoded_segment(segment)?);
        }
        url.set_path(&path);
        url.set_query(in_words(self.version, query).as_deref());
        if url.as_str().len() > URL_CHARACTERS {
            return Err(AzureError::Argument {
                what: "the address of the request".to_owned(),
                why: format!("it has more than {URL_CHARACTERS} characters"),
            });
        }
        Ok(url)
    }

    /// An address that the service gave, absolute or relative, as it is. Refused when it leads to
    /// another host.
    pub(super) fn own_address(&self, name: &'static str, text: &str) -> Result<Url, AzureError> {
        self.own_address_from(&self.base, name, text)
    }

    /// The same; a relative one is relative to `from` (RFC 3986, section 5.2).
    fn own_address_from(
        &self,
        from: &Url,
        name: &'static str,
        text: &str,
    ) -> Result<Url, AzureError> {
        let foreign = |host: &str| AzureError::ForeignAddress {
            account: self.account.clone(),
            name,
            host: host.chars().take(100).collect(),
        };
        if text.trim().is_empty() || text.len() > URL_CHARACTERS {
            return Err(foreign("no host: it is empty or too long"));
        }
        let url = from
            .join(text.trim())
            .map_err(|_| foreign("no host: it is no address"))?;
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user || url.origin() != self.base.origin() {
            return Err(foreign(&url.origin().ascii_serialization()));
        }
        Ok(url)
    }

    /// The page that the service names behind `page`, with the version of the account in place of its own.
    pub(super) fn next_page(&self, page: &Url, link: &str) -> Result<Url, AzureError> {
        let mut url = self.own_address_from(page, "nextLink", link)?;
        let Some(version) = self.version.in_query() else {
            return Ok(url);
        };
        let others = url.query().unwrap_or_default().split('&');
        let others = others.filter(|pair| {
            let key = pair.split('=').next().unwrap_or_default();
            !key.is_empty() && !key.eq_ignore_ascii_case("api-version")
        });
        let mut query = format!("api-version={version}");
        for pair in others {
            query.push('&');
            query.push_str(pair);
        }
        url.set_query(Some(&query));
        Ok(url)
    }

    /// The name of a filter's key: the first generation writes a dollar sign before it.
    pub(super) fn filter_key<'a>(&self, plain: &'a str, with_dollar: &'a str) -> &'a str {
        if self.version.profile() == Profile::Legacy {
            with_dollar
        } else {
            plain
        }
    }

    /// A segment that earlier generations write in small letters.
    pub(super) fn segment(&self, current: &'static str, earlier: &'static str) -> &'static str {
        if self.version.profile() == Profile::Current {
            current
        } else {
            earlier
        }
    }

    /// Refuses what an older version of the interface has no request for.
    pub(super) fn ensure_current(&self, operation: &'static str) -> Result<(), AzureError> {
        self.ensure(self.version.profile() == Profile::Current, operation)
    }

    /// Refuses what the version of the account has no request for.
    pub(super) fn ensure(&self, has: bool, operation: &'static str) -> Result<(), AzureError> {
        if has {
            return Ok(());
        }
        Err(AzureError::NotInVersion {
            account: self.account.clone(),
            operation,
            version: self.version,
        })
    }
}

/// Version and query, percent-encoded; `None` when there is neither.
fn in_words(version: ApiVersion, query: &[Pair<'_>]) -> Option<String> {
    let version = version.in_query().map(|version| ("api-version", version));
    let pairs: Vec<String> = version
        .into_iter()
        .chain(query.iter().copied())
        .map(|(key, value)| format!("{key}={}", encoded(value)))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("&"))
}

/// Everything but the unreserved characters (RFC 3986, section 2.3) as `%XX`.
fn encoded(text: &str) -> String {
    encoded_but(text, b"-._~")
}

fn encoded_but(text: &str, plain: &[u8]) -> String {
    let mut all = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            all.push(char::from(byte));
        } else {
            let _ = write!(all, "%{byte:02X}");
        }
    }
    all
}

/// A part of a path. The colon of `updates:import` and the dollar sign of `$default` stay.
fn encoded_segment(segment: &str) -> Result<String, AzureError> {
    let is_path = segment.is_empty() || segment.bytes().all(|byte| byte == b'.');
    if is_path || segment.len() > 512 || segment.chars().any(char::is_control) {
        return Err(AzureError::Argument {
            what: format!("{:?}", segment.chars().take(80).collect::<String>()),
            why: "it cannot be a part of a path".to_owned(),
        });
    }
    Ok(encoded_but(segment, b"-._~:$"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{AzureAccount, sign_in::PastedToken};
    use super::*;

    fn client(version: ApiVersion) -> DeviceUpdate {
        let account = AzureAccount {
            name: "contoso".to_owned(),
            service: "contoso.api.adu.microsoft.com".to_owned(),
            instance: "blue".to_owned(),
            api_version: version,
            proxy: None,
            extra_ca_pem: None,
            production: false,
        };
        DeviceUpdate::new(&account, Arc::new(PastedToken::new("t".to_owned().into()))).unwrap()
    }

    #[test]
    fn a_part_of_a_path_stays_one_part() {
        let client = client(ApiVersion::default());
        let address = |segment| client.address(Area::Instance, &["updates", segment], &[]);
        assert!(
            address("a/b?c#d e")
                .unwrap()
                .path()
                .ends_with("/updates/a%2Fb%3Fc%23d%20e")
        );
        assert!(address("$default").unwrap().path().ends_with("/$default"));
        assert!(address("v1.é").unwrap().path().ends_with("/v1.%C3%A9"));
        for segment in ["", ".", "..", "...", "a\nb", &"a".repeat(513)] {
            assert!(address(segment).is_err(), "{segment:?}");
        }
    }

    #[test]
    fn a_query_is_encoded_as_the_official_clients_do() {
        let client = client(ApiVersion::default());
        let query = [
            ("filter", "status eq 'NotStarted' or status eq 'Running'"),
            ("top", "5"),
        ];
        let url = client
            .address(Area::Instance, &["updates", "operations"], &query)
            .unwrap();
        assert_eq!(
            url.query(),
            Some(
                "api-version=2026-06-01&filter=status%20eq%20%27NotStarted%27%20or%20status%20eq%20%27Running%27&top=5"
            )
        );
    }

    #[test]
    fn an_address_of_the_service_is_used_on_its_own_host_only() {
        let client = client(ApiVersion::default());
        let own = |text| {
            client
                .own_address("Operation-Location", text)
                .map(String::from)
        };
        let host = "https://contoso.api.adu.microsoft.com";
        let legacy = "/deviceupdate/blue/updates/operations/a?api-version=2";
        assert_eq!(own(legacy).unwrap(), format!("{host}{legacy}"));
        let absolute =
            format!("{host}/deviceUpdate/blue/updates/operations/A?api-version=2022-10-01");
        assert_eq!(own(&absolute).unwrap(), absolute);
        for foreign in [
            "https://evil.test/deviceUpdate/blue",
            "//evil.test/a",
            "http://contoso.api.adu.microsoft.com/a",
            "https://contoso.api.adu.microsoft.com:8443/a",
            "https://me@contoso.api.adu.microsoft.com/a",
            "\\\\evil.test\\a",
            "javascript:alert(1)",
            "data:text/html,x",
            "",
        ] {
            let refused = client.own_address("Operation-Location", foreign);
            assert!(
                matches!(refused, Err(AzureError::ForeignAddress { .. })),
                "{foreign}"
            );
        }
    }

    #[test]
    fn the_next_page_has_the_version_of_the_account_and_every_other_key() {
        let current = client(ApiVersion::default());
        let page = current.address(Area::Instance, &["updates"], &[]).unwrap();
        let next = |link| {
            let next = current.next_page(&page, link).unwrap();
            next.query().map(str::to_owned)
        };
        let expected = Some("api-version=2026-06-01&$skipToken=a%2Bb%3D".to_owned());
        for link in [
            "/deviceUpdate/blue/updates?api-version=2022-10-01&$skipToken=a%2Bb%3D",
            "/deviceUpdate/blue/updates?$skipToken=a%2Bb%3D&API-Version=1",
            "https://contoso.api.adu.microsoft.com/x?$skipToken=a%2Bb%3D",
        ] {
            assert_eq!(next(link), expected, "{link}");
        }
        let legacy = client(ApiVersion::LegacyV2);
        let link = "/deviceupdate/blue/updates?api-version=2&$skipToken=s";
        let same = legacy.next_page(&page, link).unwrap();
        assert_eq!(same.query(), Some("api-version=2&$skipToken=s"));
    }

    #[test]
    fn a_relative_next_page_is_relative_to_the_page_that_names_it() {
        let client = client(ApiVersion::default());
        let page = client.address(Area::Management, &["devices"], &[]).unwrap();
        for link in [
            "?$skipToken=s",
            "devices?$skipToken=s",
            "./devices?$skipToken=s",
        ] {
            let next = client.next_page(&page, link).unwrap();
            assert_eq!(
                next.as_str(),
                "https://contoso.api.adu.microsoft.com/deviceUpdate/blue/management/devices?api-version=2026-06-01&$skipToken=s",
                "{link}"
            );
        }
    }
}
