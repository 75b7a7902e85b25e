//! Files of this computer: what is not there, may not be read, cannot be read, or is no firmware.

use std::process::Command;

use firmdrop_api::{Code, LoadFirmware, LoadMessage, LoadRules};

use super::bench::{Bench, newer};
use super::request::base64;

#[tokio::test(flavor = "multi_thread")]
async fn a_local_file_that_does_not_exist_is_not_found() {
    let bench = Bench::start();
    bench.image();
    std::os::unix::fs::symlink("nowhere", bench.path("dangling")).unwrap();
    for file in [
        bench.address("missing.bin"),
        bench.address("dangling"),
        bench.address("newer.bin/below"),
        bench.address(&"n".repeat(300)),
        bench.address("a%00b"),
        "file://another-computer/newer.bin".to_owned(),
        "file://".to_owned(),
    ] {
        let ended = bench.load(LoadFirmware::file(file)).await;
        let refused = bench.was_refused(ended, LoadMessage::FileNotFound);
        assert_eq!(refused.diagnosis.code, Code::FileNotFound);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_may_not_name_local_files_is_denied_access_whether_they_are_there_or_not() {
    let bench = Bench::start();
    let rules = LoadRules {
        local_files: false,
        ..super::bench::rules()
    };
    let mut said = Vec::new();
    for file in [bench.image(), bench.address("missing.bin")] {
        let ended = bench.load_by(LoadFirmware::file(file), &rules).await;
        said.push(bench.was_refused(ended, LoadMessage::AccessDenied));
    }
    assert_eq!(said[0], said[1], "it says which files are there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_a_pipe_a_device_and_a_circle_of_links_are_there_and_cannot_be_read() {
    let bench = Bench::start();
    let pipe = bench.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    std::os::unix::fs::symlink("circle", bench.path("circle")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", bench.path("zero")).unwrap();
    for file in [
        bench.address(""),
        bench.address("pipe"),
        bench.address("circle"),
        bench.address("zero"),
        "file:///dev/zero".to_owned(),
        "file:///dev/tty".to_owned(),
    ] {
        // A pipe without a writer would make it wait for ever.
        let ended = bench.load(LoadFirmware::file(&file)).await;
        let refused = bench.was_refused(ended, LoadMessage::ReadFailed);
        assert!(
            matches!(refused.diagnosis.code, Code::NotAFile | Code::ReadFailed),
            "{file}: {refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_firmware_image_for_the_reader_is_unsupported_content() {
    let bench = Bench::start();
    let mut damaged = newer();
    damaged[70_000] ^= 1;
    let page = b"<!DOCTYPE html><html><title>Sign in</title></html>".to_vec();
    let cut = newer()[..50_000].to_vec();
    for content in [Vec::new(), damaged, page, vec![0x55; 4096], cut] {
        let file = bench.file("some.bin", &content);
        let ended = bench.load(LoadFirmware::file(file)).await;
        bench.was_refused(ended, LoadMessage::UnsupportedContent);
        if !content.is_empty() {
            let ended = bench.load(LoadFirmware::blob(base64(&content))).await;
            bench.was_refused(ended, LoadMessage::UnsupportedContent);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_an_end_in_sight_is_refused_by_its_size_and_not_read() {
    let bench = Bench::start();
    let file = std::fs::File::create(bench.path("sparse.bin")).unwrap();
    file.set_len(1 << 40).unwrap();
    // Reading it would take longer than the deadline.
    let ended = bench.load(LoadFirmware::file(bench.address("sparse.bin")));
    let refused = bench.was_refused(ended.await, LoadMessage::UnsupportedContent);
    assert_eq!(refused.diagnosis.code, Code::TooLarge);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_write_the_address_of_a_file_loads_it() {
    for (name, written) in [
        ("newer.bin", "newer.bin"),
        ("my firmware.bin", "my%20firmware.bin"),
        ("my firmware.bin", "my firmware.bin"),
        ("für die Türe.bin", "f%C3%BCr%20die%20T%C3%BCre.bin"),
        ("für die Türe.bin", "für die Türe.bin"),
        ("100%.bin", "100%.bin"),
        ("fw#2?.bin", "fw#2?.bin"),
    ] {
        let bench = Bench::start();
        bench.file(name, &newer());
        let folder = bench.folder.path().display();
        let address = match name.len() % 2 {
            0 => format!("file://localhost{folder}/{written}"),
            _ => format!("FILE://{folder}/{written}"),
        };
        let checked = bench
            .firmdrop
            .check_firmware(
                "reader-1",
                LoadFirmware::file(&address),
                &super::bench::rules(),
            )
            .await;
        let checked = checked.unwrap_or_else(|refused| panic!("{address}: {refused:?}"));
        assert_eq!(checked.plan().image().file_name, name);
    }
}
