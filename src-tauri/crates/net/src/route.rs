//! Which way a request takes: straight to the host, or through a proxy, and who named that.

use std::time::Duration;

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::Url;

use crate::{NetError, redact::shown_proxy};

/// Where a request went; enough to name the failing layer.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) host: String,
    pub(crate) proxy: Option<UsedProxy>,
    /// No authority is known whose certificates could be believed.
    pub(crate) trusts_nobody: bool,
    pub(crate) connect: Duration,
}

/// The proxy on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UsedProxy {
    /// Its address.
    url: Option<Url>,
    /// How it is called, without user and password.
    shown: String,
    has_user: bool,
}

impl UsedProxy {
    /// The one of an account.
    pub(crate) fn given(address: &str) -> Self {
        let url = Url::parse(address).ok();
        let has_user = |url: &Url| !url.username().is_empty() || url.password().is_some();
        Self {
            shown: shown_proxy(address),
            has_user: url.as_ref().is_some_and(has_user),
            url,
        }
    }

    /// The one that the environment names for this host: the client library takes it by itself.
    /// `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, in small or capital letters.
    pub(crate) fn of_the_environment(host: &Url) -> Option<Self> {
        let host: hyper::Uri = host.as_str().parse().ok()?;
        let taken = Matcher::from_env().intercept(&host)?;
        let address = taken.uri().to_string();
        Some(Self {
            shown: format!("{}, which the environment names,", shown_proxy(&address)),
            has_user: taken.basic_auth().is_some() || taken.raw_auth().is_some(),
            url: Url::parse(&address).ok(),
        })
    }

    /// Its address, when it is one.
    pub(crate) fn url(&self) -> Option<&Url> {
        self.url.as_ref()
    }

    /// How it is called in a sentence, without user and password.
    pub(crate) fn shown(&self) -> String {
        self.shown.clone()
    }
}

/// The variable of the environment that is to name a proxy for this host and is no address. The client library
/// passes over it and goes straight to the host, or takes a part of it for the proxy's name.
pub(crate) fn unusable_in_the_environment(host: &Url) -> Option<&'static str> {
    let uri: hyper::Uri = host.as_str().parse().ok()?;
    let value = |name: &str| std::env::var(name).unwrap_or_default();
    // A server that was asked for a page sets `HTTP_PROXY` by a header of the request.
    let is_of_a_request = std::env::var_os("REQUEST_METHOD").is_some();
    let is_address = |taken: &Intercept| Url::parse(&taken.uri().to_string()).is_ok();
    if is_of_a_request
        || Matcher::from_env()
            .intercept(&uri)
            .is_some_and(|taken| is_address(&taken))
    {
        return None;
    }
    let of_scheme = match host.scheme() {
        "https" => ["HTTPS_PROXY", "https_proxy"],
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    let mut names = of_scheme.into_iter().chain(["ALL_PROXY", "all_proxy"]);
    let variable = names.find(|name| !value(name).trim().is_empty())?;
    let spared = [value("NO_PROXY"), value("no_proxy")];
    let spared = spared.into_iter().find(|hosts| !hosts.is_empty());
    let wanted = Matcher::builder()
        .all("http://proxy.invalid")
        .no(spared.unwrap_or_default())
        .build();
    wanted.intercept(&uri).map(|_| variable)
}

impl Route {
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
        let Some(proxy) = &self.proxy else {
            return NetError::SignInUnasked {
                host: self.host.clone(),
                schemes: shown,
            };
        };
        NetError::ProxySignIn {
            proxy: proxy.shown(),
            gave_password: proxy.has_user,
            other_schemes: shown.filter(|_| !offers_basic),
        }
    }

    /// The proxy did not do what it is there for; `None` without one.
    pub(crate) fn by_proxy(&self, why: String) -> Option<NetError> {
        let proxy = self.proxy.as_ref()?.shown();
        Some(NetError::Proxy { proxy, why })
    }
}
