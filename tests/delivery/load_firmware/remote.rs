//! Files of other computers: statuses, redirects, bodies that end early, never end, or do not come.

use std::time::{Duration, Instant};

use firmdrop_api::{Code, LoadFirmware, LoadMessage, LoadRules};
use firmdrop_test_support::file_host::{FileHost, hold, whole, write};

use super::bench::{Bench, hasty, newer, rules};

#[tokio::test(flavor = "multi_thread")]
async fn a_status_of_the_host_is_not_found_access_denied_or_a_failed_download() {
    for (status, message) in [
        ("404 Not Found", LoadMessage::FileNotFound),
        ("401 Unauthorized", LoadMessage::AccessDenied),
        ("403 Forbidden", LoadMessage::AccessDenied),
        ("410 Gone", LoadMessage::DownloadFailed),
        ("429 Too Many Requests", LoadMessage::DownloadFailed),
        ("500 Internal Server Error", LoadMessage::DownloadFailed),
        ("204 No Content", LoadMessage::DownloadFailed),
        ("206 Partial Content", LoadMessage::DownloadFailed),
    ] {
        let bench = Bench::start();
        let host = FileHost::of_status(status, "");
        let ended = bench.load(LoadFirmware::file(host.url("fw.bin"))).await;
        let refused = bench.was_refused(ended, message);
        assert_eq!(refused.diagnosis.code, Code::DownloadFailed, "{status}");
        assert_eq!(host.heads().len(), 1, "{status}: asked again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_followed_to_files_only_and_judged_at_every_step() {
    for (location, why) in [
        ("Location: /again\r\n", "more than three times"),
        ("Location: file:///etc/passwd\r\n", "to a file address"),
        ("Location: ftp://127.0.0.1/fw.bin\r\n", "to a ftp address"),
        (
            "Location: http://169.254.169.254/latest/meta-data\r\n",
            "local link",
        ),
        ("Location: http://10.0.0.1/fw.bin\r\n", "private network"),
        ("Location: http://[::1]:80/fw.bin\r\n", "this computer"),
        ("Location: http://0x7f000002/fw.bin\r\n", "this computer"),
        ("", "to nowhere"),
    ] {
        let bench = Bench::start();
        let host = FileHost::of_status("302 Found", location);
        let ended = bench.load(LoadFirmware::file(host.url("fw.bin"))).await;
        let refused = bench.was_refused(ended, LoadMessage::DownloadFailed);
        assert_eq!(refused.diagnosis.code, Code::DownloadFailed);
        let said = refused.diagnosis.to_string();
        assert!(said.contains(why), "{location}: {said}");
        assert!(host.heads().len() <= 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_network_is_not_reached_unless_a_user_named_the_host() {
    let bench = Bench::start();
    let host = FileHost::of_file(newer());
    let nobody = LoadRules {
        allowed_hosts: [].into(),
        ..rules()
    };
    let ended = bench.load_by(LoadFirmware::file(host.url("fw.bin")), &nobody);
    bench.was_refused(ended.await, LoadMessage::DownloadFailed);
    assert!(host.heads().is_empty(), "it was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_cut_too_long_or_coded_wrongly_is_a_failed_download() {
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n";
    let cut = whole("200 OK", "", &newer());
    let cut = cut[..cut.len() - 1].to_vec();
    let coded = whole("200 OK", "Content-Encoding: br\r\n", &newer());
    for answer in [
        announced.to_vec(),
        cut,
        coded,
        b"no http at all\r\n\r\n".to_vec(),
    ] {
        let bench = Bench::start();
        let host = FileHost::start(move |_, stream| write(stream, &answer));
        let ended = bench.load(LoadFirmware::file(host.url("fw.bin"))).await;
        bench.was_refused(ended, LoadMessage::DownloadFailed);
    }
    let bench = Bench::start();
    for nobody in [
        "http://127.0.0.1:1/fw.bin",
        "https://firmdrop.invalid/fw.bin",
        "http://",
        "https://[::1/",
    ] {
        let ended = bench.load(LoadFirmware::file(nobody)).await;
        bench.was_refused(ended, LoadMessage::DownloadFailed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_says_nothing_or_trickles_is_left_at_the_deadline() {
    let silent = FileHost::start(|_, stream| hold(stream));
    let trickles = FileHost::start(|_, stream| {
        write(
            stream,
            b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nx",
        );
        hold(stream);
    });
    for host in [silent, trickles] {
        let bench = Bench::start();
        let (began, rules) = (Instant::now(), hasty());
        let ended = bench.load_by(LoadFirmware::file(host.url("fw.bin")), &rules);
        let refused = bench.was_refused(ended.await, LoadMessage::DownloadFailed);
        assert!(refused.diagnosis.why.contains("2 s"), "{refused:?}");
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_page_of_the_network_is_unsupported_content_and_never_sent_to_a_reader() {
    let bench = Bench::start();
    let host = FileHost::start(|_, stream| {
        let page = whole(
            "200 OK",
            "Content-Type: text/html\r\n",
            b"<html>Sign in first</html>",
        );
        write(stream, &page);
    });
    let ended = bench.load(LoadFirmware::file(host.url("fw.bin"))).await;
    bench.was_refused(ended, LoadMessage::UnsupportedContent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_gets_no_credentials_and_no_cookies_and_a_password_in_an_address_is_shown_nowhere() {
    let bench = Bench::start();
    let host = FileHost::start(|head, stream| {
        let answer = if head.starts_with("GET /first") {
            whole(
                "302 Found",
                "Location: /second\r\nSet-Cookie: id=1\r\n",
                b"",
            )
        } else {
            whole("500 No", "", b"")
        };
        write(stream, &answer);
    });
    let ended = bench.load(LoadFirmware::file(host.url("first"))).await;
    bench.was_refused(ended, LoadMessage::DownloadFailed);
    assert_eq!(host.heads().len(), 2);
    for head in host.heads() {
        let head = head.to_lowercase();
        assert!(
            !head.contains("authorization") && !head.contains("cookie"),
            "{head}"
        );
    }
    let secret = host.url("fw.bin?sig=SECRET").replace("//", "//me:SECRET@");
    let ended = bench.load(LoadFirmware::file(secret)).await;
    let refused = bench.was_refused(ended, LoadMessage::DownloadFailed);
    assert!(!format!("{refused:?}").contains("SECRET"), "{refused:?}");
}

/// Checks a firmware that a host gives, without loading it.
async fn checked(bench: &Bench, host: &FileHost) -> Result<String, LoadMessage> {
    let file = LoadFirmware::file(host.url("latest"));
    let checked = bench
        .firmdrop
        .check_firmware("reader-1", file, &rules())
        .await;
    let checked = checked.map_err(|refused| refused.message.unwrap())?;
    assert_eq!(
        checked.plan().image().expected.size_bytes,
        newer().len() as u64
    );
    Ok(checked.plan().image().file_name.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_page_redirects_twice_to_its_file() {
    let bench = Bench::start();
    let host = FileHost::start(|head, stream| {
        let answer = match head.split(' ').nth(1) {
            Some("/latest") => whole("302 Found", "Location: /v1.1/reader.bin\r\n", b""),
            Some("/v1.1/reader.bin") => {
                whole("301 Moved", "Location: store/reader.bin?s=1\r\n", b"")
            }
            _ => whole("200 OK", "", &newer()),
        };
        write(stream, &answer);
    });
    assert_eq!(checked(&bench, &host).await.unwrap(), "reader.bin");
    assert_eq!(host.heads().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_in_chunks_or_without_a_length_is_a_file_and_one_that_is_cut_is_none() {
    let image = newer();
    let (first, rest) = image.split_at(5000);
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n";
    let next = format!("\r\n{:x}\r\n", rest.len());
    let chunked = [&head[..], first, next.as_bytes(), rest, b"\r\n0\r\n\r\n"].concat();
    let cut = chunked[..chunked.len() - 9].to_vec();
    let endless = [&b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"[..], &image].concat();
    let short = endless[..endless.len() - 100].to_vec();
    for (answer, expected) in [
        (chunked, None),
        (endless, None),
        (cut, Some(LoadMessage::DownloadFailed)),
        // Nothing said how long it is; the image itself does.
        (short, Some(LoadMessage::UnsupportedContent)),
    ] {
        let bench = Bench::start();
        let host = FileHost::start(move |_, stream| write(stream, &answer));
        assert_eq!(checked(&bench, &host).await.err(), expected);
    }
}
