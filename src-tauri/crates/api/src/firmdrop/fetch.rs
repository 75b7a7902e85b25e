//! Files from an address.

use std::collections::BTreeSet;

use firmdrop_core::Diagnosis;
use firmdrop_engine::{DownloadRules, download};

use super::Firmdrop;

impl Firmdrop {
    /// Downloads an address a person gave and answers where the file lies. Dropping the future
    /// removes what was written. `on_bytes` hears of bytes so far and of the whole size.
    pub async fn fetch_url(
        &self,
        url: &str,
        on_bytes: impl Fn(u64, Option<u64>) + Send + Sync + 'static,
    ) -> Result<String, Diagnosis> {
        self.fetch_url_from(url, BTreeSet::new(), on_bytes).await
    }

    /// The same, with hosts of the own network that a person allowed by name.
    pub async fn fetch_url_from(
        &self,
        url: &str,
        allowed_hosts: BTreeSet<String>,
        on_bytes: impl Fn(u64, Option<u64>) + Send + Sync + 'static,
    ) -> Result<String, Diagnosis> {
        let home = self.inner.engine.home();
        let rules = DownloadRules {
            allowed_hosts,
            ..DownloadRules::default()
        };
        let received = download(home, url, rules, &on_bytes).await?;
        Ok(received.into_path().display().to_string())
    }
}
