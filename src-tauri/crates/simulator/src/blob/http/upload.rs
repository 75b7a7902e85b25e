//! Bodies on their way in: streamed, counted, and checked against what the request says of them.

use std::sync::LazyLock;

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use crc::{CRC_64_NVME, Crc, Table};
use firmdrop_core::Md5Hasher;
use futures::StreamExt as _;

use super::{request::Request, shared::Shared};
use crate::blob::state::{Code, LARGEST_BLOCK_BYTES, Part, Refusal};

/// The service's CRC-64 is that of `NVMe` (polynomial 0x9A6C9329AC4BC9B5 reflected).
static CRC_64: LazyLock<Crc<u64, Table<16>>> =
    LazyLock::new(|| Crc::<u64, Table<16>>::new(&CRC_64_NVME));

/// Largest blob of one request, bytes: Put Blob, 5,000 MiB since version 2019-12-12.
const LARGEST_BLOB_BYTES: u64 = 5_000 * firmdrop_core::MIB;
/// Largest XML document that is read, bytes; ours: 50,000 ids with their elements are under 10 MiB.
const LARGEST_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;

/// A body that arrived whole and is what the request said.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) part: Part,
    /// Base64.
    pub(crate) md5: String,
    /// Base64, the lowest byte first.
    pub(crate) crc64: String,
    /// The headers that say its MD5.
    md5_headers: &'static [&'static str],
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// A block.
    Block,
    /// A blob: the MD5 of the blob is that of the body.
    Blob,
}

/// Takes a body in.
pub(crate) async fn receive(
    shared: &Shared,
    request: &Request,
    body: Body,
    whole: BodyKind,
) -> Result<Received, Refusal> {
    let (most_bytes, md5_headers): (_, &[&str]) = match whole {
        BodyKind::Block => (LARGEST_BLOCK_BYTES, &["content-md5"]),
        BodyKind::Blob => (
            LARGEST_BLOB_BYTES,
            &["content-md5", "x-ms-blob-content-md5"],
        ),
    };
    if let Some(value) = request.header("x-ms-structured-body") {
        let name = "x-ms-structured-body";
        return Err(Refusal::header(Code::UnsupportedHeader, name, value));
    }
    let announced = request.header("content-length");
    let announced = announced.ok_or_else(|| Refusal::from(Code::MissingContentLengthHeader))?;
    let announced: u64 = announced
        .parse()
        .map_err(|_| Refusal::header(Code::InvalidHeaderValue, "Content-Length", announced))?;
    if announced > most_bytes {
        let most = most_bytes.to_string();
        return Err(Refusal::detailed(
            Code::RequestBodyTooLarge,
            "MaxLimit",
            most,
        ));
    }
    let number = shared.account().next_number();
    let failed = |error| Refusal::disk(&error);
    let mut sink = shared.storage.sink(number).await.map_err(failed)?;
    let (mut md5, mut crc) = (Md5Hasher::default(), CRC_64.digest());
    let mut stream = body.into_data_stream();
    while let Some(frame) = stream.next().await {
        // The connection broke: the answer is for the record alone.
        let bytes = frame.map_err(|_| Refusal::from(Code::InvalidBlobOrBlock))?;
        md5.update(&bytes);
        crc.update(&bytes);
        sink.write(&bytes).await.map_err(failed)?;
    }
    if sink.size_bytes() != announced {
        return Err(Code::InvalidBlobOrBlock.into());
    }
    let received = Received {
        part: sink.finish().await.map_err(failed)?,
        md5: md5.finish().to_base64(),
        crc64: STANDARD.encode(crc.finalize().to_le_bytes()),
        md5_headers,
    };
    received.check(request)?;
    Ok(received)
}

impl Received {
    fn check(&self, request: &Request) -> Result<(), Refusal> {
        for name in self.md5_headers {
            let Some(said) = request.header(name).filter(|said| !said.is_empty()) else {
                continue;
            };
            if STANDARD.decode(said).map_or(0, |bytes| bytes.len()) != 16 {
                return Err(Refusal::header(Code::InvalidMd5, name, said));
            }
            if said != self.md5 {
                return Err(mismatch(Code::Md5Mismatch, "Md5", said, &self.md5));
            }
        }
        if let Some(said) = request.header("x-ms-content-crc64")
            && said != self.crc64
        {
            return Err(mismatch(Code::Crc64Mismatch, "Crc64", said, &self.crc64));
        }
        Ok(())
    }
}

fn mismatch(code: Code, what: &str, said: &str, found: &str) -> Refusal {
    let names = match what {
        "Md5" => ("UserSpecifiedMd5", "ServerCalculatedMd5"),
        _ => ("UserSpecifiedCrc", "ServerCalculatedCrc"),
    };
    let mut refusal = Refusal::detailed(code, names.0, said);
    refusal.details.push((names.1, found.to_owned()));
    refusal
}

/// Reads a whole XML document.
pub(crate) async fn document(body: Body) -> Result<String, Refusal> {
    let bytes = axum::body::to_bytes(body, LARGEST_DOCUMENT_BYTES).await;
    let bytes = bytes.map_err(|_| Refusal::from(Code::RequestBodyTooLarge))?;
    String::from_utf8(bytes.to_vec()).map_err(|_| Code::InvalidXmlDocument.into())
}
