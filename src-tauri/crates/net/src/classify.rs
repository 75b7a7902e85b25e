//! From the client library's error to the layer that failed.

use std::{error::Error as StdError, io};

use crate::{Delivered, NetError, TlsFault, resolver::ResolveError, route::Route, tls_fault};

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
        return tls(refused, route);
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
    if find::<hyper::Error>(&error).is_some_and(hyper::Error::is_parse) {
        return NetError::NotHttp { host, why };
    }
    NetError::Cut {
        host,
        why,
        delivered,
    }
}

fn from_resolver(error: &ResolveError, route: &Route) -> NetError {
    match error {
        ResolveError::NotKnown { host } => {
            let is_another = *host != route.host;
            let by_proxy = || route.by_proxy(format!("the name {host} is not known"));
            let named = is_another.then(by_proxy).flatten();
            named.unwrap_or_else(|| NetError::NameNotKnown { host: host.clone() })
        }
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
        return tls(refused, route);
    }
    if is_cut_handshake(error) {
        let why = "the connection broke during the TLS handshake".to_owned();
        return NetError::Unreachable { host, why };
    }
    if let Some(refused) = from_proxy(error, route) {
        return refused;
    }
    if let Some(refused) = route.by_proxy(why.clone()) {
        return refused;
    }
    if error.is_timeout() {
        let seconds = route.connect.as_secs_f32();
        let why = format!("no connection came about within {seconds} s");
        return NetError::Unreachable { host, why };
    }
    NetError::Unreachable { host, why }
}

fn tls(refused: &rustls::Error, route: &Route) -> NetError {
    let (fault, why) = match tls_fault::read(refused) {
        // The host's certificate may be as good as any.
        (TlsFault::Issuer, _) if route.trusts_nobody => tls_fault::nobody_trusted(),
        read => read,
    };
    let host = route.host.clone();
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
    let unnamed = || NetError::Unreachable {
        host: route.host.clone(),
        why: why.clone(),
    };
    Some(route.by_proxy(why.clone()).unwrap_or_else(unnamed))
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
