//! `List Blobs`: by prefix, with a delimiter, page by page.

use axum::{http::StatusCode, response::Response};

use super::{answer::document, request::Request, shared::Shared, xml};
use crate::blob::state::{Blob, Code, Refusal};
use crate::http::http_date;

/// Most blobs of a page: List Blobs.
const MOST_RESULTS: usize = 5_000;

/// A line of the list: a blob, or what several have in common before the delimiter.
enum Line<'a> {
    Blob(&'a str, &'a Blob),
    Prefix(&'a str),
}

impl Line<'_> {
    const fn key(&self) -> &str {
        match self {
            Self::Blob(name, _) | Self::Prefix(name) => name,
        }
    }
}

pub(crate) fn blobs(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let text = |name| request.parameter(name).unwrap_or_default();
    let (prefix, delimiter, marker) = (text("prefix"), text("delimiter"), text("marker"));
    let most = match text("maxresults") {
        "" => MOST_RESULTS,
        given => match given.parse() {
            Ok(most @ 1..) => std::cmp::min(most, MOST_RESULTS),
            _ => return Err(Code::OutOfRangeInput.into()),
        },
    };
    let mut includes = text("include").split(',');
    let with_metadata = text("include").split(',').any(|one| one == "metadata");
    let with_uncommitted = includes.any(|one| one == "uncommittedblobs");
    let account = shared.account();
    let container = account.container(request.container())?;
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (name, blob) in &container.blobs {
        let is_listed = blob.committed.is_some() || with_uncommitted;
        let Some(rest) = name.strip_prefix(prefix).filter(|_| is_listed) else {
            continue;
        };
        let cut = (!delimiter.is_empty())
            .then(|| rest.find(delimiter))
            .flatten();
        let line = match cut.and_then(|at| name.get(..prefix.len() + at + delimiter.len())) {
            Some(common) => Line::Prefix(common),
            None => Line::Blob(name, blob),
        };
        let is_repeated = lines.last().is_some_and(|last| last.key() == line.key());
        if line.key() >= marker && !is_repeated {
            lines.push(line);
        }
    }
    let next = lines.get(most).map(|line| line.key().to_owned());
    lines.truncate(most);
    let listed: String = lines
        .iter()
        .map(|line| element(line, with_metadata))
        .collect();
    let endpoint = xml::escaped(&format!("{}/{}", shared.url, shared.name));
    let name = xml::escaped(request.container());
    let said = [
        ("Prefix", prefix),
        ("Marker", marker),
        ("Delimiter", delimiter),
    ];
    let said = said.iter().filter(|(_, text)| !text.is_empty());
    let said: String = said.map(|(name, text)| xml::element(name, text)).collect();
    let next = xml::element("NextMarker", &next.unwrap_or_default());
    Ok(document(
        StatusCode::OK,
        &format!(
            "<EnumerationResults ServiceEndpoint=\"{endpoint}/\" ContainerName=\"{name}\">{said}\
             <MaxResults>{most}</MaxResults><Blobs>{listed}</Blobs>{next}</EnumerationResults>"
        ),
    ))
}

fn element(line: &Line<'_>, with_metadata: bool) -> String {
    let (name, blob) = match line {
        Line::Prefix(name) => {
            return format!("<BlobPrefix>{}</BlobPrefix>", xml::element("Name", name));
        }
        Line::Blob(name, blob) => (name, blob),
    };
    let mut properties = String::new();
    let mut metadata = String::new();
    let none = "0".to_owned();
    match &blob.committed {
        Some(blob) => {
            let said = &blob.properties;
            let kind = said.content_type.as_deref();
            for (name, value) in [
                ("Creation-Time", &*http_date(blob.created)),
                ("Last-Modified", &http_date(blob.modified)),
                ("Etag", blob.etag.trim_matches('"')),
                ("Content-Length", &blob.size_bytes.to_string()),
                ("Content-Type", kind.unwrap_or("application/octet-stream")),
                (
                    "Content-Encoding",
                    said.content_encoding.as_deref().unwrap_or_default(),
                ),
                (
                    "Content-Language",
                    said.content_language.as_deref().unwrap_or_default(),
                ),
                (
                    "Content-MD5",
                    said.content_md5.as_deref().unwrap_or_default(),
                ),
                (
                    "Cache-Control",
                    said.cache_control.as_deref().unwrap_or_default(),
                ),
            ] {
                properties += &xml::element(name, value);
            }
            if with_metadata {
                let pairs = said.metadata.iter();
                metadata = pairs
                    .map(|(name, value)| xml::element(name, value))
                    .collect();
                metadata = format!("<Metadata>{metadata}</Metadata>");
            }
        }
        None => properties += &xml::element("Content-Length", &none),
    }
    properties += "<BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier>\
        <LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>\
        <ServerEncrypted>true</ServerEncrypted>";
    let name = xml::element("Name", name);
    format!("<Blob>{name}<Properties>{properties}</Properties>{metadata}</Blob>")
}
