//! The operations that watch imports and deletions.
//!
//! The address of an operation is the one that the service gave, letter by letter: it is not the one
//! that the documentation of the first generation builds.

use std::time::Duration;

use firmdrop_net::{Method, Response, Url};
use serde::{Deserialize, Serialize};

use super::{
    AzureError, DeviceUpdate, List, Operation,
    address::Area,
    bounds::{LOOKS_WITHIN, OPERATION_ID_CHARACTERS, URL_CHARACTERS, USUAL_LOOK},
    exchange::Call,
};

/// The filter of a list that has only what is not over: the only one that the service accepts.
const NOT_OVER: &str = "status eq 'NotStarted' or status eq 'Running'";

/// Where an operation is watched, as the service said it: absolute or relative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationLocation(String);

impl OperationLocation {
    /// What the service said, or what a journal holds of it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The one in an answer: `Operation-Location`, or `Location` where that is missing.
    pub(super) fn of(answer: &Response) -> Option<Self> {
        let header = |name| {
            answer
                .header(name)
                .map(str::trim)
                .filter(|text| !text.is_empty())
        };
        let text = header("operation-location").or_else(|| header("location"))?;
        (text.len() <= URL_CHARACTERS).then(|| Self::new(text))
    }

    /// As the service said it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id at its end, without the query that may follow it.
    pub fn operation_id(&self) -> Option<&str> {
        let path = self.0.split(['?', '#']).next()?;
        let id = path.trim_end_matches('/').rsplit('/').next()?;
        (!id.is_empty() && id.len() <= OPERATION_ID_CHARACTERS).then_some(id)
    }
}

/// What a poll of something that takes time found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Polled<T> {
    /// What was found; `None` when it still has the tag that was sent.
    pub found: Option<T>,
    /// How long to wait before the next look: what the service asks for, from 1 s to 2 min, else 30 s.
    pub wait: Duration,
}

impl DeviceUpdate {
    /// Looks at an operation where the service said that it is. May be repeated.
    pub async fn operation(
        &self,
        location: &OperationLocation,
        etag: Option<&str>,
    ) -> Result<Polled<Operation>, AzureError> {
        let url = self.own_address("Operation-Location", &location.0)?;
        self.poll(Call::new(Method::Get, url).unless(etag)).await
    }

    /// Looks at the operation of this id. May be repeated.
    pub async fn operation_by_id(
        &self,
        id: &str,
        etag: Option<&str>,
    ) -> Result<Polled<Operation>, AzureError> {
        let path = ["updates", "operations", id];
        let call = self.call(Method::Get, Area::Instance, &path, &[])?;
        let request = call.name();
        let polled: Polled<Operation> = self.poll(call.unless(etag)).await?;
        if let Some(found) = &polled.found {
            self.ensure_is_of_id(id, &found.operation_id, &found.status_word, request)?;
        }
        Ok(polled)
    }

    /// Refuses an answer that is no operation, or is another one. One that bears no id is that of the address.
    pub(super) fn ensure_is_of_id(
        &self,
        id: &str,
        named: &str,
        status: &str,
        request: String,
    ) -> Result<(), AzureError> {
        if named.is_empty() && status.is_empty() {
            return Err(self.other_shape(request, "it has neither operationId nor status"));
        }
        // A recording has the query glued to the id.
        let named = named.split('?').next().unwrap_or_default();
        if !named.is_empty() && !named.eq_ignore_ascii_case(id) {
            return Err(self.other_shape(request, "it is another operation"));
        }
        Ok(())
    }

    /// Where the operation of this id is, for one that a list named.
    pub fn location_of(&self, id: &str) -> Result<OperationLocation, AzureError> {
        let url = self.address(Area::Instance, &["updates", "operations", id], &[])?;
        Ok(OperationLocation::new(url))
    }

    /// Where this operation is watched on the account's own host: as the service said it, or by the id
    /// at the end of an address that leads elsewhere. `None` when there is no such id.
    pub(super) fn own_operation(&self, location: &OperationLocation) -> Option<OperationLocation> {
        let is_path = location.0.trim().contains('/');
        let own = self.own_address("Operation-Location", &location.0);
        if let Ok(url) = own
            && is_path
        {
            return Some(self.with_a_version(url).unwrap_or_else(|| location.clone()));
        }
        let id = location.operation_id().filter(|id| {
            let path = location.0.split(['?', '#']).next().unwrap_or_default();
            let before = path.trim().trim_end_matches('/').strip_suffix(id);
            let is_named =
                before.is_some_and(|before| before.is_empty() || before.ends_with("operations/"));
            let mut letters = id.bytes();
            is_named && letters.all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        })?;
        self.location_of(id).ok()
    }

