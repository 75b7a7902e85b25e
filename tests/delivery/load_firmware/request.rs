//! What is wrong with the request itself: arguments, scheme, base64.

use firmdrop_api::{Code, LoadFirmware, LoadMessage};
use firmdrop_core::Remedy;

use super::bench::{Bench, newer};

/// Base64 by the letter, written for these tests.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at)) as usize & 63];
            text.push(if at <= three.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_arguments_are_both_a_file_and_a_blob_or_neither() {
    let bench = Bench::start();
    let both = LoadFirmware {
        file: Some(bench.image()),
        blob: Some(base64(&newer())),
    };
    for request in [both, LoadFirmware::default()] {
        let refused = bench.was_refused(bench.load(request).await, LoadMessage::InvalidArguments);
        assert_eq!(refused.diagnosis.code, Code::SourceUnclear);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheme_that_is_not_supported_is_said_so_and_nothing_is_opened() {
    let bench = Bench::start();
    let path = bench.path("newer.bin").display().to_string();
    bench.image();
    for file in [
        "ftp://127.0.0.1/newer.bin",
        &path,
        "ws://127.0.0.1/",
        "file:/newer.bin",
    ] {
        let ended = bench.load(LoadFirmware::file(file)).await;
        let refused = bench.was_refused(ended, LoadMessage::SchemeNotSupported);
        assert_eq!(refused.diagnosis.code, Code::SchemeNotSupported);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_is_not_base64_by_the_letter_is_refused_with_what_helps() {
    let bench = Bench::start();
    let good = base64(&newer());
    let lines: Vec<&str> = good
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let broken_lines = lines.join("\n");
    let cut = good.trim_end_matches('=')[..good.len() - 5].to_owned();
    for blob in [
        broken_lines,
        format!("data:application/octet-stream;base64,{good}"),
        cut,
        good.replace('+', "-").replace('/', "_"),
        "no base64 at all".to_owned(),
    ] {
        let ended = bench.load(LoadFirmware::blob(blob)).await;
        let refused = bench.was_refused(ended, LoadMessage::InvalidBase64);
        assert_eq!(refused.diagnosis.code, Code::Base64Invalid);
        assert!(matches!(
            refused.diagnosis.remedies[0],
            Remedy::Advice { .. }
        ));
    }
}
