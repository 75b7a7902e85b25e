//! Conditional headers, and what a client says about a blob's content.

use std::collections::BTreeMap;

use super::request::Request;
use crate::blob::state::{Conditions, Properties, Write};

/// Under which conditions the request is to be carried out.
pub(crate) fn conditions(request: &Request) -> Conditions {
    let text = |name| request.header(name).map(str::to_owned);
    Conditions {
        if_match: text("if-match"),
        if_none_match: text("if-none-match"),
    }
}

/// What is to be written, beside the bytes.
pub(crate) fn write(request: &Request, content_md5: Option<String>) -> Write {
    Write {
        properties: properties(request, content_md5),
        conditions: conditions(request),
    }
}

/// What the request says about the content of the blob that it makes.
fn properties(request: &Request, content_md5: Option<String>) -> Properties {
    let text = |name: &str| request.header(name).map(str::to_owned);
    Properties {
        content_type: text("x-ms-blob-content-type"),
        content_encoding: text("x-ms-blob-content-encoding"),
        content_language: text("x-ms-blob-content-language"),
        content_disposition: text("x-ms-blob-content-disposition"),
        cache_control: text("x-ms-blob-cache-control"),
        content_md5: text("x-ms-blob-content-md5")
            .filter(|said| !said.is_empty())
            .or(content_md5),
        metadata: metadata(request),
    }
}

/// The request's metadata.
pub(crate) fn metadata(request: &Request) -> BTreeMap<String, String> {
    let pairs = request.headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix("x-ms-meta-")?;
        Some((name.to_owned(), value.to_str().ok()?.to_owned()))
    });
    pairs.collect()
}
