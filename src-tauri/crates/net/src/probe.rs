//! The first two steps of a connection test: is the name known, does the port answer?
//!
//! TLS and everything above are tested with a real request.

use std::net::SocketAddr;

use reqwest::Url;
use tokio::{net::TcpStream, time::timeout};

use crate::{
    HttpOptions, NetError,
    http::is_this_computer,
    resolver::Resolver,
    route::{UsedProxy, unusable_in_the_environment},
};

/// Where a connection would really go: the proxy when there is one, else the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    host: String,
    port: u16,
    proxy: Option<String>,
}

impl Target {
    /// The first hop towards `url`.
    pub fn new(url: &Url, options: &HttpOptions) -> Result<Self, NetError> {
        let given = options.proxy.as_deref();
        if let Some(Err(error)) = given.map(Url::parse) {
            let why = format!("the proxy's address cannot be read: {error}");
            return Err(NetError::InvalidOptions { why });
        }
        let proxy = match given {
            Some(given) => Some(UsedProxy::given(given)),
            None if is_this_computer(url) => None,
            None => UsedProxy::of_the_environment(url),
        };
        if given.is_none()
            && !is_this_computer(url)
            && let Some(variable) = unusable_in_the_environment(url)
        {
            return Err(NetError::ProxyUnusable { variable });
        }
        let hop = proxy.as_ref().and_then(UsedProxy::url).unwrap_or(url);
        let host = hop.host_str().unwrap_or_default();
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            // Proxies listen on 1080 (SOCKS) when nothing else is said.
            port: hop.port_or_known_default().unwrap_or(1080),
            proxy: proxy.as_ref().map(UsedProxy::shown),
        })
    }

    /// "api.example.com, port 443"; a proxy is said to be one.
    pub fn shown(&self) -> String {
        let who = if self.proxy.is_some() {
            "the proxy "
        } else {
            ""
        };
        format!("{who}{}, port {}", self.host, self.port)
    }

    /// What an address that took a connection proves.
    pub fn reached(&self, address: SocketAddr) -> String {
        if self.proxy.is_some() {
            format!("the proxy, {address}; the host is asked through it")
        } else {
            address.to_string()
        }
    }

    /// The addresses behind the name.
    pub async fn look_up(&self) -> Result<Vec<SocketAddr>, NetError> {
        let found = Resolver::open().look_up(&self.host).await;
        let addresses = found.map_err(|error| {
            self.failed(error.to_string(), |host, _| NetError::NameNotKnown { host })
        })?;
        Ok(addresses
            .into_iter()
            .map(|address| SocketAddr::new(address.ip(), self.port))
            .collect())
    }

    /// The first of the addresses that accepts a connection.
    pub async fn connect(
        &self,
        addresses: &[SocketAddr],
        options: &HttpOptions,
    ) -> Result<SocketAddr, NetError> {
        let limit = options.deadlines.connect;
        let mut why = "it has no address".to_owned();
        for address in addresses {
            match timeout(limit, TcpStream::connect(address)).await {
                Ok(Ok(_)) => return Ok(*address),
                Ok(Err(error)) => why = error.to_string(),
                Err(_) => why = format!("nothing answered within {} s", limit.as_secs_f32()),
            }
        }
        Err(self.failed(why, |host, why| NetError::Unreachable { host, why }))
    }

    fn failed(&self, why: String, direct: fn(String, String) -> NetError) -> NetError {
        match &self.proxy {
            Some(proxy) => NetError::Proxy {
                proxy: proxy.clone(),
                why,
            },
            None => direct(self.host.clone(), why),
        }
    }
}
