//! `Authorization: SharedKey`: the request signed with the account's key.
//!
//! What is signed: Authorize with Shared Key, Blob service version 2015-02-21 and later.

use axum::http::{HeaderMap, HeaderName, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::Target;
use crate::keyed_hash::hmac_sha256;

/// Whether the signature is that of this request.
pub(super) fn is_signed(target: &Target<'_>, key: &[u8], signature: &str) -> bool {
    let Ok(given) = STANDARD.decode(signature) else {
        return false;
    };
    let paths = [target.path.to_owned(), format!("{}/", target.path)];
    let mut texts = paths.iter().map(|path| string_to_sign(target, path));
    texts.any(|text| hmac_sha256(key, text.as_bytes()) == *given)
}

/// The text that is signed. The server cuts a slash at the end of a path, so both forms are tried.
fn string_to_sign(target: &Target<'_>, path: &str) -> String {
    let headers = target.headers;
    let length = value(headers, &header::CONTENT_LENGTH);
    let mut lines = vec![
        target.method.to_owned(),
        value(headers, &header::CONTENT_ENCODING),
        value(headers, &header::CONTENT_LANGUAGE),
        if length == "0" { String::new() } else { length },
        value(headers, &HeaderName::from_static("content-md5")),
        value(headers, &header::CONTENT_TYPE),
        date(headers),
        value(headers, &header::IF_MODIFIED_SINCE),
        value(headers, &header::IF_MATCH),
        value(headers, &header::IF_NONE_MATCH),
        value(headers, &header::IF_UNMODIFIED_SINCE),
        value(headers, &header::RANGE),
    ];
    lines.extend(service_headers(headers));
    lines.push(format!("/{}{path}", target.account));
    lines.extend(query_lines(target.query));
    lines.join("\n")
}

/// The date, unless `x-ms-date` takes its place.
fn date(headers: &HeaderMap) -> String {
    if headers.contains_key("x-ms-date") {
        String::new()
    } else {
        value(headers, &header::DATE)
    }
}

fn value(headers: &HeaderMap, name: &HeaderName) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// The `x-ms-` headers in order.
fn service_headers(headers: &HeaderMap) -> Vec<String> {
    let named = headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("x-ms-"));
    let mut lines: Vec<_> = named
        .map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes());
            format!("{name}:{}", text.trim())
        })
        .collect();
    lines.sort();
    lines
}

/// The query's names in order, each with its values in order.
fn query_lines(query: &[(String, String)]) -> Vec<String> {
    let mut names: Vec<String> = query.iter().map(|(name, _)| name.to_lowercase()).collect();
    names.sort();
    names.dedup();
    let line = |name: &String| {
        let with_name = query
            .iter()
            .filter(|(other, _)| other.to_lowercase() == **name);
        let mut values: Vec<_> = with_name.map(|(_, value)| &**value).collect();
        values.sort_unstable();
        format!("{name}:{}", values.join(","))
    };
    names.iter().map(line).collect()
}
