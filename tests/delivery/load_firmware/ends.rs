//! Requests whose caller goes away: nothing is left, and nothing is loaded behind its back.

use std::time::Duration;

use firmdrop_api::{JobState, LoadFirmware};
use firmdrop_simulator::reader::Settings;
use firmdrop_test_support::file_host::{FileHost, hold, write};

use super::bench::{Bench, READER, TIMEOUT, newer, rules};
use super::request::base64;

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_during_the_download_leaves_no_file() {
    let (began, begins) = std::sync::mpsc::channel();
    let host = FileHost::start(move |_, stream| {
        write(
            stream,
            b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\npart of it",
        );
        began.send(()).unwrap();
        hold(stream);
    });
    let bench = Bench::start();
    let (firmdrop, file) = (
        bench.firmdrop.clone(),
        LoadFirmware::file(host.url("fw.bin")),
    );
    let asking = tokio::spawn(async move { firmdrop.load_firmware(READER, file, &rules()).await });
    tokio::task::spawn_blocking(move || begins.recv_timeout(TIMEOUT).unwrap())
        .await
        .unwrap();
    assert_eq!(bench.received(), 1);
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    assert_eq!(bench.received(), 0);
    assert!(bench.firmdrop.jobs(10).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_before_the_reader_accepted_cancels_the_load() {
    let bench = Bench::with(Settings {
        erase: Duration::from_mins(1),
        ..Settings::default()
    });
    let mut changes = bench.firmdrop.engine().watch();
    let (firmdrop, blob) = (bench.firmdrop.clone(), LoadFirmware::blob(base64(&newer())));
    let asking = tokio::spawn(async move { firmdrop.load_firmware(READER, blob, &rules()).await });
    let until = async {
        loop {
            let change = changes.recv().await.unwrap();
            if let firmdrop_api::Change::Job(job) = change
                && matches!(&job.state, JobState::Running { phase } if phase == "upload")
            {
                return job.id;
            }
        }
    };
    let job = tokio::time::timeout(TIMEOUT, until).await.unwrap();
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    let job = bench.settled(&job).await;
    assert!(matches!(job.state, JobState::Cancelled { .. }), "{job:?}");
    assert_eq!(bench.received(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checked_load_that_nobody_begins_leaves_no_file_and_its_time_stands_still() {
    let bench = Bench::start();
    let rules = rules();
    let checking =
        bench
            .firmdrop
            .check_firmware(READER, LoadFirmware::blob(base64(&newer())), &rules);
    let checked = checking.await.unwrap();
    assert_eq!(bench.received(), 1);
    assert_eq!(checked.confirmations().len(), 1);
    drop(checked);
    assert_eq!(bench.received(), 0);
    assert!(bench.firmdrop.jobs(10).unwrap().is_empty());
    assert!(bench.reader.counters().changed_nothing());
}
