//! A load that was accepted: an ordinary job, and the messages that a face pushes about it.

use firmdrop_api::{Code, JobState, LoadEvent, LoadFirmware, LoadMessage, LoadStatus, Outcome};
use firmdrop_simulator::reader::{Faults, Return};
use firmdrop_test_support::file_host::FileHost;

use super::bench::{Bench, READER, TIMEOUT, newer};
use super::request::base64;

/// Every message of a load to its end.
async fn all(bench: &Bench, begun: &firmdrop_api::LoadBegun) -> Vec<LoadEvent> {
    let (mut events, mut all) = (bench.firmdrop.load_events(begun), Vec::new());
    let following = async {
        while let Some(event) = events.next().await {
            all.push(event);
        }
    };
    tokio::time::timeout(TIMEOUT, following).await.unwrap();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_a_blob_and_an_address_are_loaded_and_verified() {
    let host = FileHost::of_file(newer());
    for way in 0..3 {
        let bench = Bench::start();
        let firmware = match way {
            0 => LoadFirmware::file(bench.image()),
            1 => LoadFirmware::blob(base64(&newer())),
            _ => LoadFirmware::file(host.url("a/newer.bin")),
        };
        let begun = bench.load(firmware).await.unwrap();
        assert_eq!(begun.answer().job, Some(begun.job.clone()));
        let events = all(&bench, &begun).await;
        let last = &events.last().unwrap().params;
        assert_eq!(
            (last.status, last.progress, last.verified),
            (LoadStatus::Success, 100, Some(true))
        );
        let job = bench.settled(&begun.job).await;
        let verified = matches!(
            job.state,
            JobState::Finished {
                outcome: Outcome::Verified { .. }
            }
        );
        assert!(verified, "{job:?}");
        assert_eq!(bench.reader.memory(0)[..newer().len()], newer());
        assert_eq!(bench.received(), usize::from(way > 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_pending_until_the_end_and_never_runs_back() {
    let bench = Bench::start();
    let begun = bench.load(LoadFirmware::file(bench.image())).await.unwrap();
    let events = all(&bench, &begun).await;
    let (last, before) = events.split_last().unwrap();
    assert!(!before.is_empty());
    let mut reached = 0;
    for event in before {
        assert_eq!(event.event, "Device.LoadFirmwareProgress");
        assert_eq!(
            (event.jsonrpc.as_str(), event.params.device_id.as_str()),
            ("2.0", READER)
        );
        assert_eq!(event.params.status, LoadStatus::Pending);
        assert!(
            (reached..100).contains(&event.params.progress),
            "{events:?}"
        );
        reached = event.params.progress;
    }
    assert_eq!(last.params.progress, 100);
    // Who comes late hears of the end alone.
    let late = all(&bench, &begun).await;
    assert_eq!(late, std::slice::from_ref(last));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_refuses_later_has_failed_with_the_same_message_in_its_event() {
    let bench = Bench::start();
    bench.reader.set_faults(Faults {
        returns: Return::WithOldImage,
        ..Faults::default()
    });
    let begun = bench.load(LoadFirmware::file(bench.image())).await.unwrap();
    let events = all(&bench, &begun).await;
    let last = events.last().unwrap();
    assert_eq!(last.params.status, LoadStatus::Failed);
    assert_eq!(last.params.message, Some(LoadMessage::Failed));
    assert_eq!(last.params.error, Some(Code::NotActivated));
    let json = serde_json::to_value(last).unwrap();
    assert_eq!(json["params"]["Message"], "Failed");
    assert!(json["params"]["Progress"].as_u64().unwrap() < 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_is_cancelled_says_so() {
    let bench = Bench::start();
    bench.reader.set_faults(Faults {
        slow: std::time::Duration::from_millis(30),
        ..Faults::default()
    });
    let begun = bench.load(LoadFirmware::file(bench.image())).await.unwrap();
    bench.firmdrop.cancel(&begun.job).await.unwrap();
    let events = all(&bench, &begun).await;
    let last = &events.last().unwrap().params;
    assert_eq!((last.status, last.message), (LoadStatus::Cancelled, None));
}
