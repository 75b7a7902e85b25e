//! The signature of a request by the account's key, scheme "Shared Key".
//!
//! Pure: which text is signed. Source: learn.microsoft.com, "Authorize with Shared Key", version
//! 2015-02-21 and later.

use std::collections::BTreeMap;

use azure_core::http::Request;

/// Headers whose values stand before the others, in this order, after the length. `Date` is empty,
/// because `x-ms-date` stands for it.
const AFTER_LENGTH: [&str; 8] = [
    "content-md5",
    "content-type",
    "",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
];

/// The text whose HMAC authorizes the request.
pub(super) fn text_to_sign(account: &str, request: &Request) -> String {
    let headers = request.headers().iter();
    let headers: BTreeMap<String, String> = headers
        .map(|(name, value)| (name.as_str().to_ascii_lowercase(), tidy(value.as_str())))
        .collect();
    let value = |name: &str| headers.get(name).map_or("", String::as_str);
    let length = match request.body().len() {
        Some(0) | None => String::new(),
        Some(length) => length.to_string(),
    };
    let mut lines = vec![
        request.method().as_str().to_owned(),
        value("content-encoding").to_owned(),
        value("content-language").to_owned(),
        length,
    ];
    lines.extend(AFTER_LENGTH.iter().map(|name| value(name).to_owned()));
    let own = headers.iter().filter(|(name, _)| name.starts_with("x-ms-"));
    lines.extend(own.map(|(name, value)| format!("{name}:{value}")));
    lines.push(resource(account, request));
    lines.join("\n")
}

/// The account, the path as it stands on the wire, and the query's values by name.
fn resource(account: &str, request: &Request) -> String {
    let url = request.url();
    let mut text = format!("/{account}{}", url.path());
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in url.query_pairs() {
        let values = values.entry(name.to_lowercase()).or_default();
        values.push(value.into_owned());
    }
    for (name, mut values) in values {
        values.sort();
        text.push('\n');
        text.push_str(&name);
        text.push(':');
        text.push_str(&values.join(","));
    }
    text
}

/// A value on one line.
fn tidy(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use azure_core::http::Method;

    use super::*;

    #[test]
    fn the_text_names_method_length_own_headers_and_sorted_query() {
        let url = "https://contoso.blob.core.windows.net/c/a%20b?comp=block&blockid=QQ%3D%3D";
        let mut request = Request::new(url.parse().unwrap(), Method::Put);
        request.insert_header("x-ms-version", "2023-11-03");
        request.insert_header("x-ms-date", "Sat, 28 Nov 2026 12:00:00 GMT");
        request.insert_header("content-md5", "md5==");
        request.insert_header("content-type", "application/octet-stream");
        request.set_body("four");
        assert_eq!(
            text_to_sign("contoso", &request),
            "PUT\n\n\n4\nmd5==\napplication/octet-stream\n\n\n\n\n\n\n\
             x-ms-date:Sat, 28 Nov 2026 12:00:00 GMT\nx-ms-version:2023-11-03\n\
             /contoso/c/a%20b\nblockid:QQ==\ncomp:block"
        );
    }

    #[test]
    fn an_empty_body_has_no_length_and_an_emulator_has_its_account_twice() {
        let url = "http://127.0.0.1:10000/devstoreaccount1/c?restype=container&Comp=list&comp=a";
        let request = Request::new(url.parse().unwrap(), Method::Get);
        let text = text_to_sign("devstoreaccount1", &request);
        assert!(text.starts_with("GET\n\n\n\n"), "{text}");
        let end = "/devstoreaccount1/devstoreaccount1/c\ncomp:a,list\nrestype:container";
        assert!(text.ends_with(end), "{text}");
    }
}
