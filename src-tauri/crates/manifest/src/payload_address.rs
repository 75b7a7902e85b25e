//! Whether a device can fetch a payload from the address that a manifest names. A warning at most: what a
//! vendor's own client takes is not known here. Asks no name server.

use std::net::IpAddr;

use firmdrop_core::{Check, CheckResult};

/// What is said of the address of a payload.
pub(crate) fn check(uri: &str) -> Check {
    const NAME: &str = "Address";
    match trouble(uri) {
        Some(why) => Check::new(NAME, CheckResult::Warning, why),
        None => Check::new(NAME, CheckResult::Passed, "A whole address with a host."),
    }
}

fn trouble(uri: &str) -> Option<String> {
    if uri.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Some("It has spaces or control characters, which no address has.".into());
    }
    let Some((scheme, rest)) = uri
        .split_once("://")
        .filter(|(scheme, _)| is_scheme(scheme))
    else {
        return Some(
            "It is no whole address: devices need one that begins with https:// and names a host."
                .into(),
        );
    };
    let scheme = scheme.to_ascii_lowercase();
    if scheme == "file" {
        return Some("It names a file of a computer, which no device can fetch.".into());
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@');
    if host.is_some() {
        return Some(
            "It contains a name or a password, which everybody who has the manifest can read."
                .into(),
        );
    }
    let name = host_name(authority);
    if name.is_empty() {
        return Some("It names no host.".into());
    }
    match &*scheme {
        "https" => None,
        "http" if is_loopback(name) => None,
        "http" => Some(
            "It is plain http: others in the network can read the image. Devices refuse other bytes by their digest."
                .into(),
        ),
        other => Some(format!("Devices fetch over https; {other} is not known to be taken.")),
    }
}

/// RFC 3986, 3.1.
fn is_scheme(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// The host without its port and brackets.
fn host_name(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(name: &str) -> bool {
    let is_address = |address: IpAddr| address.is_loopback();
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(is_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_no_device_can_fetch_is_warned_of() {
        for (uri, word) in [
            ("nonsense", "no whole address"),
            ("/fw/abc", "no whole address"),
            ("//host/fw", "no whole address"),
            ("1http://host/fw", "no whole address"),
            ("https:/host/fw", "no whole address"),
            ("file:///tmp/fw.bin", "file of a computer"),
            ("https:///fw", "no host"),
            ("https://:443/fw", "no host"),
            ("https://user:word@host/fw", "password"),
            ("http://example.com/fw", "plain http"),
            ("HTTP://10.0.0.5:8080/fw", "plain http"),
            ("ftp://host/fw", "ftp"),
            ("https://ho st/fw", "spaces"),
        ] {
            let check = check(uri);
            assert_eq!(check.result, CheckResult::Warning, "{uri}");
            assert!(check.explanation.contains(word), "{uri}: {check:?}");
        }
    }

    #[test]
    fn a_whole_address_is_not_warned_of() {
        for uri in [
            "https://firmware-catalog-media.example.com/a/b?x=1#y",
            "HTTPS://host",
            "https://[2001:db8::1]:8443/fw",
            "http://127.0.0.1:8080/fw",
            "http://[::1]/fw",
        ] {
            assert_eq!(check(uri).result, CheckResult::Passed, "{uri}");
        }
    }
}
