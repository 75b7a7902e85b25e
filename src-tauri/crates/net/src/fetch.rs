//! Downloads of an address that a user gave.
//!
//! Such an address may come from a mail or a web page, so it is guarded: public hosts only unless
//! one is allowed by name, at most three redirects and each judged anew, never from https back to
//! http, a size limit, no credentials. It is not for accounts.

use std::{collections::BTreeSet, net::IpAddr, time::Duration};

use reqwest::{Response, Url, header};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    AddressKind, Delivered, Http, HttpOptions, NetError, address_kind,
    classify::classify,
    coding::{CodingError, Decoding},
    http::ensure_let_through,
    resolver::{ResolveError, Resolver},
    shown_url,
};

/// Redirects that are followed. More than three is a maze.
const REDIRECT_LIMIT: usize = 3;

/// Least number of bytes that must come in a time, over and over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeastRate {
    /// So many bytes.
    pub bytes: u64,
    /// In this time.
    pub within: Duration,
}

impl Default for LeastRate {
    /// 1 KiB/s over a minute: a tenth of what the slowest mobile line (GPRS) carries. A host that
    /// sends less holds the download open rather than sending a file.
    fn default() -> Self {
        Self {
            bytes: 60 * 1024,
            within: Duration::from_mins(1),
        }
    }
}

/// Whether a download keeps to its least rate.
struct Pace {
    least: LeastRate,
    began: Instant,
    bytes: u64,
}

impl Pace {
    fn begin(least: LeastRate) -> Self {
        Self {
            least,
            began: Instant::now(),
            bytes: 0,
        }
    }

    /// Counts what came. False when too little came in the time that is over.
    fn took(&mut self, bytes: u64) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.began.elapsed() < self.least.within {
            return true;
        }
        let enough = self.bytes >= self.least.bytes;
        *self = Self::begin(self.least);
        enough
    }
}

/// What may be downloaded.
#[derive(Debug, Clone)]
pub struct FetchRules {
    /// Largest file, bytes.
    pub limit_bytes: u64,
    /// A download that is slower ends.
    pub slowest: LeastRate,
    /// Hosts that may lead to private addresses, because a user said so.
    pub allowed_hosts: BTreeSet<String>,
}

/// What a download brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Bytes written.
    pub size_bytes: u64,
    /// Name at the end of the final address, when it has one.
    pub file_name: Option<String>,
    /// The final address, without its query.
    pub address: String,
}

/// A download that did not end well.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The way there failed.
    #[error(transparent)]
    Net(#[from] NetError),
    /// Neither https nor http.
    #[error("{scheme} addresses cannot be fetched")]
    Scheme {
        /// What it is instead.
        scheme: String,
    },
    /// The host has no such file, or refuses it.
    #[error("{address} answered {status}")]
    Status {
        /// The address, without its query.
        address: String,
        /// The status.
        status: u16,
    },
    /// The file is larger than allowed.
    #[error("{address} has more than {limit_bytes} bytes")]
    TooLarge {
        /// The address, without its query.
        address: String,
        /// The limit, bytes.
        limit_bytes: u64,
    },
    /// The host sends next to nothing.
    #[error("{address} sends less than {} bytes in {} s", least.bytes, least.within.as_secs_f32())]
    TooSlow {
        /// The address, without its query.
        address: String,
        /// What it should send at least.
        least: LeastRate,
    },
    /// The bytes could not be stored.
    #[error("the download could not be stored: {0}")]
    Store(#[source] std::io::Error),
    /// A user stopped it.
    #[error("the download was stopped")]
    Stopped,
}

impl firmdrop_core::Diagnose for FetchError {
    fn diagnose(&self) -> firmdrop_core::Diagnosis {
        use firmdrop_core::{Code, Diagnosis, Remedy};
        let what = format!("{self}.");
        match self {
            Self::Net(NetError::InvalidAddress { why, .. }) => Diagnosis::new(
                Code::DownloadFailed,
                "The address of the file cannot be read.",
                format!("{why}."),
            )
            .remedy(Remedy::advice("Correct the address.")),
            Self::Net(error) => error.diagnose(),
            Self::Scheme { .. } => Diagnosis::new(
                Code::SchemeNotSupported,
                what,
                "Firmware is fetched from https and http addresses only.",
            )
            .remedy(Remedy::advice("Give an address that begins with https://.")),
            Self::Status { status, .. } => {
                Diagnosis::new(Code::DownloadFailed, what, reason(*status)).remedy(Remedy::advice(
                    "Open the address in a browser and download the file by hand.",
                ))
            }
            Self::TooLarge { .. } => {
                Diagnosis::new(Code::TooLarge, what, "A firmware file is never that large.")
                    .remedy(Remedy::ChooseAnotherFile)
            }
            Self::TooSlow { .. } => Diagnosis::new(
                Code::DownloadFailed,
                what,
                "At that rate no file would arrive.",
            )
            .remedy(Remedy::advice(
                "Try again later, or download the file by other means.",
            )),
            Self::Store(source) => {
                let full = source.kind() == std::io::ErrorKind::StorageFull;
                let code = if full {
                    Code::DiskFull
                } else {
                    Code::HomeNotWritable
                };
                Diagnosis::new(code, what, format!("{source}.")).remedy(Remedy::FreeSpace)
            }
            Self::Stopped => Diagnosis::new(Code::DownloadFailed, what, "The user stopped it."),
        }
        .state("Nothing of the download was stored.")
    }
}

/// Why a status other than 200 brings no file.
fn reason(status: u16) -> &'static str {
    match status {
        206 => "The host sent a part of the file, and the whole of it was requested.",
        401 | 403 => "The host wants a sign-in, or the link has expired.",
        404 => "The host has no file at this address, or shows it to nobody who is not signed in.",
        410 => "The file is not there any more.",
        429 => "The host gets more requests than it answers.",
        400..=499 => "The host refused the request.",
        500..=599 => "The host failed.",
        _ => "The host answered without the file.",
    }
}

