//! Text that lies beside firmware and is taken for it: checksums, keys, patches, maps; and any other text.

use super::heading::named;
use crate::bytes::shown;
use crate::{Format, ImageError, Inspection, Source};

/// Digits of checksums that programs write in front of a file's name, and what they are called there.
const SUMS: &[(usize, &str)] = &[
    (32, "MD5"),
    (40, "SHA-1"),
    (64, "SHA-256"),
    (96, "SHA-384"),
    (128, "SHA-512"),
];

/// Shortest and longest line of base64: RFC 7468 has 64 characters in a line, RFC 2045 at most 76.
const BASE64_CHARACTERS: std::ops::RangeInclusive<usize> = 60..=76;

const BASE64: &str = "Base64 text: decode it and inspect what comes out";

/// Names a file by its first lines.
#[expect(
    clippy::unnecessary_wraps,
    reason = "other formats of the list read more of the file"
)]
pub(super) fn describe(head: &[u8], source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    if !is_text(head) {
        return Ok(in_one_line(head).map(|what| named(Format::Named, source, what)));
    }
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let mut lines = head
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let second = lines.next().unwrap_or_default();
    let what = pem(first)
        .or_else(|| sums(first).map(|name| format!("{name} checksums")))
        .or_else(|| patch(first, second).then(|| "Patch of text files".to_owned()))
        .or_else(|| partitions(first).then(|| "Partition table for an ESP chip as text".to_owned()))
        .or_else(|| linker_map(head).then(|| "Linker map".to_owned()))
        .or_else(|| pointer(first).map(str::to_owned))
        .or_else(|| {
            uuencoded(first, second)
                .then(|| "Uuencoded text: decode it and inspect what comes out".to_owned())
        })
        .or_else(|| {
            base64(first, second)
                .then(|| BASE64.to_owned())
                .or_else(|| in_one_line(first).map(str::to_owned))
        });
    Ok(Some(named(
        Format::Named,
        source,
        match what {
            Some(what) if what.contains(':') => what,
            Some(what) => format!("{what}, not the firmware itself"),
            None => "Text in no known firmware format".to_owned(),
        },
    )))
}

/// Printable characters and white space, with at least one line end among them. A character of several bytes may be cut
/// at the end of the head.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let whole = head.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let is_control = |character: char| {
        character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{C}')
    };
    text.contains(['\n', '\r']) && !text.contains(is_control)
}

/// Base64 without line ends, alone or in a data URL (RFC 2397), by its beginning.
fn in_one_line(text: &[u8]) -> Option<&'static str> {
    /// Shorter ones may be words.
    const LEAST: usize = 64;
    let text = text.trim_ascii();
    if text.starts_with(b"data:") {
        let head = text.get(..128.min(text.len()))?;
        let is_base64 = head.windows(8).any(|part| part == b";base64,");
        return is_base64
            .then_some("Data URL with base64: decode what follows the comma, and inspect it");
    }
    let has = |kind: fn(&u8) -> bool| text.iter().any(kind);
    let is_mixed = has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && text.iter().any(|byte| !byte.is_ascii_alphabetic());
    let is_base64 = text.len() >= LEAST && is_mixed && text.iter().all(|byte| is_base64(*byte));
    is_base64.then_some(BASE64)
}

/// A small file that says where the real one is.
fn pointer(first: &[u8]) -> Option<&'static str> {
    let has = |word: &[u8]| first.windows(word.len()).any(|window| window == word);
    if has(b"annex/objects/") {
        return Some("Pointer to a file in git-annex: fetch the file with git annex get");
    }
    let first = first.trim_ascii();
    first
        .eq_ignore_ascii_case(b"[InternetShortcut]")
        .then_some("Shortcut to a page")
}

/// `begin`, the rights and the name; then a line that says its length (POSIX, *uuencode*).
fn uuencoded(first: &[u8], second: &[u8]) -> bool {
    let mut words = first.split(|byte| *byte == b' ');
    let is_begin = matches!(words.next(), Some(b"begin" | b"begin-base64"));
    let rights = words.next().unwrap_or_default();
    is_begin
        && matches!(rights.len(), 3 | 4)
        && rights.iter().all(|byte| matches!(byte, b'0'..=b'7'))
        && words.next().is_some_and(|name| !name.is_empty())
        && !second.is_empty()
}

/// A label of RFC 7468, or of `OpenPGP`.
fn pem(first: &[u8]) -> Option<String> {
    let label = first
        .trim_ascii_end()
        .strip_prefix(b"-----BEGIN ")?
        .strip_suffix(b"-----")?;
    Some(format!("PEM text ({})", shown(label)))
}

/// `digits  name`, as `sha256sum` writes it, or `SHA256 (name) = digits`.
fn sums(first: &[u8]) -> Option<&'static str> {
    let digits = first
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let by_length = |digits| {
        SUMS.iter()
            .find(|(length, _)| *length == digits)
            .map(|(_, name)| *name)
    };
    if first.get(digits) == Some(&b' ') {
        return by_length(digits);
    }
    let equals = first.windows(4).rposition(|window| window == b") = ")?;
    let digits = first.get(equals + 4..)?.trim_ascii_end();
    by_length(digits.len()).filter(|_| digits.iter().all(u8::is_ascii_hexdigit))
}

fn patch(first: &[u8], second: &[u8]) -> bool {
    first.starts_with(b"diff --git ") || (first.starts_with(b"--- ") && second.starts_with(b"+++ "))
}

/// The table that `gen_esp32part.py` of ESP-IDF reads.
fn partitions(first: &[u8]) -> bool {
    let has = |word: &[u8]| first.windows(word.len()).any(|window| window == word);
    first.starts_with(b"#")
        && (has(b"ESP-IDF Partition Table") || (has(b"Name,") && has(b"SubType,")))
}

/// What GNU ld and LLVM's lld write with `-Map`.
fn linker_map(head: &[u8]) -> bool {
    let begins = [
        &b"Archive member included"[..],
        b"Memory Configuration",
        b"Discarded input sections",
        b"             VMA              LMA",
        b"     VMA      LMA",
    ];
    let head = head.trim_ascii_start();
    begins
        .iter()
        .any(|begin| head.starts_with(begin.trim_ascii_start()))
}

/// Two lines of one length, in the characters of RFC 4648, among them some that are no hexadecimal digit.
fn base64(first: &[u8], second: &[u8]) -> bool {
    let line = |line: &[u8]| line.iter().all(|byte| is_base64(*byte));
    BASE64_CHARACTERS.contains(&first.len())
        && first.len().is_multiple_of(4)
        && second.len() <= first.len()
        && !second.is_empty()
        && line(first)
        && line(second)
        && !first.iter().all(u8::is_ascii_hexdigit)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}
