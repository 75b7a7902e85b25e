//! Takes the live secrets out of foreign bytes, however they are written there.
//!
//! Hosts repeat what they were sent: in refusals, in headers, in odd JSON, percent-encoded in an
//! address, in base64, in hexadecimal digits. What is left is safe to show, log and store.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use secrecy::ExposeSecret;

use crate::Secret;

/// Stands where a secret stood.
const INSTEAD: &[u8] = b"[secret]";

/// A password of fewer characters could be any part of any word: only with its user name is it one.
const SHORTEST_PASSWORD: usize = 8;

/// Fewest digits of base64 that are compared; fewer could be part of anything.
const FEWEST_DIGITS: usize = 8;

/// Secrets and their written forms.
#[derive(Default)]
pub struct Scrub {
    /// Compared character by character, each plain or escaped.
    plain: Vec<Secret>,
    /// Compared as they are: what is the same of a secret in any base64 that holds it.
    digits: Vec<Secret>,
}

impl std::fmt::Debug for Scrub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scrub")
    }
}

impl Scrub {
    /// These secrets; empty ones are none.
    pub fn of(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let mut scrub = Self::default();
        for secret in secrets {
            scrub.add(secret.expose_secret());
        }
        scrub
    }

    /// And the password of a proxy, with its user name as it is sent, and alone. Both come as they
    /// stand in an address.
    pub(crate) fn and_password(&mut self, user: &str, password: &str) {
        let (user, password) = (unescaped(user), unescaped(password));
        self.add(&format!("{user}:{password}"));
        if password.len() >= SHORTEST_PASSWORD {
            self.add(&password);
        }
    }

    fn add(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        self.plain.push(secret.to_owned().into());
        if secret.len() >= FEWEST_DIGITS {
            self.plain.push(hex_of(secret).into());
        }
        for before in 0..3 {
            let (standard, safe) = inner_digits(secret.as_bytes(), before);
            let is_long = standard.len() >= FEWEST_DIGITS;
            let is_other = safe != standard;
            self.digits.extend(is_long.then(|| standard.into()));
            self.digits
                .extend((is_long && is_other).then(|| safe.into()));
        }
    }

    /// The bytes with something else in the place of every secret; `None` when there is none in
    /// them.
    pub fn scrubbed(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut clean: Option<Vec<u8>> = None;
        let mut copied = 0;
        let mut at = 0;
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(length) = self.length_of_secret(rest) else {
                at += 1;
                continue;
            };
            let clean = clean.get_or_insert_default();
            clean.extend_from_slice(bytes.get(copied..at).unwrap_or_default());
            clean.extend_from_slice(INSTEAD);
            at += length;
            copied = at;
        }
        let mut clean = clean?;
        clean.extend_from_slice(bytes.get(copied..).unwrap_or_default());
        Some(clean)
    }

    /// How many bytes at the beginning are a secret.
    fn length_of_secret(&self, bytes: &[u8]) -> Option<usize> {
        let plain = self.plain.iter();
        let plain =
            plain.filter_map(|secret| escaped_length(bytes, secret.expose_secret().as_bytes()));
        let digits = self.digits.iter();
        let digits = digits.filter_map(|digits| {
            let digits = digits.expose_secret().as_bytes();
            bytes.starts_with(digits).then_some(digits.len())
        });
        plain.chain(digits).max()
    }
}

