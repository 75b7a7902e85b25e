//! The client: sends one request, reads one answer, watches the clock.
//!
//! It follows no redirect and repeats nothing.

use std::{collections::BTreeSet, future::Future, time::Duration};

use bytes::BytesMut;
use reqwest::{
    Client, Proxy, Url,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, PROXY_AUTHENTICATE},
    redirect::Policy,
};
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout};

use crate::{
    AddressKind, BodyTiming, Deadlines, Delivered, HttpOptions, NetError, Request, Response,
    Secret, address_kind,
    classify::classify,
    coding::{self, CodingError, Decoding},
    outgoing::Outgoing,
    redact::shown_proxy,
    request::{Body, StreamedBody},
    resolver::Resolver,
    route::{Route, UsedProxy, unusable_in_the_environment},
    scrub::Scrub,
    send_buffer::SendBuffer,
    tls,
};

/// An idle connection is given up before the usual gateways close it under us.
const IDLE_CONNECTION: Duration = Duration::from_secs(20);

/// The client. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Http {
    pub(crate) client: Client,
    /// The account's, with its password.
    proxy: Option<String>,
    used: Option<UsedProxy>,
    /// The variable that is to name a proxy and names none.
    unusable_proxy: Option<&'static str>,
    /// This computer has no certificate of an authority, and none was given.
    trusts_nobody: bool,
    deadlines: Deadlines,
    send_buffer: SendBuffer,
}

impl Http {
    /// A client for `host`, which is an account's address: any address is welcome. HTTP/1.1 only,
    /// because the receive window of HTTP/2 (65,535 bytes at first) throttles uploads over far lines.
    pub fn new(host: &Url, options: &HttpOptions) -> Result<Self, NetError> {
        let direct = options.proxy.is_none() && is_this_computer(host);
        let mut built = Self::build(options, &Resolver::open(), direct)?;
        if built.used.is_none() && !direct {
            built.used = UsedProxy::of_the_environment(host);
            built.unusable_proxy = unusable_in_the_environment(host);
        }
        Ok(built)
    }

    /// A client that reaches public addresses only, and `allowed` hosts. Takes no proxy from the
    /// system, because a proxy would resolve names out of sight.
    pub(crate) fn guarded(
        options: &HttpOptions,
        mut allowed: BTreeSet<String>,
    ) -> Result<Self, NetError> {
        let proxy = options.proxy.as_deref().and_then(|p| Url::parse(p).ok());
        allowed.extend(proxy.and_then(|url| url.host_str().map(str::to_owned)));
        Self::build(
            options,
            &Resolver::guarded(allowed),
            options.proxy.is_none(),
        )
    }

    fn build(options: &HttpOptions, resolver: &Resolver, direct: bool) -> Result<Self, NetError> {
        let wrong = |why: String| NetError::InvalidOptions { why };
        let pem = options.extra_ca_pem.as_deref();
        let given = pem.map(tls::certificates).transpose().map_err(wrong)?;
        let proxy = options.proxy.as_deref().map(Proxy::all).transpose();
        let proxy = proxy.map_err(|_| {
            let shown = shown_proxy(options.proxy.as_deref().unwrap_or_default());
            wrong(format!("{shown} is not the address of a proxy"))
        })?;
        let base = || {
            let mut builder = Client::builder()
                .user_agent(&options.user_agent)
                .http1_only()
                .tcp_nodelay(true)
                .tcp_keepalive(Duration::from_secs(15))
                .redirect(Policy::none())
                .retry(reqwest::retry::never())
                .default_headers(as_it_is())
                .connect_timeout(options.deadlines.connect)
                .pool_idle_timeout(IDLE_CONNECTION)
                .dns_resolver(resolver.clone());
            #[cfg(target_os = "linux")]
            {
                // The system itself gives up a line that acknowledges nothing for so long.
                builder = builder.tcp_user_timeout(options.deadlines.stall);
            }
            match (&proxy, direct) {
                (Some(proxy), _) => builder.proxy(proxy.clone()),
                (None, true) => builder.no_proxy(),
                (None, false) => builder,
            }
        };
        let mut trusts_nobody = false;
        let client = match given {
            Some(given) => {
                let config = tls::trusting(given).map_err(wrong)?;
                base().tls_backend_preconfigured(config).build()
            }
            // A computer without any certificate of its own still talks to its own loopback.
            None => base().build().or_else(|_| {
                trusts_nobody = true;
                base().tls_certs_only([]).build()
            }),
        };
        let client = client.map_err(|error| wrong(error.to_string()))?;
        Ok(Self {
            client,
            proxy: options.proxy.clone(),
            used: options.proxy.as_deref().map(UsedProxy::given),
            unusable_proxy: None,
            trusts_nobody,
            deadlines: options.deadlines,
            send_buffer: SendBuffer::default(),
        })
    }

