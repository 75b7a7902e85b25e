//! Pages of text where firmware was expected: HTML, XML and JSON, text in UTF-16, pointers to files that
//! are elsewhere. And PX4's firmware, which is JSON.
//!
//! Such a page is probably a download that went wrong; whether it is one is for the person to say.

use firmdrop_core::grouped;
use serde_json::Value;

use crate::bytes::{read, shown};
use crate::limits::JSON_BYTES;
use crate::{CheckResult, Format, ImageError, Inspection, Source};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
const DOWNLOAD: &str =
    "Probably a download that went wrong: open the page, and fetch the file itself";

/// Whether a file that begins with `head` may be such a page.
pub(crate) fn recognises(head: &[u8]) -> bool {
    kind(head).is_some()
}

#[derive(Clone, Copy)]
enum Kind {
    Html,
    Xml,
    Json,
    Utf16 { is_big: bool },
    Utf32,
    LargeFilePointer,
    Refusal,
    HttpAnswer,
    Form,
}

fn kind(head: &[u8]) -> Option<Kind> {
    match head {
        [0xFF, 0xFE, 0, 0, text @ ..] if is_utf32(text, 0) => return Some(Kind::Utf32),
        [0, 0, 0xFE, 0xFF, text @ ..] if is_utf32(text, 3) => return Some(Kind::Utf32),
        [0xFF, 0xFE, text @ ..] if is_utf16(text, 1) => return Some(Kind::Utf16 { is_big: false }),
        [0xFE, 0xFF, text @ ..] if is_utf16(text, 0) => return Some(Kind::Utf16 { is_big: true }),
        [b':' | b'S', 0, ..] if is_utf16(head, 1) => return Some(Kind::Utf16 { is_big: false }),
        [0, b':' | b'S', ..] if is_utf16(head, 0) => return Some(Kind::Utf16 { is_big: true }),
        _ => {}
    }
    let text = head
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(head)
        .trim_ascii_start();
    let start: Vec<u8> = text.iter().take(64).map(u8::to_ascii_lowercase).collect();
    if text.starts_with(b"version https://git-lfs.github.com/") {
        return Some(Kind::LargeFilePointer);
    }
    if head.starts_with(b"HTTP/1.") && http_body(head).is_some() {
        return Some(Kind::HttpAnswer);
    }
    if form_body(head).is_some() {
        return Some(Kind::Form);
    }
    if is_refusal(head) {
        return Some(Kind::Refusal);
    }
    match start.as_slice() {
        [b'{' | b'[', ..] => Some(Kind::Json),
        [b'<', ..] => {
            const HTML: [&[u8]; 6] = [
                b"<!doctype html",
                b"<html",
                b"<head",
                b"<body",
                b"<title",
                b"<script",
            ];
            if HTML.iter().any(|tag| start.starts_with(tag)) {
                return Some(Kind::Html);
            }
            let is_xml = start.starts_with(b"<?xml")
                || start.starts_with(b"<!--")
                || start.starts_with(b"<!doctype")
                || is_element(&start);
            let has_html = head
                .windows(5)
                .any(|window| window.eq_ignore_ascii_case(b"<html"));
            is_xml.then_some(if has_html { Kind::Html } else { Kind::Xml })
        }
        _ => None,
    }
}

/// How answers begin that servers give in place of a file, as the only thing in it (bodies of GitHub's raw files, S3,
/// nginx, Cloudflare, Go's `net/http`).
const REFUSALS: &[&str] = &[
    "404",
    "not found",
    "file not found",
    "403",
    "forbidden",
    "access denied",
    "accessdenied",
    "401",
    "unauthorized",
    "429",
    "too many requests",
    "500",
    "internal server error",
    "502",
    "bad gateway",
    "503",
    "service unavailable",
    "504",
    "gateway time",
    "error code: ",
    "nosuchkey",
];

/// Bytes of the longest such answer.
const REFUSAL_BYTES: usize = 200;

/// Whether all there is, is one line of such an answer.
fn is_refusal(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let is_line = text.len() <= REFUSAL_BYTES
        && text
            .iter()
            .all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    let lower = String::from_utf8_lossy(text).to_ascii_lowercase();
    let begins = |begin: &&str| {
        lower.strip_prefix(*begin).is_some_and(|rest| {
            let is_number = begin.starts_with(|c: char| c.is_ascii_digit());
            !is_number || rest.starts_with([' ', ':']) && rest.contains(char::is_alphabetic)
        })
    };
    is_line && REFUSALS.iter().any(begins)
}

