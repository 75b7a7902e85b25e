//! From the client library's error to the layer that failed.

use std::{error::Error as StdError, io, time::Duration};

use crate::{Delivered, NetError, redact::shown_proxy, resolver::ResolveError};

/// Where a request went; enough to name the failing layer.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) host: String,
    pub(crate) proxy: Option<String>,
    pub(crate) connect: Duration,
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
    if is_tls(error) {
        return NetError::Tls { host, why };
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

/// The TLS library reports everything it refuses as invalid data, and a host that hangs up during
/// the handshake as an unexpected end.
fn is_tls(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| {
            let handshake_cut = error.kind() == io::ErrorKind::UnexpectedEof
                && error.to_string().contains("handshake");
            error.kind() == io::ErrorKind::InvalidData || handshake_cut
        })
    })
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