    /// Sends the request once and reads its answer, whatever its status. Dropping the future
    /// aborts the exchange. Fails within `connect`, then `stall` without a byte taken, then
    /// `answer` without an answer.
    pub async fn send(&self, request: Request) -> Result<Response, NetError> {
        let route = self.route(&request.url);
        let limit_bytes = request.response_limit_bytes;
        let mut held = request.secrets.clone();
        held.extend(request.bearer.clone());
        let secrets = self.secrets(held);
        let (builder, outgoing) = self.prepare(request)?;
        let response = self.watched(builder.send(), &outgoing, &route).await?;
        ensure_let_through(&response, &route)?;
        crate::host_dates::note(&route.host, response.headers());
        self.send_buffer.answered_from(response.remote_addr());
        let timing = BodyTiming {
            handover: outgoing.handover(),
            wait: outgoing.last_taken().elapsed(),
        };
        let limit = self.deadlines.answer;
        let read = timeout(limit, read_response(response, &route, limit_bytes, timing)).await;
        let read = read.map(|read| read.map(|response| response.without(&secrets)));
        read.unwrap_or(Err(NetError::Silent {
            host: route.host,
            waited: limit,
            delivered: Delivered::Perhaps,
        }))
    }

    /// What no host may repeat: the secrets of a request, and the password of the proxy.
    fn secrets(&self, held: Vec<Secret>) -> Scrub {
        let mut secrets = Scrub::of(held);
        if let Some(proxy) = self
            .proxy
            .as_deref()
            .and_then(|proxy| Url::parse(proxy).ok())
            && let Some(password) = proxy.password()
        {
            secrets.and_password(proxy.username(), password);
        }
        secrets
    }

    pub(crate) fn route(&self, url: &Url) -> Route {
        Route {
            host: url.host_str().unwrap_or_default().to_owned(),
            proxy: self.used.clone(),
            trusts_nobody: self.trusts_nobody,
            connect: self.deadlines.connect,
        }
    }

    pub(crate) fn stall(&self) -> Duration {
        self.deadlines.stall
    }

    /// Sends a request of any method once; its response is not read yet.
    pub(crate) async fn send_unread(
        &self,
        builder: reqwest::RequestBuilder,
        body: Body,
        route: &Route,
    ) -> Result<reqwest::Response, NetError> {
        let (builder, outgoing) = self.with_body(builder, body)?;
        let response = self.watched(builder.send(), &outgoing, route).await?;
        self.send_buffer.answered_from(response.remote_addr());
        Ok(response)
    }

    fn prepare(&self, request: Request) -> Result<(reqwest::RequestBuilder, Outgoing), NetError> {
        let mut builder = self.client.request(request.method.below(), request.url);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if let Some(secret) = request.bearer {
            builder = builder.bearer_auth(secret.expose_secret());
        }
        self.with_body(builder, request.body)
    }

    fn with_body(
        &self,
        builder: reqwest::RequestBuilder,
        body: Body,
    ) -> Result<(reqwest::RequestBuilder, Outgoing), NetError> {
        Ok(match body {
            Body::Nothing => (builder, Outgoing::new(0)),
            Body::Empty => (
                builder.header("Content-Length", "0").body(""),
                Outgoing::new(0),
            ),
            Body::Whole(bytes) => (builder.body(bytes), Outgoing::new(0)),
            Body::Streamed(body) => {
                let outgoing = Outgoing::new(body.length_bytes);
                let length = body.length_bytes.to_string();
                let body = outgoing.watch(body, &self.send_buffer);
                (
                    builder.header("Content-Length", length).body(body),
                    outgoing,
                )
            }
            Body::Form { fields, file } => form(builder, fields, file, &self.send_buffer)?,
        })
    }