/// Where the body of an HTTP answer begins.
fn http_body(text: &[u8]) -> Option<usize> {
    let end = text.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(end + 4)
}

/// Where the first file of a form begins (RFC 7578).
fn form_body(text: &[u8]) -> Option<usize> {
    let line_end = text.windows(2).position(|two| two == b"\r\n")?;
    let header = text.get(line_end + 2..)?;
    let is_form = text.starts_with(b"--")
        && line_end <= 74
        && header
            .get(..20)
            .is_some_and(|begin| begin.eq_ignore_ascii_case(b"content-disposition:"));
    is_form.then(|| http_body(text)).flatten()
}

fn behind_a_header(body: Option<usize>, inspection: &mut Inspection) {
    let place = body.unwrap_or_default();
    let text = format!(
        "a program stored what it received with its header: the file begins at byte {}. Fetch it again, or cut it out",
        grouped(place)
    );
    inspection.fact("Looks like", text);
}

/// `<name>` or `<name attribute=`.
fn is_element(text: &[u8]) -> bool {
    let name = text.get(1..).unwrap_or_default();
    let length = name
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b':')
        .count();
    length > 0
        && name.first().is_some_and(u8::is_ascii_alphabetic)
        && matches!(name.get(length), Some(b'>' | b' '))
}

/// Whether all but one of every four bytes are null; `letter` says which one is not.
fn is_utf32(text: &[u8], letter: usize) -> bool {
    let quarters = text.get(..32.min(text.len() / 4 * 4)).unwrap_or_default();
    let is_letter = |four: &[u8]| {
        let mut bytes = four.iter().enumerate();
        bytes.all(|(at, byte)| (*byte != 0) == (at == letter))
    };
    quarters.len() >= 8 && quarters.chunks(4).all(is_letter)
}

/// Whether every second byte, from `zero` on, is null, as in text of Latin letters.
fn is_utf16(text: &[u8], zero: usize) -> bool {
    let halves = text.get(..32.min(text.len() / 2 * 2)).unwrap_or_default();
    halves.len() >= 4 && halves.iter().skip(zero).step_by(2).all(|byte| *byte == 0)
}

/// Describes a page; none where what begins like JSON is none.
pub(crate) fn inspect(source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    let head = read(source, 0, 4096)?;
    let Some(kind) = kind(&head) else {
        return Ok(None);
    };
    let mut inspection = Inspection::new(Format::Page, source.len());
    match kind {
        Kind::Html => {
            "HTML page, no firmware".clone_into(&mut inspection.summary);
            if let Some(title) = element(&head, "title") {
                inspection.fact("Title", title);
            }
            inspection.fact("Looks like", DOWNLOAD);
        }
        Kind::Xml => {
            "XML document, no firmware".clone_into(&mut inspection.summary);
            for (tag, label) in [("Code", "Error code"), ("Message", "Message")] {
                if let Some(text) = element(&head, tag) {
                    inspection.fact(label, text);
                }
            }
            inspection.fact("Looks like", DOWNLOAD);
        }
        Kind::Json => return json(source),
        Kind::LargeFilePointer => {
            "Pointer to a file in Git LFS, not the file".clone_into(&mut inspection.summary);
            let text = "the file was fetched without Git LFS: run git lfs pull, or download it from the project's page";
            inspection.fact("Looks like", text);
        }
        Kind::Utf16 { is_big } => utf16(&head, is_big, &mut inspection),
        Kind::Utf32 => {
            "Text in UTF-32, which no loader reads".clone_into(&mut inspection.summary);
            let text = "an editor or a program wrote the text in UTF-32: save it as ASCII or UTF-8, and inspect it again";
            inspection.fact("Looks like", text);
        }
        Kind::Refusal => {
            let said = shown(head.trim_ascii());
            inspection.summary = format!("Answer of a server, no firmware: {said}");
            inspection.fact("Looks like", DOWNLOAD);
        }
        Kind::HttpAnswer => {
            "HTTP answer with its header, not the file alone".clone_into(&mut inspection.summary);
            behind_a_header(http_body(&head), &mut inspection);
        }
        Kind::Form => {
            "Body of a form in which a file was sent, not the file alone"
                .clone_into(&mut inspection.summary);
            behind_a_header(form_body(&head), &mut inspection);
        }
    }
    Ok(Some(inspection))
}

