//! The service's own downloads: of manifests and files at the addresses that an import names.
//!
//! Plain HTTP to loopback only: the simulated world has nothing to fetch elsewhere.

use std::{net::IpAddr, time::Duration};

use axum::{
    body::Body,
    http::{Request, Uri, header},
};
use firmdrop_core::{Sha256, Sha256Hasher};
use futures::StreamExt as _;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// How long each wait for the storage may take; ours.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// What was downloaded.
#[derive(Debug)]
pub(super) struct Downloaded {
    pub(super) size_bytes: u64,
    pub(super) sha256: Sha256,
    /// The bytes, if they were wanted.
    pub(super) bytes: Vec<u8>,
}

/// Downloads what is at the address. More bytes than `most` are an error; they are collected only when
/// `collects` says so. The error is a sentence.
pub(super) async fn download(url: &str, most: u64, collects: bool) -> Result<Downloaded, String> {
    let waited = || "The storage does not answer.".to_owned();
    let mut body = timeout(ANSWER_TIMEOUT, open(url))
        .await
        .map_err(|_| waited())??;
    let mut downloaded = Downloaded {
        size_bytes: 0,
        sha256: Sha256::of(b""),
        bytes: Vec::new(),
    };
    let mut hasher = Sha256Hasher::default();
    while let Some(frame) = timeout(ANSWER_TIMEOUT, body.next())
        .await
        .map_err(|_| waited())?
    {
        let bytes = frame.map_err(|error| format!("The download broke off: {error}."))?;
        downloaded.size_bytes += bytes.len() as u64;
        if downloaded.size_bytes > most {
            return Err(format!("There are more than {most} bytes."));
        }
        hasher.update(&bytes);
        if collects {
            downloaded.bytes.extend_from_slice(&bytes);
        }
    }
    downloaded.sha256 = hasher.finish();
    Ok(downloaded)
}

async fn open(url: &str) -> Result<axum::body::BodyDataStream, String> {
    let uri: Uri = url
        .parse()
        .map_err(|_| "The address is no URL.".to_owned())?;
    let host = uri.host().unwrap_or_default();
    let is_loopback = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse()
            .is_ok_and(|ip: IpAddr| ip.is_loopback());
    if uri.scheme_str() != Some("http") || !is_loopback {
        return Err(format!(
            "The simulator reaches http on loopback only, not {host}."
        ));
    }
    let port = uri.port_u16().unwrap_or(80);
    let failed = |error: &dyn std::fmt::Display| format!("The storage cannot be reached: {error}.");
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port));
    let stream = stream.await.map_err(|error| failed(&error))?;
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|error| failed(&error))?;
    // It ends with the body; how it ended is seen there.
    tokio::spawn(async move { drop(connection.await) });
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let request = Request::get(target)
        .header(header::HOST, format!("{host}:{port}"))
        .body(Body::empty())
        .map_err(|error| failed(&error))?;
    let response = sender.send_request(request).await;
    let response = response.map_err(|error| failed(&error))?;
    if !response.status().is_success() {
        let code = response.headers().get("x-ms-error-code");
        let code = code
            .and_then(|value| value.to_str().ok())
            .unwrap_or("no code");
        return Err(format!(
            "The storage answered {} ({code}).",
            response.status()
        ));
    }
    Ok(Body::new(response.into_body()).into_data_stream())
}
