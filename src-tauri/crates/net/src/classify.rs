//! From the client library's error to the layer that failed.

use std::{error::Error as StdError, io, time::Duration};

use reqwest::Url;

use crate::{Delivered, NetError, redact::shown_proxy, resolver::ResolveError, tls_fault};

/// Where a request went; enough to name the failing layer.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) host: String,
    pub(crate) proxy: Option<String>,
    pub(crate) connect: Duration,
}

impl Route {
    fn shown_proxy(&self) -> String {
        shown_proxy(self.proxy.as_deref().unwrap_or_default())
    }

    /// The proxy wants to know who asks. `schemes` are those it offers, as far as it said so.
    pub(crate) fn proxy_asks_for_password(&self, schemes: Option<&str>) -> NetError {
        let offers_basic = schemes.is_none_or(|schemes| {
            let mut schemes = schemes.split([',', ' ']);
            schemes.any(|scheme| scheme.trim().eq_ignore_ascii_case("basic"))
        });
        let shown = schemes.map(|schemes| {
            let visible = schemes.chars().filter(|c| !c.is_control());
            visible.take(60).collect()
        });
        if self.proxy.is_none() {
            return NetError::SignInUnasked {
                host: self.host.clone(),
                schemes: shown,
            };
        }
        let gave_password = self.proxy.as_deref().is_some_and(has_user);
        NetError::ProxySignIn {
            proxy: self.shown_proxy(),
            gave_password,
            other_schemes: shown.filter(|_| !offers_basic),
        }
    }
}

fn has_user(proxy: &str) -> bool {
    let parsed = Url::parse(proxy);
    parsed.is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
}

/// Names the failing layer. `delivered` is what the caller knows about the body.
pub(crate) fn classify(error: reqwest::Error, route: &Route, delivered: Delivered) -> NetError {
    let error = error.without_url();
    let host = route.host.clone();
    if let Some(refused) = find::<ResolveError>(&error) {
        return from_resolver(refused, route);
    }
    let why = deepest(&error);
    if error.is_connect() {
        return from_connect(&error, why, route);
    }
    if let Some(refused) = find::<rustls::Error>(&error)
        && tls_fault::is_final_after_handshake(refused)
    {
        return tls(refused, host);
    }
    if error.is_builder() || error.is_redirect() {
        return NetError::InvalidAddress { address: host, why };
    }
    if error.is_timeout() {
        return NetError::Silent {
            host,
            waited: route.connect,
            delivered,
        };
    }
    NetError::Cut {
        host,
        why,
        delivered,
    }
}

fn from_resolver(error: &ResolveError, route: &Route) -> NetError {
    match error {
        ResolveError::NotKnown { host } if *host != route.host && route.proxy.is_some() => {
            NetError::Proxy {
                proxy: shown_proxy(route.proxy.as_deref().unwrap_or_default()),
                why: format!("the name {host} is not known"),
            }
        }
        ResolveError::NotKnown { host } => NetError::NameNotKnown { host: host.clone() },
        ResolveError::Refused {
            host,
            address,
            kind,
        } => NetError::AddressRefused {
            host: host.clone(),
            address: address.ip().to_string(),
            kind: kind.words().to_owned(),
        },
    }
}

fn from_connect(error: &reqwest::Error, why: String, route: &Route) -> NetError {
    let host = route.host.clone();
    if let Some(refused) = find::<rustls::Error>(error) {
        return tls(refused, host);
    }
    if is_cut_handshake(error) {
        let why = "the connection broke during the TLS handshake".to_owned();
        return NetError::Unreachable { host, why };
    }
    if let Some(refused) = from_proxy(error, route) {
        return refused;
    }
    if let Some(proxy) = &route.proxy {
        return NetError::Proxy {
            proxy: shown_proxy(proxy),
            why,
        };
    }
    if error.is_timeout() {
        let seconds = route.connect.as_secs_f32();
        let why = format!("no connection came about within {seconds} s");
        return NetError::Unreachable { host, why };
    }
    NetError::Unreachable { host, why }
}

fn tls(refused: &rustls::Error, host: String) -> NetError {
    let (fault, why) = tls_fault::read(refused);
    NetError::Tls { host, why, fault }
}

/// A host that hangs up during the handshake, as a gateway does that restarts. It says nothing of
/// its certificate.
fn is_cut_handshake(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| {
            error.kind() == io::ErrorKind::UnexpectedEof && error.to_string().contains("handshake")
        })
    })
}

/// What a proxy answered when it was to open a way. Its library tells it in words only.
fn from_proxy(error: &reqwest::Error, route: &Route) -> Option<NetError> {
    let words = causes(error).map(ToString::to_string);
    let words = { words }
        .find(|words| words.starts_with("tunnel error: ") || words.starts_with("SOCKS error: "))?;
    let proxy = route.shown_proxy();
    let lower = words.to_ascii_lowercase();
    if lower.contains("auth") {
        return Some(route.proxy_asks_for_password(None));
    }
    let why = if lower.ends_with("unsuccessful") {
        format!("it did not open a way to {}", route.host)
    } else if lower.ends_with("unexpected end of file") {
        format!("it hung up before the way to {} was open", route.host)
    } else {
        deepest(error)
    };
    Some(NetError::Proxy { proxy, why })
}

fn find<T: StdError + 'static>(error: &reqwest::Error) -> Option<&T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The innermost cause: the lowest layer's own words.
fn deepest(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

/// Every cause, the innermost last. What an I/O error wraps counts too, although `source` leaves
/// it out.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |cause| next_cause(*cause))
}

fn next_cause<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let wrapped = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped as &'a (dyn StdError + 'static)),
        None => cause.source(),
    }
}