/// The text between the first `<tag` and its end, of a page's beginning.
fn element(head: &[u8], tag: &str) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    let lower = text.to_ascii_lowercase();
    let tag = tag.to_ascii_lowercase();
    let open = lower.find(&format!("<{tag}"))?;
    let begin = open + lower.get(open..)?.find('>')? + 1;
    let end = begin + lower.get(begin..)?.find(&format!("</{tag}"))?;
    let found = shown(text.get(begin..end)?.trim().as_bytes());
    (!found.is_empty()).then_some(found)
}

/// Text in UTF-16: what it would be, and what to do.
fn utf16(head: &[u8], is_big: bool, inspection: &mut Inspection) {
    let text: Vec<u8> = head
        .iter()
        .skip(usize::from(is_big))
        .step_by(2)
        .copied()
        .filter(|byte| !matches!(byte, 0xFE | 0xFF))
        .collect();
    let what = match text.trim_ascii_start() {
        [b':', ..] => "Intel HEX",
        [b'S', b'0'..=b'9', ..] => "S-record",
        _ => "Text",
    };
    inspection.summary = format!("{what} in UTF-16, which no loader reads");
    let text = "an editor or a shell wrote the text in UTF-16: save it as ASCII or UTF-8, and inspect it again";
    inspection.fact("Looks like", text);
}

fn json(source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    if source.len() > JSON_BYTES {
        return Ok(None);
    }
    let bytes = read(source, 0, usize::try_from(JSON_BYTES).unwrap_or(usize::MAX))?;
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    let Ok(value) = serde_json::from_slice::<Value>(text) else {
        return Ok(None);
    };
    if let Some(found) = px4(&value, source.len()) {
        return Ok(Some(found));
    }
    let mut inspection = Inspection::new(Format::Page, source.len());
    "JSON document, no firmware".clone_into(&mut inspection.summary);
    let mut says_error = false;
    for key in [
        "error",
        "error_description",
        "code",
        "message",
        "detail",
        "status",
    ] {
        let text = match value.get(key) {
            Some(Value::String(text)) => shown(text.as_bytes()),
            Some(Value::Number(number)) => number.to_string(),
            _ => continue,
        };
        says_error = true;
        inspection.fact(format!("Its “{key}”"), text);
    }
    if says_error {
        inspection.fact(
            "Looks like",
            "the answer of a service that refused the download",
        );
    } else {
        inspection.fact(
            "Looks like",
            "a settings file or the answer of a service, not the firmware itself",
        );
    }
    Ok(Some(inspection))
}

