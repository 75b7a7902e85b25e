//! The client of one instance.

use std::sync::Arc;

use firmdrop_core::Moment;
use firmdrop_net::{Deadlines, Http, HttpOptions, Url, host_dates, retry::RetryPolicy};
use uuid::Uuid;

use crate::known_host::KnownHost;

use super::{ApiVersion, AzureAccount, AzureError, TokenSource};

/// Clocks that differ by less than this are the same.
const SAYS_NOTHING_MS: u64 = 5_000;

/// One instance of the service. Cheap to clone; clones share their connections.
///
/// Every operation is one request. It repeats nothing unless it is [`DeviceUpdate::alone`], with one exception: a token
/// that the service refuses is replaced once. Dropping the future of an operation aborts it.
#[derive(Clone)]
pub struct DeviceUpdate {
    pub(super) account: String,
    pub(super) instance: String,
    pub(super) version: ApiVersion,
    pub(super) base: Url,
    pub(super) tokens: Arc<dyn TokenSource>,
    pub(super) http: Http,
    pub(super) options: HttpOptions,
    pub(super) retry: RetryPolicy,
    pub(super) known_host: KnownHost,
    /// Requests belong to no task: those that do no harm are repeated.
    pub(super) alone: bool,
    request_id: Option<RequestId>,
}

/// What the service's operators find a request by: `x-ms-client-request-id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub(super) String);

impl RequestId {
    /// A new one.
    pub fn random() -> Self {
        Self(Uuid::new_v4().to_string())
    }

    /// As it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DeviceUpdate {
    /// A client of this instance. Uses no network.
    pub fn new(account: &AzureAccount, tokens: Arc<dyn TokenSource>) -> Result<Self, AzureError> {
        let base = account.base_url()?;
        let options = account.http_options();
        Ok(Self {
            account: account.name.clone(),
            instance: account.checked_instance()?.to_owned(),
            version: account.api_version,
            http: open(&account.name, &base, &options)?,
            base,
            tokens,
            options,
            retry: RetryPolicy::default(),
            known_host: KnownHost::default(),
            alone: false,
            request_id: None,
        })
    }

    /// The same instance with other deadlines.
    pub fn with_deadlines(mut self, deadlines: Deadlines) -> Result<Self, AzureError> {
        self.options.deadlines = deadlines;
        self.http = open(&self.account, &self.base, &self.options)?;
        Ok(self)
    }

    /// The same instance with another time limit for the tasks that repeat requests.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// The same instance for requests that belong to no task: what does no harm when it is sent twice (GET, PUT, DELETE,
    /// and the acts that say so) is repeated for some seconds while the service or a gateway is out, or where the answer
    /// was lost. A deletion whose repetition finds nothing was carried out.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// The same instance for a task, which repeats its requests itself.
    #[must_use]
    pub fn in_a_task(mut self) -> Self {
        self.alone = false;
        self
    }

    /// The same instance; each request of this clone bears this id. For the repeats of one request.
    #[must_use]
    pub fn with_request_id(mut self, id: RequestId) -> Self {
        self.request_id = Some(id);
        self
    }

    /// The name of the account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The instance within the account.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// The version of the interface that requests follow.
    pub fn api_version(&self) -> ApiVersion {
        self.version
    }

    /// The host of the service.
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// What time the service has when it is `ours` here: by the date of its newest answer, and `ours` before
    /// it gave one. Full seconds and the way of an answer say nothing.
    pub fn time(&self, ours: Moment) -> Moment {
        let dates = host_dates();
        let said = dates.iter().find(|date| date.host == self.host());
        let ahead = said.map_or(0, |date| {
            let (theirs, ours) = (date.said.as_millisecond(), date.heard.as_millisecond());
            theirs.saturating_sub(ours)
        });
        if ahead.unsigned_abs() < SAYS_NOTHING_MS {
            return ours;
        }
        Moment::from_millisecond(ours.as_millisecond().saturating_add(ahead))
    }

    pub(super) fn next_request_id(&self) -> RequestId {
        self.request_id.clone().unwrap_or_else(RequestId::random)
    }
}

fn open(account: &str, base: &Url, options: &HttpOptions) -> Result<Http, AzureError> {
    Http::new(base, options).map_err(|error| AzureError::Account {
        account: account.to_owned(),
        why: error.to_string(),
    })
}

impl std::fmt::Debug for DeviceUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceUpdate")
            .field("account", &self.account)
            .field("base", &firmdrop_net::shown_url(&self.base))
            .field("instance", &self.instance)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