    /// The address with the version of the account, when it names none and one is needed.
    fn with_a_version(&self, mut url: Url) -> Option<OperationLocation> {
        let names_one = url
            .query_pairs()
            .any(|(key, _)| key.eq_ignore_ascii_case("api-version"));
        let version = self.version.in_query().filter(|_| !names_one)?;
        url.query_pairs_mut().append_pair("api-version", version);
        Some(OperationLocation::new(url))
    }

    /// The operations of the last seven days; deletions are not among them. `only_running` leaves out
    /// those that are over. `top` is the number of entries of a page. Asked often, the service answers
    /// 429: 50 times a minute.
    pub fn operations(
        &self,
        only_running: bool,
        top: Option<u32>,
    ) -> Result<List<Operation>, AzureError> {
        self.list(
            Area::Instance,
            &["updates", "operations"],
            &self.pairs(
                only_running.then_some(NOT_OVER),
                top.map(|n| n.to_string()).as_deref(),
            ),
        )
    }

    /// `filter` and `top` as the version writes them.
    pub(super) fn pairs<'a>(
        &self,
        filter: Option<&'a str>,
        top: Option<&'a str>,
    ) -> Vec<(&'a str, &'a str)> {
        let filter = filter.map(|filter| (self.filter_key("filter", "$filter"), filter));
        let top = top.map(|top| (self.filter_key("top", "$top"), top));
        filter.into_iter().chain(top).collect()
    }

    /// Sends the call, whose answer may be 304.
    pub(super) async fn poll<T: serde::de::DeserializeOwned>(
        &self,
        call: Call,
    ) -> Result<Polled<T>, AzureError> {
        let name = call.name();
        let answer = self.exchange(call).await?;
        let wait = wait_of(answer.retry_after());
        let found = match answer.status() {
            304 => None,
            _ => Some(self.read(&answer, name)?),
        };
        Ok(Polled { found, wait })
    }
}

fn wait_of(asked: Option<Duration>) -> Duration {
    let (shortest, longest) = LOOKS_WITHIN;
    asked.unwrap_or(USUAL_LOOK).clamp(shortest, longest)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{ApiVersion, AzureAccount, sign_in::PastedToken};
    use super::*;

    #[test]
    fn the_id_of_an_operation_ends_where_its_query_begins() {
        let id = |text| {
            OperationLocation::new(text)
                .operation_id()
                .map(str::to_owned)
        };
        let guid = "e4491c54-916f-443d-9094-bcca546ace2f";
        for text in [
            format!("/deviceupdate/blue/updates/operations/{guid}?api-version=2"),
            format!("/deviceupdate/instanceId/v2/updates/operations/{guid}"),
            format!("https://h.test/deviceUpdate/blue/updates/operations/{guid}/?a=b/c"),
            guid.to_owned(),
        ] {
            assert_eq!(id(text.clone()).as_deref(), Some(guid), "{text}");
        }
        for text in ["", "/", "?a", &"x".repeat(300)] {
            assert_eq!(id(text.to_owned()), None, "{text}");
        }
    }

    #[test]
    fn an_operation_elsewhere_is_looked_at_on_the_accounts_own_host_by_its_id() {
        let account = AzureAccount {
            name: "contoso".to_owned(),
            service: "contoso.api.adu.microsoft.com".to_owned(),
            instance: "blue".to_owned(),
            api_version: ApiVersion::default(),
            proxy: None,
            extra_ca_pem: None,
            production: false,
        };
        let token = PastedToken::new("t".to_owned().into());
        let client = DeviceUpdate::new(&account, Arc::new(token)).unwrap();
        let own = |text: &str| client.own_operation(&OperationLocation::new(text));
        let by_id = client.location_of("e4491c54").unwrap();
        for elsewhere in [
            "https://blue.internal.test/deviceUpdate/blue/updates/operations/e4491c54?a=b",
            "http://contoso.api.adu.microsoft.com/deviceUpdate/blue/updates/operations/e4491c54",
            "//deviceUpdate/blue/updates/operations/e4491c54",
            "e4491c54",
        ] {
            assert_eq!(own(elsewhere), Some(by_id.clone()), "{elsewhere}");
        }
        let bare = own("deviceUpdate/blue/updates/operations/e4491c54").unwrap();
        assert!(
            bare.as_str().ends_with("e4491c54?api-version=2026-06-01"),
            "{bare:?}"
        );
        let here = "/deviceupdate/blue/updates/operations/e4491c54?api-version=2";
        assert_eq!(own(here), Some(OperationLocation::new(here)));
        for none in [
            "https://evil.test/",
            "https://evil.test/a%2Fb",
            "https://evil.test/a b",
        ] {
            assert_eq!(own(none), None, "{none}");
        }
    }

    #[test]
    fn a_look_is_neither_too_soon_nor_too_late() {
        let seconds = |asked: Option<u64>| wait_of(asked.map(Duration::from_secs)).as_secs();
        assert_eq!(
            [None, Some(0), Some(5), Some(86_400)].map(seconds),
            [30, 1, 5, 120]
        );
    }
}