/// Firmware of PX4 and `ArduPilot`: JSON whose `magic` says so, with the image in base64 (`px_mkfw.py` of PX4,
/// `uploader.py` of `ArduPilot`).
fn px4(value: &Value, size_bytes: u64) -> Option<Inspection> {
    let magic = value.get("magic")?.as_str()?;
    let project = match magic {
        "PX4FWv1" => "PX4",
        "APJFWv1" => "ArduPilot",
        _ => return None,
    };
    let mut inspection = Inspection::new(Format::Named, size_bytes);
    let text = |key: &str| match value.get(key)? {
        Value::String(text) => Some(shown(text.as_bytes())),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let board = text("board_id").unwrap_or_else(|| "not named".to_owned());
    inspection.summary = format!("{project} firmware in JSON, board {board}");
    inspection.identity.target = Some(format!("board {board}"));
    inspection.identity.version = text("version").or_else(|| text("git_identity"));
    inspection.identity.product = text("summary").or_else(|| text("description"));
    for (key, label) in [
        ("board_revision", "Board revision"),
        ("git_hash", "Source"),
        ("build_time", "Built"),
    ] {
        if let Some(value) = text(key) {
            inspection.fact(label, value);
        }
    }
    if let Some(bytes) = value.get("image_size").and_then(Value::as_u64) {
        inspection.fact("Image size", format!("{} bytes unpacked", grouped(bytes)));
    }
    if value
        .get("image")
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
    {
        inspection.check("Image", CheckResult::Failed, "there is no image in it");
    }
    Some(inspection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{fact, failed};
    use crate::{Integrity, MemorySource};
    use proptest::prelude::*;

    fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
        crate::inspect(&MemorySource::new(bytes)).unwrap()
    }

    #[test]
    fn a_page_is_named_whatever_stands_before_it_and_however_it_is_written() {
        for text in [
            "<!DOCTYPE html><html><head><title>Not Found</title>",
            "\n\n\n\n<HTML>\n<TITLE>Not Found</TITLE>",
            "\u{FEFF}  <!doctype HTML><title> Not Found </title>",
            "<?xml version=\"1.0\"?><!DOCTYPE html><html xmlns=\"x\"><title>Not Found</title>",
        ] {
            let found = inspected(text);
            assert_eq!(found.format, Format::Page, "{text}");
            assert_eq!(found.summary, "HTML page, no firmware");
            assert!(fact(&found, "Looks like").contains("download that went wrong"));
            assert_eq!(fact(&found, "Title"), "Not Found");
            assert_eq!(found.integrity(), Integrity::Unknown);
        }
    }

    #[test]
    fn answers_of_services_are_named_with_what_they_say() {
        let found = inspected(
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>No</Message></Error>",
        );
        assert_eq!(fact(&found, "Error code"), "AccessDenied");
        let found = inspected(r#" {"message": "Not Found", "status": 404}"#);
        assert_eq!(fact(&found, "Its “message”"), "Not Found");
        assert_eq!(fact(&found, "Its “status”"), "404");
        let pointer =
            inspected("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n");
        assert!(pointer.summary.contains("Git LFS"));
    }

    #[test]
    fn the_short_answer_of_a_server_is_no_firmware() {
        for text in [
            "404: Not Found",
            "404 page not found\n",
            "Access Denied",
            "error code: 522",
            "503 Service Unavailable",
        ] {
            let found = inspected(text);
            assert_eq!(found.format, Format::Page, "{text}");
            assert!(found.summary.contains(text.trim()), "{found:?}");
            assert!(fact(&found, "Looks like").contains("download that went wrong"));
        }
        for text in ["404", "40400", "4040: x", "firmware 404: Not Found"] {
            assert_ne!(inspected(text).format, Format::Page, "{text}");
        }
        let long = format!("404: Not Found{}", "\0".repeat(300));
        assert_ne!(inspected(long).format, Format::Page);
    }

    #[test]
    fn a_file_that_was_stored_with_its_header_is_said_to_be_that() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: x\r\n\r\n\x01\x02";
        let found = inspected(answer);
        assert!(found.summary.starts_with("HTTP answer"), "{found:?}");
        assert!(fact(&found, "Looks like").contains("begins at byte 36"));
        let form = "------WebKitFormBoundaryX\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n\x01\x02";
        let found = inspected(form);
        assert!(found.summary.starts_with("Body of a form"), "{found:?}");
        assert!(fact(&found, "Looks like").contains("begins at byte 71"));
    }

    #[test]
    fn text_in_utf_16_is_named_with_what_to_do() {
        let text = ":020000040800F2\n:00000001FF\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            [&[0xFF, 0xFE][..], &little].concat(),
            [&[0xFE, 0xFF][..], &big].concat(),
            little,
            big,
        ] {
            let found = inspected(bytes);
            assert_eq!(found.summary, "Intel HEX in UTF-16, which no loader reads");
            assert!(fact(&found, "Looks like").contains("save it as ASCII"));
        }
        for (mark, wide) in [
            (
                &[0xFF, 0xFE, 0, 0][..],
                u32::to_le_bytes as fn(u32) -> [u8; 4],
            ),
            (&[0, 0, 0xFE, 0xFF], u32::to_be_bytes),
        ] {
            let letters = text.chars().flat_map(|letter| wide(letter.into()));
            let found = inspected([mark.to_vec(), letters.collect()].concat());
            assert!(found.summary.starts_with("Text in UTF-32"), "{found:?}");
        }
    }

    #[test]
    fn firmware_in_json_is_named_with_its_board() {
        let found =
            inspected(r#"{"magic": "APJFWv1", "board_id": 50, "version": "4.5", "image": "eNo="}"#);
        assert_eq!(found.summary, "ArduPilot firmware in JSON, board 50");
        assert_eq!(found.identity.version.as_deref(), Some("4.5"));
        failed(
            &inspected(r#"{"magic": "PX4FWv1", "board_id": 9}"#),
            "Image",
        );
    }

    #[test]
    fn bytes_that_begin_like_a_page_and_are_none_stay_raw() {
        for bytes in [&b"{\x00\x01\x02"[..], b"<\x00\x01", b"[1, 2", b"<<<<"] {
            assert_eq!(inspected(bytes).format, Format::Raw);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[<{\\[ ]{1,3}(title|html|[a-z\"<>/:{}\\[\\]0-9 \u{e9}]){0,80}") {
            let _ = inspected(text);
        }
    }
}
