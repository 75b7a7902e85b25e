//! Files from an address.

use std::collections::BTreeSet;

use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::{DownloadRules, download, is_web_page};

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
        if is_web_page(received.path()) {
            return Err(a_web_page());
        }
        Ok(received.into_path().display().to_string())
    }
}

fn a_web_page() -> Diagnosis {
    Diagnosis::new(
        Code::DownloadFailed,
        "The address was answered with a web page, not with a file.",
        "The page on which somebody signs in to a network or to a host comes like this.",
    )
    .state("Nothing was stored of the download, and nothing was sent.")
    .remedy(Remedy::advice(
        "Open the address in a browser, download the file there, and give it as a file.",
    ))
}
