//! The reader: which one is meant, whether it can be loaded now, whether it accepts.

use std::time::{Duration, Instant};

use firmdrop_api::{Code, ConfirmationAbout, JobState, LoadFirmware, LoadMessage, LoadRules};
use firmdrop_simulator::reader::{Faults, Recovery, Request, Settings, demo_image};

use super::bench::{Bench, READER, hasty, newer, rules};
use super::request::base64;

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_not_there_is_status_410_and_nothing_is_downloaded() {
    let bench = Bench::start();
    let firmware = || LoadFirmware::blob(base64(&newer()));
    let rules = rules();
    for device in ["nobody", "device:nobody", "", "pelion:lab", "smp+udp:"] {
        let ended = bench.firmdrop.load_firmware(device, firmware(), &rules);
        let refused = ended.await.unwrap_err();
        assert_eq!((refused.status, refused.message), (410, None), "{device}");
        assert_eq!(refused.diagnosis.code, Code::UnknownDestination);
    }
    bench.reader.pull_the_plug();
    let refused = bench.load(firmware()).await.unwrap_err();
    assert_eq!(
        (refused.status, refused.diagnosis.code),
        (410, Code::LinkNotFound)
    );
    assert!(bench.firmdrop.jobs(10).unwrap().is_empty());
    assert_eq!(bench.received(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_without_a_loader_in_its_present_mode_is_not_available() {
    // Its application does not speak the protocol of a loader.
    let bench = Bench::start();
    bench.reader.set_faults(Faults {
        lost_requests_per_mille: 1000,
        ..Faults::default()
    });
    let ended = bench
        .load_by(LoadFirmware::file(bench.image()), &hasty())
        .await;
    bench.was_refused(ended, LoadMessage::NotAvailable);
    // With more time the loader itself gives up.
    let ended = bench.load(LoadFirmware::file(bench.image())).await;
    let refused = bench.was_refused(ended, LoadMessage::NotAvailable);
    assert_eq!(refused.diagnosis.code, Code::LinkTimeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drive_that_is_none_of_a_bootloader_is_not_available() {
    let bench = Bench::start();
    std::fs::create_dir(bench.path("drive")).unwrap();
    let drive = format!("volume:{}", bench.path("drive").display());
    let image = LoadFirmware::file(bench.image());
    let refused = bench.firmdrop.load_firmware(&drive, image, &rules()).await;
    let refused = refused.unwrap_err();
    assert_eq!(
        refused.message,
        Some(LoadMessage::NotAvailable),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_refuses_the_upgrade_has_failed_and_its_job_is_on_record() {
    let bench = Bench::start();
    bench.reader.set_faults(Faults {
        refuses_uploads: Some(11),
        ..Faults::default()
    });
    for firmware in [
        LoadFirmware::file(bench.image()),
        LoadFirmware::blob(base64(&newer())),
    ] {
        let refused = bench.load(firmware).await.unwrap_err();
        assert_eq!(
            (refused.status, refused.message),
            (422, Some(LoadMessage::Failed))
        );
        assert_eq!(refused.diagnosis.code, Code::ReaderRefused, "{refused:?}");
        let job = bench.settled(&refused.job.clone().unwrap()).await;
        assert!(matches!(job.state, JobState::Failed { .. }));
        assert_eq!(refused.answer().job, refused.job);
    }
    assert_eq!(bench.received(), 0, "a blob that nobody needs was left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_accepts_nothing_before_the_deadline_is_left_and_its_job_cancelled() {
    let bench = Bench::with(Settings {
        erase: Duration::from_mins(1),
        ..Settings::default()
    });
    let rules = LoadRules {
        deadline: Duration::from_secs(2),
        ..rules()
    };
    let began = Instant::now();
    let refused = bench
        .load_by(LoadFirmware::blob(base64(&newer())), &rules)
        .await;
    let refused = refused.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(
        (refused.status, refused.message),
        (422, Some(LoadMessage::Failed))
    );
    assert_eq!(refused.diagnosis.code, Code::StepOverdue, "{refused:?}");
    assert!(!refused.diagnosis.state_now.is_empty());
    let job = bench.settled(&refused.job.clone().unwrap()).await;
    assert!(matches!(job.state, JobState::Cancelled { .. }), "{job:?}");
    assert_eq!(bench.received(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_being_loaded_is_in_use() {
    let bench = Bench::with(Settings {
        flash_per_byte: Duration::from_micros(40),
        ..Settings::default()
    });
    let begun = bench.load(LoadFirmware::file(bench.image())).await.unwrap();
    let refused = bench
        .load(LoadFirmware::file(bench.image()))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.status, refused.message),
        (409, None),
        "{refused:?}"
    );
    assert_eq!(refused.job, Some(begun.job.clone()));
    bench.firmdrop.cancel(&begun.job).await.unwrap();
    bench.settled(&begun.job).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_confirmation_is_refused_without_it_and_nothing_is_written() {
    let bench = Bench::start();
    let older = demo_image((0, 9, 0), 96 * 1024);
    let same = demo_image((1, 0, 0), 96 * 1024);
    for (image, needs) in [
        (newer(), vec![ConfirmationAbout::Unsigned]),
        (
            older,
            vec![ConfirmationAbout::Downgrade, ConfirmationAbout::Unsigned],
        ),
        (
            same,
            vec![ConfirmationAbout::SameVersion, ConfirmationAbout::Unsigned],
        ),
    ] {
        for given in 0..needs.len() {
            let rules = LoadRules {
                confirmed: needs[..given].to_vec(),
                ..rules()
            };
            let ended = bench.load_by(LoadFirmware::blob(base64(&image)), &rules);
            let refused = ended.await.unwrap_err();
            assert_eq!(
                (refused.status, refused.message),
                (403, None),
                "{refused:?}"
            );
            assert_eq!(refused.diagnosis.code, Code::ConfirmationMissing);
            assert_eq!(refused.answer().unconfirmed, needs[given..]);
        }
    }
    assert!(bench.firmdrop.jobs(10).unwrap().is_empty());
    assert!(bench.reader.counters().changed_nothing());
    assert_eq!(bench.received(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_is_written_once_it_was_confirmed() {
    let bench = Bench::start();
    let older = demo_image((0, 9, 0), 8 * 1024);
    let rules = LoadRules {
        confirmed: vec![ConfirmationAbout::Downgrade, ConfirmationAbout::Unsigned],
        ..rules()
    };
    let begun = bench.load_by(LoadFirmware::blob(base64(&older)), &rules);
    let begun = begun.await.unwrap();
    let job = bench.settled(&begun.job).await;
    assert!(matches!(job.state, JobState::Finished { .. }), "{job:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_in_recovery_can_be_loaded_and_the_answer_tells_that_there_is_no_way_back() {
    let bench = Bench::with(Settings {
        recovery: Some(Recovery::default()),
        ..Settings::default()
    });
    let begun = bench.load(LoadFirmware::file(bench.image())).await.unwrap();
    assert!(
        begun
            .risks
            .iter()
            .any(|risk| risk.contains("without a way back")),
        "{begun:?}"
    );
    let job = bench.settled(&begun.job).await;
    assert!(matches!(job.state, JobState::Finished { .. }), "{job:?}");
    assert!(bench.reader.counters().of(Request::Upload) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_named_by_its_name_its_id_or_its_destination() {
    let bench = Bench::start();
    let readers = bench.firmdrop.readers().await;
    let reader = readers
        .iter()
        .find(|view| view.reader.name == READER)
        .unwrap();
    for device in [
        READER.to_owned(),
        reader.reader.id.clone(),
        format!("device:{}", reader.reader.id),
        reader.destination.clone(),
    ] {
        let image = LoadFirmware::file(bench.image());
        let checked = bench
            .firmdrop
            .check_firmware(&device, image, &rules())
            .await;
        let checked = checked.unwrap_or_else(|refused| panic!("{device}: {refused:?}"));
        assert_eq!(checked.plan().destination.to_string(), reader.destination);
        assert_eq!(checked.plan().destination_name, READER);
    }
}