/// Whether an answer leads to another address. The other statuses of this class lead nowhere (RFC 9110, 15.4).
fn leads_elsewhere(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Downloads `address` into `writer`; `progress` hears of the bytes so far and of the whole size
/// when the host tells it. The writer holds a part of the file when this fails.
pub async fn fetch<W: AsyncWrite + Unpin + Send>(
    address: &str,
    rules: &FetchRules,
    options: &HttpOptions,
    writer: &mut W,
    watch: FetchWatch<'_>,
) -> Result<Fetched, FetchError> {
    let stopped = watch.cancel.clone();
    tokio::select! {
        biased;
        () = stopped.cancelled() => Err(FetchError::Stopped),
        fetched = carry(address, rules, options, writer, watch) => fetched,
    }
}

/// Who watches a download.
pub struct FetchWatch<'a> {
    /// Hears of bytes so far and of the whole size.
    pub progress: &'a (dyn Fn(u64, Option<u64>) + Send + Sync),
    /// Set when a user wants to stop.
    pub cancel: &'a CancellationToken,
}

impl std::fmt::Debug for FetchWatch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FetchWatch").finish_non_exhaustive()
    }
}

async fn carry<W: AsyncWrite + Unpin + Send>(
    address: &str,
    rules: &FetchRules,
    options: &HttpOptions,
    writer: &mut W,
    watch: FetchWatch<'_>,
) -> Result<Fetched, FetchError> {
    let allowed = rules.allowed_hosts.iter().map(|h| h.to_ascii_lowercase());
    let allowed: BTreeSet<String> = allowed.collect();
    let http = Http::guarded(options, allowed.clone())?;
    let names = Resolver::guarded(allowed.clone());
    let names = options.proxy.as_ref().map(|_| &names);
    let (url, mut response) = open(&http, parse(address)?, &allowed, names).await?;
    let too_large = || FetchError::TooLarge {
        address: shown_url(&url),
        limit_bytes: rules.limit_bytes,
    };
    let unpacked = |error: CodingError| match error {
        CodingError::TooLarge => too_large(),
        error => FetchError::Net(NetError::Coding {
            host: url.host_str().unwrap_or_default().to_owned(),
            why: error.to_string(),
        }),
    };
    // Hosts call a stored .gz file coded, though it is what was asked for.
    let mut decoding = if file_name(&url).is_some_and(|name| is_packed_file(&name)) {
        Decoding::none()
    } else {
        Decoding::of(response.headers()).map_err(unpacked)?
    };
    let total_bytes = response.content_length().filter(|_| decoding.is_plain());
    if total_bytes.is_some_and(|total| total > rules.limit_bytes) {
        return Err(too_large());
    }
    let mut pace = Pace::begin(rules.slowest);
    let (mut size_bytes, mut came_bytes): (u64, u64) = (0, 0);
    loop {
        let piece = next_piece(&http, &url, &mut response).await?;
        let is_last = piece.is_none();
        let content = match piece {
            Some(piece) => {
                came_bytes += piece.len() as u64;
                if !pace.took(piece.len() as u64) {
                    return Err(FetchError::TooSlow {
                        address: shown_url(&url),
                        least: rules.slowest,
                    });
                }
                let left = rules.limit_bytes.saturating_sub(size_bytes);
                decoding.unpack(&piece, left).map_err(unpacked)?
            }
            None => decoding.finish().map_err(unpacked)?,
        };
        size_bytes += content.len() as u64;
        if size_bytes.max(came_bytes) > rules.limit_bytes {
            return Err(too_large());
        }
        writer
            .write_all(&content)
            .await
            .map_err(FetchError::Store)?;
        (watch.progress)(size_bytes, total_bytes);
        if is_last {
            break;
        }
    }
    writer.flush().await.map_err(FetchError::Store)?;
    Ok(Fetched {
        size_bytes,
        file_name: file_name(&url),
        address: shown_url(&url),
    })
}

