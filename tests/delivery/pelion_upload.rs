//! Uploads to the simulated Pelion service while things go wrong: every rule of the guide that an
//! upload depends on, every line at which it can be killed, every way an answer can be lost.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod pelion_world;

use std::{
    io,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use firmdrop_cloud::pelion::upload::{Chunking, UploadError, UploadRequest, UploadState};
use firmdrop_core::{Code, Diagnose, MIB, NoteKind, Outcome, Promise, Remedy, Sha256};
use firmdrop_image::{MemorySource, Source};
use firmdrop_simulator::{
    fault::{Effect, Fault, Rule},
    pelion::PelionOptions,
};
use pelion_world::{
    Death, Journal, KEY, World, bytes, is_verified, pelion_at, request, three_chunks, with_source,
};

const CHUNKS: &str = "/chunks";
const JOBS: &str = "/upload-jobs";

fn whole(length: u64) -> UploadRequest {
    UploadRequest {
        chunking: Chunking::default(),
        ..request(bytes(length, 3))
    }
}

#[tokio::test]
async fn a_file_arrives_in_chunks_and_is_proved() {
    let (world, request, journal) = (World::start().await, three_chunks(), Journal::default());
    let outcome = world.upload(&request, &journal).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    world.holds_exactly(&request);
    let lengths: Vec<u64> = world
        .only_job()
        .chunks
        .iter()
        .map(|chunk| chunk.length)
        .collect();
    assert_eq!(lengths, [5 * MIB, 5 * MIB, MIB + 17, 0]);
    assert_eq!(
        journal.lines(),
        [
            "creating",
            "created",
            "sending 1",
            "confirmed 1",
            "sending 2",
            "confirmed 2",
            "sending 3",
            "confirmed 3",
            "finishing",
            "image"
        ]
    );
    assert_eq!(
        *world.told.phases.lock().unwrap(),
        [
            "check_file",
            "create_job",
            "send_chunks",
            "finish",
            "compare"
        ]
    );
}

#[tokio::test]
async fn progress_counts_what_is_confirmed_and_never_goes_back() {
    let (world, request) = (World::start().await, three_chunks());
    world
        .server
        .dial()
        .add(Rule::once(Effect::LoseAnswer).on("POST", CHUNKS).skip(1));
    world.deliver(&request).await.unwrap();
    let progress = world.told.progress.lock().unwrap();
    assert!(progress.is_sorted_by_key(|step| step.confirmed_bytes));
    assert_eq!(
        progress.last().unwrap().confirmed_bytes,
        request.promise.size_bytes
    );
    let most = request.promise.size_bytes;
    assert!(
        progress
            .iter()
            .all(|p| p.confirmed_bytes + p.in_flight_bytes <= most)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_line_of_the_journal_it_resumes_without_storing_a_chunk_twice() {
    for line in 0..10 {
        for death in [Death::AfterLine(line), Death::BeforeLine(line)] {
            let (world, request) = (World::start().await, three_chunks());
            let journal = Journal::dying(death);
            let killed = world.upload(&request, &journal).await;
            assert!(
                matches!(killed, Err(UploadError::Record { .. })),
                "{death:?}: {killed:?}"
            );
            let resumed = Journal::resumed(journal.state());
            let outcome = world.upload(&request, &resumed).await;
            assert!(is_verified(&outcome), "{death:?}: {outcome:?}");
            world.holds_exactly(&request);
            let job = world.only_job();
            let resent = job.received_bytes - job.stored_bytes();
            assert_eq!(
                resent, 0,
                "{death:?}: what the service holds is not sent again"
            );
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_about_and_the_chunk_is_not_sent_twice() {
    let (world, request) = (World::start().await, three_chunks());
    world
        .server
        .dial()
        .add(Rule::once(Effect::LoseAnswer).on("POST", CHUNKS).skip(1));
    let journal = Journal::default();
    assert!(is_verified(&world.upload(&request, &journal).await));
    world.holds_exactly(&request);
    assert_eq!(world.only_job().received_bytes, request.promise.size_bytes);
    assert_eq!(journal.sent_again(), 0);
    assert!(world.told.has(NoteKind::Kept));
}

#[tokio::test]
async fn a_connection_cut_inside_a_chunk_costs_that_chunk_only() {
    let (world, request) = (World::start().await, three_chunks());
    let cut = Effect::CutInBody {
        after_bytes: Some(2 * MIB),
    };
    world
        .server
        .dial()
        .add(Rule::once(cut).on("POST", CHUNKS).skip(1));
    let journal = Journal::default();
    assert!(is_verified(&world.upload(&request, &journal).await));
    world.holds_exactly(&request);
    let resent = world.only_job().received_bytes - request.promise.size_bytes;
    assert!(resent > 0 && resent <= 5 * MIB, "{resent}");
    assert_eq!(journal.sent_again(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_cuts_and_lost_answers_end_in_one_right_image() {
    for seed in 0..6 {
        let (world, request) = (World::start().await, request(bytes(21 * MIB, seed)));
        let dial = world.server.dial();
        dial.seed(seed);
        let cut = Effect::CutInBody { after_bytes: None };
        dial.add(Rule::always(cut).on("POST", CHUNKS).probability(0.2));
        dial.add(Rule::always(Effect::LoseAnswer).probability(0.2));
        let outcome = world.deliver(&request).await;
        assert!(is_verified(&outcome), "{seed}: {outcome:?}");
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_service_that_fails_is_tried_again() {
    for status in [500, 502, 503, 504] {
        let (world, request) = (World::start().await, three_chunks());
        let dial = world.server.dial();
        dial.add(
            Rule::once(Effect::ServerError { status })
                .on("POST", CHUNKS)
                .skip(1),
        );
        dial.add(Rule::once(Effect::ServerError { status }).on("POST", JOBS));
        dial.add(Rule::once(Effect::ServerError { status }).on("GET", ""));
        let outcome = world.deliver(&request).await;
        assert!(is_verified(&outcome), "{status}: {outcome:?}");
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_wish_to_wait_is_honoured() {
    let (world, request) = (World::start().await, three_chunks());
    let limit = Effect::RateLimit {
        retry_after_seconds: 1,
    };
    world
        .server
        .dial()
        .add(Rule::once(limit).on("POST", CHUNKS).skip(1));
    let began = std::time::Instant::now();
    assert!(is_verified(&world.deliver(&request).await));
    assert!(began.elapsed() >= Duration::from_secs(1));
    world.holds_exactly(&request);
}

#[tokio::test]
async fn a_silent_service_is_noticed_and_the_upload_goes_on() {
    let (mut world, request) = (World::start().await, three_chunks());
    world.silence = Duration::from_secs(1);
    world
        .server
        .dial()
        .add(Rule::once(Effect::Silence).on("POST", CHUNKS).skip(1));
    let outcome = world.deliver(&request).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    world.holds_exactly(&request);
}

#[tokio::test]
async fn the_network_may_go_for_a_while() {
    let (world, request) = (World::start().await, three_chunks());
    let dial = world.server.dial().clone();
    let outcome = tokio::join!(world.deliver(&request), async {
        while world.server.record().jobs.is_empty() {
            tokio::task::yield_now().await;
        }
        dial.turn(Fault::PullThePlug, true);
        world.server.until_listening(false).await;
        while !world.told.has(NoteKind::Retry) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        dial.turn(Fault::PullThePlug, false);
    });
    assert!(is_verified(&outcome.0), "{:?}", outcome.0);
    world.holds_exactly(&request);
}

#[tokio::test]
async fn when_patience_ends_the_diagnosis_says_what_the_service_keeps() {
    let (world, request) = (World::start().await, three_chunks());
    let failing = Effect::ServerError { status: 503 };
    world
        .server
        .dial()
        .add(Rule::always(failing).on("POST", CHUNKS).skip(2));
    let journal = Journal::default();
    let error = world.upload(&request, &journal).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::ServiceFailed);
    assert!(
        diagnosis.state_now.contains("keeps 2 chunks"),
        "{}",
        diagnosis.state_now
    );
    assert!(diagnosis.remedies.contains(&Remedy::Resume));
    world.server.dial().clear();
    assert!(is_verified(
        &world
            .upload(&request, &Journal::resumed(journal.state()))
            .await
    ));
    world.holds_exactly(&request);
}

#[tokio::test]
async fn a_lost_answer_to_the_creation_is_found_again_by_the_name() {
    let (world, request) = (World::start().await, three_chunks());
    world
        .server
        .dial()
        .add(Rule::once(Effect::LoseAnswer).on("POST", JOBS));
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    assert_eq!(world.server.record().jobs.len(), 1);
}

#[tokio::test]
async fn a_lost_answer_to_the_finishing_chunk_is_no_failure() {
    let (world, request) = (World::start().await, three_chunks());
    world
        .server
        .dial()
        .add(Rule::once(Effect::LoseAnswer).on("POST", CHUNKS).skip(3));
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
}

#[tokio::test]
async fn killed_after_the_finishing_chunk_the_empty_chunk_list_misleads_nobody() {
    let (world, request) = (World::start().await, three_chunks());
    let journal = Journal::dying(Death::BeforeLine(9));
    assert!(world.upload(&request, &journal).await.is_err());
    let state = journal.state();
    assert!(state.finish_attempted && state.firmware_image_id.is_none());
    let job_id = state.upload_job_id.clone().unwrap();
    assert!(world.pelion().all_chunks(&job_id).await.unwrap().is_empty());
    let before = world.only_job().received_bytes;
    assert!(is_verified(
        &world.upload(&request, &Journal::resumed(state)).await
    ));
    assert_eq!(world.only_job().received_bytes, before);
}

#[tokio::test]
async fn an_image_survives_the_deletion_of_its_finished_upload_job() {
    let (world, request) = (World::start().await, three_chunks());
    let journal = Journal::dying(Death::BeforeLine(9));
    assert!(world.upload(&request, &journal).await.is_err());
    let state = journal.state();
    let job_id = state.upload_job_id.clone().unwrap();
    world.pelion().delete_upload_job(&job_id).await.unwrap();
    assert!(is_verified(
        &world.upload(&request, &Journal::resumed(state)).await
    ));
    world.holds_exactly(&request);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_fifty_chunks_are_reconciled() {
    let (world, request) = (World::start().await, request(bytes(52 * 5 * MIB + 3, 1)));
    // creating, created, then two lines per chunk: dies with 51 chunks confirmed.
    let journal = Journal::dying(Death::AfterLine(2 + 2 * 51));
    assert!(world.upload(&request, &journal).await.is_err());
    assert_eq!(journal.state().receipts.len(), 51);
    assert!(is_verified(
        &world
            .upload(&request, &Journal::resumed(journal.state()))
            .await
    ));
    world.holds_exactly(&request);
    assert_eq!(world.only_job().received_bytes, request.promise.size_bytes);
}

#[tokio::test]
async fn an_upload_job_with_foreign_chunks_is_left_alone_and_named() {
    let world = World::start().await;
    let (ours, theirs) = (three_chunks(), request(bytes(11 * MIB + 17, 99)));
    let journal = Journal::dying(Death::AfterLine(4));
    assert!(world.upload(&theirs, &journal).await.is_err());
    let state = UploadState {
        receipts: Vec::new(),
        ..journal.state()
    };
    let error = world
        .upload(&ours, &Journal::resumed(state.clone()))
        .await
        .unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::UploadJobPoisoned);
    assert!(diagnosis.state_now.contains("not deleted"));
    let job_id = state.upload_job_id.unwrap();
    assert!(world.pelion().upload_job(&job_id).await.is_ok());
}

#[tokio::test]
async fn a_chunk_that_somebody_else_appended_meanwhile_is_noticed() {
    let (world, request) = (World::start().await, three_chunks());
    let journal = Journal::dying(Death::AfterLine(3));
    assert!(world.upload(&request, &journal).await.is_err());
    let state = journal.state();
    let job_id = state.upload_job_id.clone().unwrap();
    let intruder = bytes(5 * MIB, 50);
    append(&world, &job_id, intruder).await;
    let error = world
        .upload(&request, &Journal::resumed(state))
        .await
        .unwrap_err();
    assert_eq!(error.diagnose().code, Code::UploadJobPoisoned);
    assert!(world.server.images().is_empty());
}

async fn append(world: &World, job_id: &str, bytes: Vec<u8>) {
    use firmdrop_core::Md5;
    let md5 = Md5::of(&bytes);
    let body = firmdrop_net::StreamedBody {
        length_bytes: bytes.len() as u64,
        pieces: Box::pin(futures::stream::iter([Ok(bytes.into())])),
    };
    world
        .pelion()
        .append_chunk(job_id, body, md5)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_same_bytes_under_the_same_name_are_offered_for_use() {
    let (world, request) = (World::start().await, three_chunks());
    world.deliver(&request).await.unwrap();
    let error = world.deliver(&request).await.unwrap_err();
    let image_id = world.server.images()[0].id.clone();
    let expected = Remedy::UseExistingImage { image_id };
    assert_eq!(error.diagnose().remedies.first(), Some(&expected));
    world.holds_exactly(&request);
}

#[tokio::test]
async fn other_bytes_under_the_same_name_need_another_name() {
    let (world, first) = (World::start().await, three_chunks());
    world.deliver(&first).await.unwrap();
    let second = request(bytes(6 * MIB, 8));
    let error = world.deliver(&second).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::NameTaken);
    let Some(Remedy::ChooseAnotherName { suggestion }) = diagnosis.remedies.first() else {
        panic!("{diagnosis:?}");
    };
    let renamed = UploadRequest {
        name: suggestion.clone(),
        ..second
    };
    assert!(is_verified(&world.deliver(&renamed).await));
}

#[tokio::test]
async fn an_upload_job_of_our_name_that_is_not_ours_is_never_adopted() {
    for attempted in [false, true] {
        let world = World::start().await;
        let theirs = request(bytes(11 * MIB, 77));
        let journal = Journal::dying(Death::AfterLine(4));
        assert!(world.upload(&theirs, &journal).await.is_err());
        let state = UploadState {
            create_attempted: attempted,
            ..UploadState::default()
        };
        let result = world
            .upload(&three_chunks(), &Journal::resumed(state))
            .await;
        assert!(
            matches!(result, Err(UploadError::NameTaken { .. })),
            "{attempted}: {result:?}"
        );
        assert_eq!(world.only_job().chunks.len(), 1);
    }
}

#[tokio::test]
async fn an_upload_job_deleted_elsewhere_is_gone() {
    let (world, request) = (World::start().await, three_chunks());
    let journal = Journal::dying(Death::AfterLine(3));
    assert!(world.upload(&request, &journal).await.is_err());
    let job_id = journal.state().upload_job_id.unwrap();
    world.pelion().delete_upload_job(&job_id).await.unwrap();
    let error = world
        .upload(&request, &Journal::resumed(journal.state()))
        .await
        .unwrap_err();
    assert_eq!(error.diagnose().code, Code::UploadJobGone);
}

#[tokio::test]
async fn a_wrong_hash_in_an_answer_is_settled_by_the_chunk_list() {
    let (world, request) = (World::start().await, three_chunks());
    world.server.dial().add(Rule::once(Effect::WrongHash));
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    assert!(world.told.has(NoteKind::Warning));
}

#[tokio::test]
async fn a_remote_copy_with_another_checksum_is_never_verified() {
    let (world, request) = (World::start().await, three_chunks());
    world.server.dial().add(Rule::always(Effect::WrongChecksum));
    let error = world.deliver(&request).await.unwrap_err();
    assert_eq!(error.diagnose().code, Code::RemoteDiffers);
}

#[tokio::test]
async fn a_gateways_page_instead_of_one_answer_loses_nothing() {
    for status in [200, 502] {
        let (world, request) = (World::start().await, three_chunks());
        world.server.dial().add(
            Rule::once(Effect::Html { status })
                .on("POST", CHUNKS)
                .skip(1),
        );
        let outcome = world.deliver(&request).await;
        assert!(is_verified(&outcome), "{status}: {outcome:?}");
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_host_that_answers_with_web_pages_is_named() {
    for status in [200, 404] {
        let world = World::start().await;
        world
            .server
            .dial()
            .add(Rule::always(Effect::Html { status }));
        let error = world.deliver(&three_chunks()).await.unwrap_err();
        assert_eq!(error.diagnose().code, Code::NotThisService, "{status}");
    }
}

#[tokio::test]
async fn a_wrong_key_creates_nothing_and_is_never_shown() {
    let (world, request) = (World::start().await, three_chunks());
    let wrong = "ak_wrong_marker";
    let result = firmdrop_cloud::pelion::upload::upload(
        &world.pelion_with_key(wrong),
        &request,
        UploadState::default(),
        &Journal::default(),
        &world.told,
        &world.cancel,
    )
    .await;
    let error = result.unwrap_err();
    assert_eq!(error.diagnose().code, Code::KeyRefused);
    assert!(world.server.record().jobs.is_empty());
    let shown = format!(
        "{error} {error:?} {:?} {:?}",
        error.diagnose(),
        world.pelion_with_key(wrong)
    );
    assert!(!shown.contains(wrong));
}

#[tokio::test]
async fn the_key_shows_in_no_failure() {
    let effects = [
        Effect::Silence,
        Effect::LoseAnswer,
        Effect::Html { status: 200 },
        Effect::ServerError { status: 500 },
    ];
    for effect in effects {
        let mut world = World::start().await;
        world.silence = Duration::from_secs(1);
        world.server.dial().add(Rule::always(effect));
        let error = world.deliver(&three_chunks()).await.unwrap_err();
        let notes = world.told.notes.lock().unwrap();
        let shown = format!("{error} {error:?} {:?} {notes:?}", error.diagnose());
        assert!(!shown.contains(KEY), "{shown}");
    }
}

/// Tells other bytes of the last MiB once it is switched.
struct Changing {
    before: MemorySource,
    after: MemorySource,
    changed: AtomicBool,
    changes_at: u64,
}

impl Source for Changing {
    fn len(&self) -> u64 {
        self.before.len()
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if offset >= self.changes_at {
            self.changed.store(true, Ordering::Relaxed);
        }
        if self.changed.load(Ordering::Relaxed) {
            self.after.read_at(offset, buffer)
        } else {
            self.before.read_at(offset, buffer)
        }
    }
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_sent_is_never_finished() {
    for changes_at in [0, 6 * MIB, 11 * MIB] {
        let (world, request) = (World::start().await, three_chunks());
        let before = MemorySource::new(bytes(11 * MIB + 17, 7));
        let after = MemorySource::new(bytes(11 * MIB + 17, 1234));
        let changed = AtomicBool::new(false);
        let request = with_source(
            &request,
            Changing {
                before,
                after,
                changed,
                changes_at,
            },
        );
        let error = world.deliver(&request).await.unwrap_err();
        assert_eq!(
            error.diagnose().code,
            Code::FileChanged,
            "{changes_at}: {error:?}"
        );
        assert!(world.server.images().is_empty());
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_says_so_and_finishes_nothing() {
    struct Broken(MemorySource, io::ErrorKind);
    impl Source for Broken {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            if offset >= 6 * MIB {
                Err(self.1.into())
            } else {
                self.0.read_at(offset, buffer)
            }
        }
    }
    let cases = [
        (io::ErrorKind::PermissionDenied, Code::ReadFailed),
        (io::ErrorKind::InvalidData, Code::FileChanged),
    ];
    for (kind, code) in cases {
        let (world, request) = (World::start().await, three_chunks());
        let source = Broken(MemorySource::new(bytes(11 * MIB + 17, 7)), kind);
        let error = world
            .deliver(&with_source(&request, source))
            .await
            .unwrap_err();
        assert_eq!(error.diagnose().code, code);
        assert!(world.server.images().is_empty());
    }
}

#[tokio::test]
async fn what_the_service_would_refuse_is_refused_before_anything_is_sent() {
    let world = World::start().await;
    let long = UploadRequest {
        name: "n".repeat(129),
        ..three_chunks()
    };
    assert_eq!(
        world.deliver(&long).await.unwrap_err().diagnose().code,
        Code::NameTooLong
    );
    let longest = UploadRequest {
        name: "ü".repeat(128),
        ..request(bytes(10, 1))
    };
    assert!(is_verified(&world.deliver(&longest).await));
    let empty = request(Vec::new());
    assert_eq!(
        world.deliver(&empty).await.unwrap_err().diagnose().code,
        Code::EmptyFile
    );
    let shorter = UploadRequest {
        promise: Promise {
            size_bytes: 11,
            sha256: Sha256::of(b""),
        },
        ..request(bytes(10, 1))
    };
    assert_eq!(
        world.deliver(&shorter).await.unwrap_err().diagnose().code,
        Code::FileChanged
    );
}

#[tokio::test]
async fn a_person_stops_it_and_goes_on_later() {
    let (mut world, request) = (World::start().await, three_chunks());
    *world.told.stop_at.lock().unwrap() = Some((5 * MIB, world.cancel.clone()));
    let journal = Journal::default();
    let error = world.upload(&request, &journal).await.unwrap_err();
    assert!(matches!(error, UploadError::Stopped { .. }));
    assert!(error.diagnose().state_now.contains("keeps 1 chunk "));
    *world.told.stop_at.lock().unwrap() = None;
    world.cancel = tokio_util::sync::CancellationToken::new();
    assert!(is_verified(
        &world
            .upload(&request, &Journal::resumed(journal.state()))
            .await
    ));
    world.holds_exactly(&request);
}

#[tokio::test]
async fn stopped_inside_a_chunk_it_sends_only_that_chunk_again() {
    let (mut world, request) = (World::start().await, three_chunks());
    let slow = Effect::Bandwidth {
        bytes_per_second: 16 * MIB,
    };
    world.server.dial().add(Rule::always(slow));
    *world.told.stop_at.lock().unwrap() = Some((7 * MIB, world.cancel.clone()));
    let journal = Journal::default();
    let stopped = world.upload(&request, &journal).await;
    assert!(
        matches!(stopped, Err(UploadError::Stopped { .. })),
        "{stopped:?}"
    );
    assert_eq!(journal.lines().last().unwrap(), "sending 2");
    *world.told.stop_at.lock().unwrap() = None;
    world.cancel = tokio_util::sync::CancellationToken::new();
    world.server.dial().clear();
    let resumed = Journal::resumed(journal.state());
    assert!(is_verified(&world.upload(&request, &resumed).await));
    world.holds_exactly(&request);
    let job = world.only_job();
    assert!(job.received_bytes - job.stored_bytes() <= 5 * MIB);
}

/// Its bytes at 6 MiB are wrong in the second and every further even reading, up to the last one
/// that is damaged: the readings are hash, body, hash again, body again, and so on.
struct Flipping {
    right: MemorySource,
    readings: AtomicU32,
    damaged_until: u32,
}

impl Source for Flipping {
    fn len(&self) -> u64 {
        self.right.len()
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.right.read_at(offset, buffer)?;
        if offset == 6 * MIB {
            let reading = self.readings.fetch_add(1, Ordering::Relaxed) + 1;
            if reading.is_multiple_of(2) && reading <= self.damaged_until {
                buffer[0] ^= 1;
            }
        }
        Ok(read)
    }
}

fn flipping(damaged_until: u32) -> UploadRequest {
    let source = Flipping {
        right: MemorySource::new(bytes(11 * MIB + 17, 7)),
        readings: AtomicU32::new(0),
        damaged_until,
    };
    with_source(&three_chunks(), source)
}

#[tokio::test]
async fn a_chunk_that_arrives_damaged_is_sent_again() {
    let (world, request, journal) = (World::start().await, flipping(6), Journal::default());
    let outcome = world.upload(&request, &journal).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    world.holds_exactly(&request);
    let job = world.only_job();
    assert_eq!(job.received_bytes - job.stored_bytes(), 3 * 5 * MIB);
    assert_eq!(journal.sent_again(), 1);
}

#[tokio::test]
async fn a_chunk_that_keeps_arriving_damaged_is_given_up() {
    let world = World::start().await;
    let error = world.deliver(&flipping(u32::MAX)).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::ChunkDamaged, "{error:?}");
    assert!(diagnosis.state_now.contains("keeps 1 chunk "));
    assert_eq!(world.only_job().chunks.len(), 1);
}

#[tokio::test]
async fn a_small_file_goes_in_one_request() {
    let (world, request, journal) = (World::start().await, whole(3 * MIB + 1), Journal::default());
    assert!(is_verified(&world.upload(&request, &journal).await));
    world.holds_exactly(&request);
    assert!(world.server.record().jobs.is_empty());
    assert_eq!(journal.lines(), ["creating", "image"]);
    assert_eq!(
        *world.told.phases.lock().unwrap(),
        ["check_file", "send_body", "compare"]
    );
}

#[tokio::test]
async fn a_small_file_is_looked_for_before_it_is_sent_again() {
    let (world, request) = (World::start().await, whole(MIB));
    world
        .server
        .dial()
        .add(Rule::once(Effect::LoseAnswer).on("POST", ""));
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    let cut = World::start().await;
    let effect = Effect::CutInBody {
        after_bytes: Some(1000),
    };
    cut.server.dial().add(Rule::once(effect).on("POST", ""));
    assert!(is_verified(&cut.deliver(&request).await));
    cut.holds_exactly(&request);
}

#[tokio::test]
async fn a_small_file_killed_before_its_answer_is_not_sent_twice() {
    for death in [
        Death::AfterLine(0),
        Death::BeforeLine(1),
        Death::AfterLine(1),
    ] {
        let (world, request) = (World::start().await, whole(MIB));
        let journal = Journal::dying(death);
        assert!(world.upload(&request, &journal).await.is_err());
        let resumed = Journal::resumed(journal.state());
        assert!(
            is_verified(&world.upload(&request, &resumed).await),
            "{death:?}"
        );
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_small_file_under_a_taken_name_is_not_sent() {
    for refuse_taken_image_name in [false, true] {
        let options = PelionOptions {
            refuse_taken_image_name,
            ..PelionOptions::new(KEY)
        };
        let (world, request) = (World::with(options).await, whole(MIB));
        world.deliver(&request).await.unwrap();
        let again = world.deliver(&request).await;
        assert!(
            matches!(again, Err(UploadError::SameImageExists { .. })),
            "{again:?}"
        );
        let other = UploadRequest {
            chunking: Chunking::default(),
            ..pelion_world::request(bytes(MIB, 9))
        };
        let taken = world.deliver(&other).await;
        assert!(
            matches!(taken, Err(UploadError::NameTaken { .. })),
            "{taken:?}"
        );
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_is_named_soon() {
    let pelion = pelion_at("http://127.0.0.1:1", KEY);
    let world = World::start().await;
    let result = firmdrop_cloud::pelion::upload::upload(
        &pelion,
        &three_chunks(),
        UploadState::default(),
        &Journal::default(),
        &world.told,
        &world.cancel,
    )
    .await;
    let diagnosis = result.unwrap_err().diagnose();
    assert_eq!(diagnosis.code, Code::HostUnreachable);
    assert_eq!(diagnosis.state_now, "The service keeps nothing.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_takes_chunks_by_itself_and_they_grow() {
    let (world, request) = (World::start().await, whole(128 * MIB));
    let outcome = world.deliver(&request).await;
    assert!(
        matches!(outcome, Ok(Outcome::Verified { .. })),
        "{outcome:?}"
    );
    world.holds_exactly(&request);
    let lengths: Vec<u64> = world
        .only_job()
        .chunks
        .iter()
        .map(|chunk| chunk.length / MIB)
        .collect();
    assert_eq!(lengths.first(), Some(&32));
    assert_eq!(lengths.iter().sum::<u64>(), 128);
}