    /// Waits for the answer's head as long as the line moves.
    async fn watched(
        &self,
        answer: impl Future<Output = reqwest::Result<reqwest::Response>>,
        outgoing: &Outgoing,
        route: &Route,
    ) -> Result<reqwest::Response, NetError> {
        if let Some(variable) = self.unusable_proxy {
            return Err(NetError::ProxyUnusable { variable });
        }
        tokio::pin!(answer);
        loop {
            let time = if outgoing.handed_over() {
                self.deadlines.answer.max(outgoing.handover())
            } else {
                self.deadlines.stall.max(self.deadlines.connect)
            };
            let limit = outgoing.last_taken() + time;
            tokio::select! {
                biased;
                answer = &mut answer => return answer.map_err(|error| {
                    let unread = outgoing.take_read_error();
                    unread.map_or_else(
                        || classify(error, route, outgoing.delivered()),
                        |source| NetError::Body { source },
                    )
                }),
                () = tokio::time::sleep_until(limit) => {
                    if Instant::now() >= outgoing.last_taken() + time {
                        return Err(NetError::Silent {
                            host: route.host.clone(),
                            waited: time,
                            delivered: outgoing.delivered(),
                        });
                    }
                }
            }
        }
    }
}

fn form(
    builder: reqwest::RequestBuilder,
    fields: Vec<(&'static str, String)>,
    (field, file_name, body): (&'static str, String, StreamedBody),
    send_buffer: &SendBuffer,
) -> Result<(reqwest::RequestBuilder, Outgoing), NetError> {
    let outgoing = Outgoing::new(body.length_bytes);
    let length = body.length_bytes;
    let part =
        reqwest::multipart::Part::stream_with_length(outgoing.watch(body, send_buffer), length)
            .file_name(file_name)
            .mime_str("application/octet-stream")
            .map_err(|error| NetError::InvalidOptions {
                why: error.to_string(),
            })?;
    let mut form = reqwest::multipart::Form::new();
    for (name, value) in fields {
        form = form.text(name, value);
    }
    Ok((builder.multipart(form.part(field, part)), outgoing))
}

async fn read_response(
    mut response: reqwest::Response,
    route: &Route,
    limit_bytes: u64,
    timing: BodyTiming,
) -> Result<Response, NetError> {
    let too_large = || NetError::TooLarge {
        host: route.host.clone(),
        limit_bytes,
    };
    let unreadable = |error| match error {
        CodingError::TooLarge => too_large(),
        error => NetError::Coding {
            host: route.host.clone(),
            why: error.to_string(),
        },
    };
    let mut decoding = Decoding::of(response.headers()).map_err(unreadable)?;
    let mut body = BytesMut::new();
    let mut came_bytes: u64 = 0;
    while let Some(piece) = response
        .chunk()
        .await
        .map_err(|error| classify(error, route, Delivered::Perhaps))?
    {
        came_bytes = came_bytes.saturating_add(piece.len() as u64);
        if came_bytes > limit_bytes {
            return Err(too_large());
        }
        let left = limit_bytes.saturating_sub(body.len() as u64);
        let content = decoding.unpack(&piece, left).map_err(unreadable)?;
        body.extend_from_slice(&content);
    }
    body.extend_from_slice(&decoding.finish().map_err(unreadable)?);
    if body.len() as u64 > limit_bytes {
        return Err(too_large());
    }
    Ok(Response {
        host: route.host.clone(),
        url: response.url().clone(),
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: body.freeze(),
        timing,
    })
}

/// Asks for answers that are not compressed.
fn as_it_is() -> HeaderMap {
    HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(coding::ASKED))])
}

/// A proxy of plain http answers itself when it wants to know who asks; no host ever says 407.
pub(crate) fn ensure_let_through(
    response: &reqwest::Response,
    route: &Route,
) -> Result<(), NetError> {
    if response.status() != reqwest::StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return Ok(());
    }
    let offers = response.headers().get_all(PROXY_AUTHENTICATE).iter();
    // The first word of each is the scheme.
    let schemes: Vec<&str> = offers
        .filter_map(|offer| offer.to_str().ok()?.split_whitespace().next())
        .collect();
    let schemes = (!schemes.is_empty()).then(|| schemes.join(", "));
    Err(route.proxy_asks_for_password(schemes.as_deref()))
}

/// Whether the address names this computer by its loopback.
pub(crate) fn is_this_computer(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || literal
            .parse()
            .is_ok_and(|address| address_kind(address) == AddressKind::Loopback)
}