/// The bytes as hexadecimal digits.
fn hex_of(secret: &str) -> String {
    use std::fmt::Write as _;
    secret.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The length of `secret` at the beginning of `bytes`, each of its characters plain or escaped, in
/// capitals or not.
fn escaped_length(bytes: &[u8], secret: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    let mut wanted = secret;
    while let Some((character, behind)) = wanted.split_first() {
        let is_wanted = |byte: u8| byte.eq_ignore_ascii_case(character);
        let escaped = escape(rest).filter(|(byte, _)| is_wanted(*byte));
        let is_plain = rest.first().is_some_and(|byte| is_wanted(*byte));
        match escaped {
            // A character that stands for itself may also begin an escape of itself.
            Some((_, length)) if is_plain => {
                let other = rest.get(length..)?;
                if let Some(more) = escaped_length(other, behind) {
                    return Some(bytes.len() - other.len() + more);
                }
                rest = rest.get(1..)?;
            }
            Some((_, length)) => rest = rest.get(length..)?,
            None if is_plain => rest = rest.get(1..)?,
            None => return None,
        }
        wanted = behind;
    }
    Some(bytes.len() - rest.len())
}

/// The character that is escaped here, and how many bytes it takes: `%41`, `\u0041`, `\/`, `&#65;`,
/// `&#x41;`, `\x41`, and a space as `+`.
fn escape(bytes: &[u8]) -> Option<(u8, usize)> {
    let digits = |from: usize, length: usize, base: u32| {
        let text = std::str::from_utf8(bytes.get(from..from + length)?).ok()?;
        let is_plain = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let read = u32::from_str_radix(text, base).ok().filter(|_| is_plain)?;
        u8::try_from(read).ok().map(|byte| (byte, from + length))
    };
    match bytes {
        [b'+', ..] => Some((b' ', 1)),
        [b'%', b'2', b'5', ..] => {
            // Percent-encoded twice.
            let text = std::str::from_utf8(bytes.get(3..5)?).ok()?;
            u8::from_str_radix(text, 16).ok().map(|byte| (byte, 5))
        }
        [b'%', ..] => digits(1, 2, 16),
        [b'\\', b'u', ..] => digits(2, 4, 16),
        [b'\\', b'x', ..] => digits(2, 2, 16),
        [b'\\', byte, ..] => Some((*byte, 2)),
        [b'&', b'#', b'x' | b'X', ..] => entity(bytes, 3, 16),
        [b'&', b'#', ..] => entity(bytes, 2, 10),
        [b'&', ..] => {
            let named = [
                (&b"&amp;"[..], b'&'),
                (b"&lt;", b'<'),
                (b"&gt;", b'>'),
                (b"&quot;", b'"'),
            ];
            let found = named.iter().find(|(name, _)| bytes.starts_with(name))?;
            Some((found.1, found.0.len()))
        }
        _ => None,
    }
}

/// `&#65;`, with at most six digits.
fn entity(bytes: &[u8], from: usize, base: u32) -> Option<(u8, usize)> {
    let end = bytes.iter().take(from + 7).position(|byte| *byte == b';')?;
    let text = std::str::from_utf8(bytes.get(from..end)?).ok()?;
    let read = u32::from_str_radix(text, base).ok()?;
    u8::try_from(read).ok().map(|byte| (byte, end + 1))
}

/// The digits of base64 that depend on the secret alone when so many bytes stand before it, in both
/// alphabets.
fn inner_digits(secret: &[u8], before: usize) -> (String, String) {
    let held = [&[0; 3][..before], secret].concat();
    // A digit holds six bits; the first and the last may hold bits of their neighbours.
    let first = (before * 8).div_ceil(6);
    let last = held.len() * 8 / 6;
    let inner = |text: String| text.get(first..last).unwrap_or_default().to_owned();
    (
        inner(STANDARD_NO_PAD.encode(&held)),
        inner(URL_SAFE_NO_PAD.encode(&held)),
    )
}

/// A part of an address without its escapes.
fn unescaped(text: &str) -> String {
    let (mut plain, mut rest) = (Vec::new(), text.as_bytes());
    while let Some(first) = rest.first() {
        let (byte, length) = match escape(rest) {
            Some(escaped) if *first == b'%' => escaped,
            _ => (*first, 1),
        };
        plain.push(byte);
        rest = rest.get(length..).unwrap_or_default();
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "ak_1Marker/That+Must==Never&Show";

    fn scrubbed(secret: &str, text: &str) -> String {
        let scrub = Scrub::of([secret.to_owned().into()]);
        let clean = scrub.scrubbed(text.as_bytes());
        clean.map_or_else(
            || text.to_owned(),
            |clean| String::from_utf8(clean).unwrap(),
        )
    }

    #[test]
    fn a_secret_is_found_however_a_host_writes_it() {
        let each = |form: fn(u8) -> String| KEY.bytes().map(form).collect::<Vec<_>>().concat();
        let percent = each(|byte| format!("%{byte:02x}"));
        let twice = percent.replace('%', "%25");
        let json = each(|byte| format!("\\u{byte:04X}"));
        let entities = each(|byte| format!("&#{byte};"));
        let hex = each(|byte| format!("\\x{byte:02X}"));
        let digits = each(|byte| format!("{byte:02x}"));
        let capitals = digits.to_uppercase();
        let usual = KEY
            .replace('/', "%2F")
            .replace('+', "%2B")
            .replace('=', "%3D")
            .replace('&', "%26");
        let slashed = KEY.replace('/', "\\/");
        let html = KEY.replace('&', "&amp;");
        for form in [
            KEY.to_owned(),
            KEY.to_uppercase(),
            KEY.to_lowercase(),
            percent,
            twice,
            json,
            entities,
            hex,
            digits,
            capitals,
            usual,
            slashed,
            html,
        ] {
            let text = format!("key \"{form}\", and again {form}.");
            assert_eq!(
                scrubbed(KEY, &text),
                "key \"[secret]\", and again [secret].",
                "{form}"
            );
        }
    }

    #[test]
    fn a_secret_is_found_in_base64_wherever_it_stands_there() {
        for before in ["", "a", "ab", "Bearer ", "user:", "me:"] {
            for after in ["", ".", "\r\n"] {
                let held = format!("{before}{KEY}{after}");
                for coded in [STANDARD.encode(&held), URL_SAFE.encode(&held)] {
                    let clean = scrubbed(KEY, &format!("<{coded}>"));
                    assert!(clean.contains("[secret]"), "{held:?}: {clean}");
                    // A few digits at the edges are left, of two characters at most.
                    let left = clean.replace("[secret]", "").len();
                    assert!(left <= before.len() * 2 + after.len() * 2 + 14, "{clean}");
                }
            }
        }
    }

    #[test]
    fn the_password_of_a_proxy_is_found_with_its_user_name_and_a_long_one_alone() {
        let mut scrub = Scrub::default();
        scrub.and_password("lab", "p%40ss:word9");
        for text in ["lab:p@ss:word9", "p@ss:word9", "p%40ss%3Aword9"] {
            assert_eq!(
                scrub.scrubbed(text.as_bytes()).unwrap(),
                b"[secret]",
                "{text}"
            );
        }
        let basic = STANDARD.encode("lab:p@ss:word9");
        assert!(scrub.scrubbed(basic.as_bytes()).is_some());
        let mut short = Scrub::default();
        short.and_password("lab", "abc");
        assert!(short.scrubbed(b"\"id\":\"00abc0\"").is_none());
        assert!(short.scrubbed(b"lab:abc").is_some());
    }

    #[test]
    fn what_holds_no_secret_is_left_as_it_is() {
        for text in [
            "",
            "{\"a\":\"%\"}",
            "ak_1Marker",
            "\\",
            "&#",
            "&#x;",
            "%2",
            "\\u00",
        ] {
            assert!(
                Scrub::of([KEY.to_owned().into()])
                    .scrubbed(text.as_bytes())
                    .is_none()
            );
        }
        assert!(
            Scrub::of([String::new().into()])
                .scrubbed(b"anything")
                .is_none()
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_a_planted_secret_is_always_found(
            before in proptest::collection::vec(any::<u8>(), 0..60),
            after in proptest::collection::vec(any::<u8>(), 0..60),
            secret in "[A-Za-z0-9_/+=&%-]{4,40}",
        ) {
            let scrub = Scrub::of([secret.clone().into()]);
            let _ = scrub.scrubbed(&before);
            let held = [before, secret.clone().into_bytes(), after].concat();
            let clean = scrub.scrubbed(&held).unwrap();
            let is_there = clean.windows(secret.len()).any(|window| window == secret.as_bytes());
            prop_assert!(!is_there);
        }
    }
}
