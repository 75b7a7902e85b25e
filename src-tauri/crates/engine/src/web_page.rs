//! A page for people in the place of a file: a network or a host that wants somebody to sign in.

use std::io::Read as _;
use std::path::Path;

/// Bytes in which a page shows itself.
const PAGE_BYTES: u64 = 512;

/// Whether a file begins like a page of the web. No firmware does.
pub fn is_web_page(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(PAGE_BYTES).read_to_end(&mut beginning));
    let text = String::from_utf8_lossy(&beginning).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    read.is_ok() && (text.starts_with("<!doctype html") || text.starts_with("<html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_by_its_beginning_and_firmware_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for (content, is_page) in [
            (&b"<!DOCTYPE html>\n<html><body>Sign in"[..], true),
            (b"\xef\xbb\xbf \r\n<HTML lang=en>", true),
            (b":10000000", false),
            (b"<?xml version=\"1.0\"?><manifest/>", false),
            (b"\0\xff\xd8", false),
            (b"", false),
        ] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(is_web_page(&path), is_page, "{content:?}");
        }
    }
}
