//! Addresses as they may be shown: no user, no password, no query.
//!
//! Signed links carry their secret in the query; nobody who reads a log needs it.

use reqwest::Url;

/// The address without user, password, query and fragment.
pub fn shown_url(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}"));
    let query = if url.query().is_some() { "?…" } else { "" };
    format!(
        "{}://{host}{}{}{query}",
        url.scheme(),
        port.unwrap_or_default(),
        url.path()
    )
}

/// A proxy's address without user and password, or a placeholder when it is no address.
pub(crate) fn shown_proxy(address: &str) -> String {
    let parsed = Url::parse(address);
    parsed.map_or_else(
        |_| "the proxy".to_owned(),
        |url| {
            let port = url.port().map(|port| format!(":{port}"));
            format!(
                "{}{}",
                url.host_str().unwrap_or("the proxy"),
                port.unwrap_or_default()
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_link_is_shown_without_its_secret() {
        let url = Url::parse("https://me:pass@host.test:8443/a/fw.bin?sig=SECRET#x").unwrap();
        assert_eq!(shown_url(&url), "https://host.test:8443/a/fw.bin?…");
        assert_eq!(shown_proxy("http://me:pass@proxy:3128"), "proxy:3128");
    }
}
