//! The client of one account.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_net::{Deadlines, Http, HttpOptions, Url, retry::RetryPolicy};

use crate::known_host::KnownHost;

use super::{AccessKey, PelionAccount, PelionError, service_clock::ServiceClock, settle::Settling};

/// One account of the service. Cheap to clone; clones share their connections.
///
/// Every operation is one request, repeats nothing unless it is [`Pelion::alone`], and is aborted when its future is
/// dropped.
#[derive(Clone)]
pub struct Pelion {
    pub(super) account: String,
    pub(super) base: Url,
    pub(super) key: AccessKey,
    pub(super) http: Http,
    pub(super) options: HttpOptions,
    pub(super) retry: RetryPolicy,
    pub(super) settling: Settling,
    pub(super) clock: Arc<ServiceClock>,
    pub(super) known_host: KnownHost,
    /// Requests belong to no task: those that do no harm are repeated.
    pub(super) alone: bool,
}

impl Pelion {
    /// A client of this account. Touches no network.
    pub fn new(account: &PelionAccount, key: AccessKey) -> Result<Self, PelionError> {
        let options = HttpOptions {
            proxy: account
                .proxy
                .clone()
                .filter(|proxy| !proxy.trim().is_empty()),
            extra_ca_pem: account.extra_ca_pem.clone().map(String::into_bytes),
            ..HttpOptions::default()
        };
        Self::build(account, key, options)
    }

    /// The same account with other deadlines.
    pub fn with_deadlines(mut self, deadlines: Deadlines) -> Result<Self, PelionError> {
        self.options.deadlines = deadlines;
        self.http = open(&self.account, &self.base, &self.options)?;
        Ok(self)
    }

    /// The same account with another time limit for the tasks that repeat requests.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// The same account for requests that belong to no task: what does no harm when it is sent twice (GET, PUT, DELETE)
    /// is repeated for some seconds while the service or a gateway is out, or where the answer was lost. A deletion
    /// whose repetition finds nothing was carried out.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// The same account for a task, which repeats its requests itself.
    #[must_use]
    pub fn in_a_task(mut self) -> Self {
        self.alone = false;
        self
    }

    /// The same account with another time than [`SETTLES_WITHIN`](super::upload::SETTLES_WITHIN)
    /// for a request whose answer is unknown.
    #[must_use]
    pub fn with_settling(mut self, within: Duration) -> Self {
        self.settling = Settling::within(within);
        self
    }

    /// The host of the account.
    pub(super) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    fn build(
        account: &PelionAccount,
        key: AccessKey,
        options: HttpOptions,
    ) -> Result<Self, PelionError> {
        let base = account.base_url()?;
        Ok(Self {
            account: account.name.clone(),
            http: open(&account.name, &base, &options)?,
            base,
            key,
            options,
            retry: RetryPolicy::default(),
            settling: Settling::default(),
            clock: Arc::default(),
            known_host: KnownHost::default(),
            alone: false,
        })
    }
}

fn open(account: &str, base: &Url, options: &HttpOptions) -> Result<Http, PelionError> {
    Http::new(base, options).map_err(|error| PelionError::Account {
        account: account.to_owned(),
        why: error.to_string(),
    })
}

impl std::fmt::Debug for Pelion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pelion")
            .field("account", &self.account)
            .field("base", &firmdrop_net::shown_url(&self.base))
            .finish_non_exhaustive()
    }
}