fn parse(address: &str) -> Result<Url, FetchError> {
    let url = Url::parse(address.trim()).map_err(|error| NetError::InvalidAddress {
        address: "this text".to_owned(),
        why: error.to_string(),
    })?;
    match url.scheme() {
        "http" | "https" if has_host(address) => Ok(url),
        "http" | "https" => Err(FetchError::Net(NetError::InvalidAddress {
            address: "this text".to_owned(),
            why: "It has no host behind its scheme".to_owned(),
        })),
        scheme => Err(FetchError::Scheme {
            scheme: scheme.to_owned(),
        }),
    }
}

/// Whether a host stands behind the scheme. The parser, as browsers do, takes the next word of the path where
/// there is none.
fn has_host(address: &str) -> bool {
    let behind = address.split_once("://").map_or("", |(_, behind)| behind);
    behind.starts_with(|first: char| !matches!(first, '/' | '\\') && !first.is_whitespace())
}

/// Asks for the file, following redirects by hand so that each target is judged.
async fn open(
    http: &Http,
    mut url: Url,
    allowed: &BTreeSet<String>,
    names: Option<&Resolver>,
) -> Result<(Url, Response), FetchError> {
    for _ in 0..=REDIRECT_LIMIT {
        judge_literal(&url, allowed)?;
        judge_name(&url, names).await?;
        let route = http.route(&url);
        let stall = http.stall();
        // Some hosts close a connection after a redirect without saying so, just as the next request is sent.
        let request = http.client.get(url.clone());
        let request = request.header(header::CONNECTION, "close");
        let asked = timeout(stall, request.send()).await;
        let response = asked
            .map_err(|_| silent(&route.host, stall))?
            .map_err(|error| classify(error, &route, Delivered::No))?;
        ensure_let_through(&response, &route)?;
        let status = response.status().as_u16();
        if !leads_elsewhere(status) {
            let address = shown_url(&url);
            return match status {
                200 => Ok((url, response)),
                _ => Err(FetchError::Status { address, status }),
            };
        }
        url = redirect_target(&url, &response)?;
    }
    Err(redirect(&url, "more than three times").into())
}

fn redirect_target(from: &Url, response: &Response) -> Result<Url, FetchError> {
    let location = response.headers().get(header::LOCATION);
    let location = location.and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| from.join(location).ok());
    let mut target = target.ok_or_else(|| redirect(from, "to nowhere"))?;
    if from.scheme() == "https" && target.scheme() != "https" {
        return Err(redirect(from, "from https to an unprotected address").into());
    }
    if from.host_str() != target.host_str() {
        // A password in an address belongs to its own host.
        let _ = target.set_username("");
        let _ = target.set_password(None);
    }
    match target.scheme() {
        "http" | "https" => Ok(target),
        scheme => Err(redirect(from, &format!("to a {scheme} address")).into()),
    }
}

/// Addresses written as numbers reach no resolver, so they are judged here. The parser has already
/// turned decimal, octal and hexadecimal spellings into plain ones.
fn judge_literal(url: &Url, allowed: &BTreeSet<String>) -> Result<(), NetError> {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let Ok(address) = literal.parse::<IpAddr>() else {
        return Ok(());
    };
    let kind = address_kind(address);
    if kind == AddressKind::Public || allowed.contains(literal) || allowed.contains(&host) {
        return Ok(());
    }
    Err(NetError::AddressRefused {
        host: host.clone(),
        address: address.to_string(),
        kind: kind.words().to_owned(),
    })
}

/// A proxy resolves names out of sight: one that leads to a private place from here is not given to it.
/// It may still resolve the name differently.
async fn judge_name(url: &Url, names: Option<&Resolver>) -> Result<(), NetError> {
    let (Some(names), Some(host)) = (names, url.domain()) else {
        return Ok(());
    };
    match names.look_up(host).await {
        // Behind some proxies no name is known here.
        Ok(_) | Err(ResolveError::NotKnown { .. }) => Ok(()),
        Err(ResolveError::Refused {
            host,
            address,
            kind,
        }) => Err(NetError::AddressRefused {
            host,
            address: address.ip().to_string(),
            kind: kind.words().to_owned(),
        }),
    }
}

async fn next_piece(
    http: &Http,
    url: &Url,
    response: &mut Response,
) -> Result<Option<bytes::Bytes>, NetError> {
    let route = http.route(url);
    let stall = http.stall();
    let piece = timeout(stall, response.chunk()).await;
    piece
        .map_err(|_| silent(&route.host, stall))?
        .map_err(|error| classify(error, &route, Delivered::No))
}

fn silent(host: &str, waited: std::time::Duration) -> NetError {
    NetError::Silent {
        host: host.to_owned(),
        waited,
        delivered: Delivered::No,
    }
}

fn redirect(url: &Url, why: &str) -> NetError {
    NetError::Redirect {
        host: url.host_str().unwrap_or_default().to_owned(),
        why: why.to_owned(),
    }
}

/// Whether a file of this name holds packed bytes itself.
fn is_packed_file(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".gz", ".tgz", ".z"].iter().any(|end| name.ends_with(end))
}

/// The last part of the path, when it can be the name of a file.
fn file_name(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    (!last.is_empty()).then(|| last.to_owned())
}
