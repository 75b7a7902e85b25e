//! Jobs of one engine, from the plan to the ledger, in a world where things go wrong.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../support/engine_world.rs"]
mod engine_world;

use engine_world::{
    CHUNK_BYTES, KEY, World, assert_verified, bytes, deliver, failure, pelion, pieces, plan,
    reader_1, settled, state, submit_and_wait_for_chunks, until,
};
use firmdrop_core::{Code, NoteKind, Remedy};
use firmdrop_engine::{
    Chain, DeliveredResult, DeliveryOptions, Destination, ImageFile, JobState, PhaseResult,
};
use firmdrop_simulator::fault::{Effect, Fault, Rule};

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_chunks_ends_verified_with_a_ledger_entry() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 5, 1);
    let job = deliver(&engine, &image, &pelion()).await;
    assert_verified(&job.state);
    world.service_holds_exactly(&image);
    let job = engine.job(&job.id).unwrap();
    assert_eq!(job.summary.percent, 100);
    assert_eq!(job.pieces.len(), 6);
    assert_eq!((job.resumed, job.sent_again), (0, 0));
    for run in &job.phases {
        assert_eq!(run.result, PhaseResult::Done, "{}", run.key);
    }
    let ledger = engine.journal().ledger(Chain::Demo).unwrap();
    assert_eq!(ledger.len(), 1);
    assert_eq!(ledger[0].delivered.sha256, image.promise.sha256);
    assert_eq!(Some(ledger[0].hash), job.ledger_entry);
    let intact = engine.journal().verify_ledger(Chain::Demo).unwrap();
    assert_eq!(intact, Ok(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_upload_goes_on_with_the_chunks_that_are_missing() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let image = world.image("puck.bin", 5, 2);
    let id = submit_and_wait_for_chunks(&engine, &plan(&engine, &image, &pelion()), 2).await;
    engine.pause(&id).unwrap();
    assert_eq!(settled(&engine, &id).await.state, JobState::Paused);
    let again = engine.pause(&id).unwrap_err();
    assert_eq!(again.code, Code::JobCannotDo, "it is paused already");
    engine.resume(&id).unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    world.service_holds_exactly(&image);
    assert_eq!(engine.job(&id).unwrap().resumed, 1);
    let sent = world.only_upload_job().received_bytes;
    assert!(
        sent <= image.promise.size_bytes + CHUNK_BYTES,
        "more than one chunk was sent again: {sent} bytes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_upload_says_what_the_service_keeps_and_cannot_be_resumed() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let image = world.image("puck.bin", 5, 3);
    let id = submit_and_wait_for_chunks(&engine, &plan(&engine, &image, &pelion()), 2).await;
    engine.cancel(&id).unwrap();
    let JobState::Cancelled { state_now } = settled(&engine, &id).await.state else {
        panic!("not cancelled");
    };
    let upload_job = world.server.record().jobs.keys().next().unwrap().clone();
    assert!(state_now.contains(&upload_job), "{state_now}");
    assert!(state_now.contains("chunks"), "{state_now}");
    assert!(world.server.images().is_empty());
    assert_eq!(engine.resume(&id).unwrap_err().code, Code::JobNotResumable);
    let ledger = engine.journal().ledger(Chain::Demo).unwrap();
    assert!(matches!(
        ledger[0].delivered.result,
        DeliveredResult::Cancelled { .. }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_survives_everything_a_line_can_do() {
    let faults = [
        (
            "the answer to a chunk is lost",
            Rule::once(Effect::LoseAnswer).on("POST", "/chunks").skip(1),
        ),
        (
            "the answer to the finish is lost",
            Rule::once(Effect::LoseAnswer).on("POST", "/chunks").skip(3),
        ),
        (
            "the answer to the creation is lost",
            Rule::once(Effect::LoseAnswer).on("POST", "/upload-jobs"),
        ),
        (
            "the line is cut inside a chunk",
            Rule::once(Effect::CutInBody { after_bytes: None })
                .on("POST", "/chunks")
                .skip(1),
        ),
        (
            "the service fails twice",
            Rule::always(Effect::ServerError { status: 503 })
                .on("POST", "/chunks")
                .times(2),
        ),
        (
            "the service asks to wait",
            Rule::once(Effect::RateLimit {
                retry_after_seconds: 1,
            })
            .on("POST", "/chunks"),
        ),
    ];
    for (what, rule) in faults {
        let world = World::start().await;
        world.server.dial().add(rule);
        let engine = world.engine();
        let image = world.image("puck.bin", 2, 4);
        let job = deliver(&engine, &image, &pelion()).await;
        assert!(
            matches!(job.state, JobState::Finished { .. }),
            "{what}: {:?}",
            job.state
        );
        assert_verified(&job.state);
        world.service_holds_exactly(&image);
        // A rule that is used up is off the dial.
        let left = world.server.dial().state().rules;
        assert!(left.is_empty(), "{what}: it never happened");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_plug_is_waited_for_and_the_upload_goes_on() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let image = world.image("puck.bin", 3, 5);
    let plan = plan(&engine, &image, &pelion());
    let mut watch = engine.watch();
    let id = submit_and_wait_for_chunks(&engine, &plan, 1).await;
    world.server.dial().turn(Fault::PullThePlug, true);
    let waits = || {
        let notes = engine.job(&id).unwrap().notes;
        notes.iter().any(|timed| timed.note.kind == NoteKind::Retry)
    };
    until(&mut watch, waits).await;
    assert!(matches!(state(&engine, &id), JobState::Running { .. }));
    world.server.dial().turn(Fault::PullThePlug, false);
    assert_verified(&settled(&engine, &id).await.state);
    world.service_holds_exactly(&image);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_name_offers_the_existing_image_or_another_name() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 1, 6);
    assert_verified(&deliver(&engine, &image, &pelion()).await.state);
    let existing = world.server.images()[0].id.clone();

    let same = deliver(&engine, &image, &pelion()).await;
    let diagnosis = failure(&same.state);
    assert_eq!(diagnosis.code, Code::NameTaken);
    let use_it = Remedy::UseExistingImage { image_id: existing };
    assert!(diagnosis.remedies.contains(&use_it), "{diagnosis:?}");

    let other = deliver(&engine, &world.image("puck.bin", 1, 7), &pelion()).await;
    let diagnosis = failure(&other.state);
    assert_eq!(diagnosis.code, Code::NameTaken);
    let suggestion = diagnosis.remedies.iter().find_map(|remedy| match remedy {
        Remedy::ChooseAnotherName { suggestion } => Some(suggestion.clone()),
        _ => None,
    });
    let free = ImageFile::read(&world.folder.path().join("puck.bin")).unwrap();
    let options = DeliveryOptions {
        name: suggestion,
        chunk_bytes: Some(CHUNK_BYTES),
        ..DeliveryOptions::default()
    };
    let plan = engine.plan(&free, &pelion(), &options).unwrap();
    let id = engine.submit(&plan).unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    assert_eq!(world.server.images().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_and_a_host_that_answers_html_are_told_apart() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 1, 8);
    world.account("bench", &world.server.url(), "ak_wrong");
    let refused = deliver(&engine, &image, &pelion()).await;
    assert_eq!(failure(&refused.state).code, Code::KeyRefused);

    world.account("bench", &world.server.url(), KEY);
    let page = Effect::Html { status: 200 };
    world.server.dial().add(Rule::always(page));
    let page = deliver(&engine, &image, &pelion()).await;
    assert_eq!(failure(&page.state).code, Code::NotThisService);
    for job in [refused, page] {
        assert!(!failure(&job.state).remedies.is_empty());
    }
    assert!(world.server.record().jobs.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changed_since_the_plan_is_not_sent() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 1, 9);
    let planned = plan(&engine, &image, &pelion());
    for content in [bytes(CHUNK_BYTES + 17, 10), bytes(100, 9), Vec::new()] {
        world.file("puck.bin", &content);
        let id = engine.submit(&planned).unwrap();
        let job = settled(&engine, &id).await;
        assert_eq!(failure(&job.state).code, Code::FileChanged);
    }
    assert!(world.server.record().requests.is_empty());
    // Written again with the same bytes, it is the same file.
    world.image("puck.bin", 1, 9);
    let id = engine.submit(&planned).unwrap();
    assert_verified(&settled(&engine, &id).await.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_while_it_is_sent_never_becomes_an_image() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let image = world.image("puck.bin", 4, 11);
    let plan = plan(&engine, &image, &pelion());
    let id = submit_and_wait_for_chunks(&engine, &plan, 1).await;
    world.file("puck.bin", &bytes(image.promise.size_bytes, 12));
    let job = settled(&engine, &id).await;
    assert_eq!(failure(&job.state).code, Code::FileChanged);
    assert!(world.server.images().is_empty(), "it was finished");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_delivered_is_refused_before_anything_is_touched() {
    let world = World::start().await;
    let engine = world.engine();
    let empty = ImageFile::read(&world.file("empty.bin", b"")).unwrap_err();
    assert_eq!(empty.code, Code::EmptyFile);

    let image = world.image("puck.bin", 1, 13);
    let named = |length: usize| DeliveryOptions {
        name: Some("n".repeat(length)),
        ..DeliveryOptions::default()
    };
    let long = engine.plan(&image, &pelion(), &named(129)).unwrap_err();
    assert_eq!(long.code, Code::NameTooLong);
    assert!(engine.plan(&image, &pelion(), &named(128)).is_ok());

    let unknown: Destination = "pelion:nobody".parse().unwrap();
    let nobody = engine.plan(&image, &unknown, &named(3)).unwrap_err();
    assert_eq!(nobody.code, Code::AccountNotFound);

    let damaged = world.file("damaged.hex", b":0400000001020304F3\n:00000001FF\n");
    let damaged = ImageFile::read(&damaged).unwrap();
    let damaged = engine.plan(&damaged, &pelion(), &named(3)).unwrap_err();
    assert_eq!(damaged.code, Code::DoesNotFit);
    for diagnosis in [empty, long, nobody, damaged] {
        assert!(!diagnosis.remedies.is_empty(), "{diagnosis:?}");
    }
    assert!(engine.jobs(10).unwrap().is_empty());
    assert!(world.server.record().requests.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_one_destination_run_one_after_the_other() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let images = [world.image("a.bin", 1, 14), world.image("b.bin", 1, 15)];
    let mut watch = engine.watch();
    let ids = images.each_ref().map(|image| {
        let plan = plan(&engine, image, &pelion());
        engine.submit(&plan).unwrap()
    });
    let mut waited = false;
    until(&mut watch, || {
        let states = ids.each_ref().map(|id| state(&engine, id));
        let running = |state: &&JobState| matches!(state, JobState::Running { .. });
        assert!(states.iter().filter(running).count() <= 1, "two at once");
        waited |= states.contains(&JobState::Queued) && states.iter().any(|state| running(&state));
        states.iter().all(JobState::is_ended)
    })
    .await;
    assert!(waited, "the second never waited");
    for id in &ids {
        assert_verified(&state(&engine, id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_two_destinations_run_at_once() {
    let world = World::start().await;
    let other = World::start().await;
    world.account("other", &other.server.url(), KEY);
    world.slow_chunks();
    other.slow_chunks();
    let engine = world.engine();
    let image = world.image("puck.bin", 2, 16);
    let mut watch = engine.watch();
    let ids = [pelion(), "pelion:other".parse().unwrap()].map(|to| {
        let plan = plan(&engine, &image, &to);
        engine.submit(&plan).unwrap()
    });
    until(&mut watch, || {
        ids.iter()
            .all(|id| matches!(state(&engine, id), JobState::Running { .. }))
    })
    .await;
    for id in &ids {
        assert_verified(&settled(&engine, id).await.state);
    }
    world.service_holds_exactly(&image);
    other.service_holds_exactly(&image);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_there_already_ends_the_job_verified_without_a_byte_sent() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 1, 21);
    assert_verified(&deliver(&engine, &image, &pelion()).await.state);
    let twin = deliver(&engine, &image, &pelion()).await;
    assert_eq!(failure(&twin.state).code, Code::NameTaken);
    let posts = || {
        let record = world.server.record();
        let post = |request: &&firmdrop_simulator::pelion::RequestEntry| request.method == "POST";
        record.requests.iter().filter(post).count()
    };
    let before = posts();
    engine.use_existing(&twin.id).unwrap();
    assert_verified(&settled(&engine, &twin.id).await.state);
    assert_eq!(posts(), before, "something was sent");
    assert_eq!(world.server.images().len(), 1);
    let again = engine.use_existing(&twin.id).unwrap_err();
    assert_eq!(again.code, Code::JobCannotDo, "it has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_image_that_differs_by_now_is_never_called_verified() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 1, 22);
    assert_verified(&deliver(&engine, &image, &pelion()).await.state);
    let twin = deliver(&engine, &image, &pelion()).await;
    world.server.dial().add(Rule::always(Effect::WrongChecksum));
    engine.use_existing(&twin.id).unwrap();
    let state = settled(&engine, &twin.id).await.state;
    assert_eq!(failure(&state).code, Code::RemoteDiffers);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_upload_of_somebody_else_is_adopted_only_when_a_person_says_so() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 3, 23);
    let upload_job = world.somebody_begins("puck.bin", 2).await;
    let ours = deliver(&engine, &image, &pelion()).await;
    let adopt = Remedy::AdoptUploadJob {
        upload_job_id: upload_job,
    };
    assert_eq!(failure(&ours.state).remedies.first(), Some(&adopt));
    assert_eq!(world.only_upload_job().chunks.len(), 2, "left alone");
    assert!(engine.resume(&ours.id).is_err(), "not by a mere resume");
    engine.adopt_upload_job(&ours.id).unwrap();
    assert_verified(&settled(&engine, &ours.id).await.state);
    world.service_holds_exactly(&image);
    let job = world.only_upload_job();
    assert_eq!(job.received_bytes, job.stored_bytes(), "sent twice");
    assert_eq!(pieces(&engine, &ours.id), 4, "those found there count");
    let again = engine.adopt_upload_job(&ours.id).unwrap_err();
    assert_eq!(again.code, Code::JobCannotDo, "it has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adopted_upload_job_that_somebody_went_on_with_otherwise_is_left_alone() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 3, 24);
    let upload_job = world.somebody_begins("puck.bin", 1).await;
    let ours = deliver(&engine, &image, &pelion()).await;
    world.append(&upload_job, bytes(CHUNK_BYTES, 99)).await;
    engine.adopt_upload_job(&ours.id).unwrap();
    let state = settled(&engine, &ours.id).await.state;
    assert_eq!(failure(&state).code, Code::UploadJobPoisoned);
    assert_eq!(world.only_upload_job().chunks.len(), 2, "nothing was sent");
    assert!(world.server.images().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_can_be_cancelled_before_its_turn() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let image = world.image("a.bin", 3, 17);
    let first = submit_and_wait_for_chunks(&engine, &plan(&engine, &image, &pelion()), 1).await;
    let second = world.image("b.bin", 1, 18);
    let second = engine.submit(&plan(&engine, &second, &pelion())).unwrap();
    engine.cancel(&second).unwrap();
    let JobState::Cancelled { state_now } = settled(&engine, &second).await.state else {
        panic!("not cancelled");
    };
    assert_eq!(state_now, "Nothing was stored with the service.");
    assert_verified(&settled(&engine, &first).await.state);
    world.service_holds_exactly(&image);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_loaded_and_verified() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.reader_image();
    let job = deliver(&engine, &image, &reader_1()).await;
    assert_verified(&job.state);
    assert_eq!(world.reader.slot_sha256(0), image.promise.sha256);
    assert!(world.reader.is_confirmed());
    let ledger = engine.journal().ledger(Chain::Demo).unwrap();
    assert_eq!(ledger[0].delivered.destination, "sim:reader-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_load_goes_on_where_the_reader_is() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.reader_image();
    let old = world.reader.slot_sha256(0);
    let mut watch = engine.watch();
    let id = engine.submit(&plan(&engine, &image, &reader_1())).unwrap();
    until(&mut watch, || {
        let progress = engine.job(&id).unwrap().summary.progress;
        progress.confirmed_bytes >= 16 * 1024
    })
    .await;
    engine.pause(&id).unwrap();
    assert_eq!(settled(&engine, &id).await.state, JobState::Paused);
    assert_eq!(world.reader.slot_sha256(0), old, "the old image must run");
    engine.resume(&id).unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    assert_eq!(world.reader.slot_sha256(0), image.promise.sha256);
    let sent = world.reader.counters().upload_bytes;
    assert!(sent < 192 * 1024, "it began anew: {sent} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_load_leaves_the_old_image_running() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.reader_image();
    let old = world.reader.slot_sha256(0);
    let mut watch = engine.watch();
    let id = engine.submit(&plan(&engine, &image, &reader_1())).unwrap();
    until(&mut watch, || {
        let progress = engine.job(&id).unwrap().summary.progress;
        progress.confirmed_bytes >= 16 * 1024
    })
    .await;
    engine.cancel(&id).unwrap();
    let JobState::Cancelled { state_now } = settled(&engine, &id).await.state else {
        panic!("not cancelled");
    };
    assert!(state_now.contains("old image"), "{state_now}");
    assert_eq!(world.reader.slot_sha256(0), old);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_access_key_is_seen_nowhere_but_in_its_file() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 1, 19);
    let wrong = format!("{KEY}_wrong");
    let trouble = [
        (KEY, None),
        (
            KEY,
            Some(Rule::always(Effect::Html { status: 200 }).times(2)),
        ),
        (
            KEY,
            Some(Rule::once(Effect::LoseAnswer).on("POST", "/chunks")),
        ),
        (&wrong, None),
    ];
    let mut texts = Vec::new();
    for (number, (key, rule)) in trouble.into_iter().enumerate() {
        world.account("bench", &world.server.url(), key);
        if let Some(rule) = rule {
            world.server.dial().add(rule);
        }
        let options = DeliveryOptions {
            name: Some(format!("puck-{number}")),
            chunk_bytes: Some(CHUNK_BYTES),
            ..DeliveryOptions::default()
        };
        let plan = engine.plan(&image, &pelion(), &options).unwrap();
        let id = engine.submit(&plan).unwrap();
        settled(&engine, &id).await;
        texts.push(engine.job_log(&id).unwrap());
        texts.push(serde_json::to_string(&engine.job(&id).unwrap()).unwrap());
    }
    texts.push(format!("{engine:?}"));
    for text in &texts {
        assert!(!text.contains(KEY), "{text}");
    }
    let home = world.home();
    for file in std::fs::read_dir(home.folder()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let content = std::fs::read(&path).unwrap();
            let shown = content
                .windows(KEY.len())
                .any(|window| window == KEY.as_bytes());
            assert!(!shown, "{} holds the key", path.display());
        }
    }
}

/// Changes the journal behind the engine's back, as a fault of the disk would.
fn meddle(world: &World, statement: &str) {
    rusqlite::Connection::open(world.home().journal())
        .unwrap()
        .execute_batch(statement)
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_refuses_a_new_job_leaves_nothing_half_made() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 1, 20);
    let plan = plan(&engine, &image, &pelion());
    meddle(
        &world,
        "CREATE TRIGGER refuses BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let refused = engine.submit(&plan).unwrap_err();
    assert_eq!(refused.code, Code::JournalDamaged);
    assert!(engine.jobs(10).unwrap().is_empty());
    assert!(!engine.is_busy());
    assert!(world.server.record().requests.is_empty());
    meddle(&world, "DROP TRIGGER refuses");
    let id = engine.submit(&plan).unwrap();
    assert_verified(&settled(&engine, &id).await.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_refuses_a_line_stops_the_job_until_it_can_be_written_again() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 3, 21);
    meddle(
        &world,
        "CREATE TRIGGER refuses BEFORE INSERT ON event WHEN NEW.body LIKE '%piece_sending%'
             AND (SELECT COUNT(*) FROM event WHERE body LIKE '%piece_sending%') = 2
         BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let job = deliver(&engine, &image, &pelion()).await;
    let diagnosis = failure(&job.state);
    assert_eq!(diagnosis.code, Code::JournalDamaged);
    assert!(diagnosis.remedies.contains(&Remedy::Resume));
    assert_eq!(
        world.only_upload_job().chunks.len(),
        2,
        "a chunk was sent that is not written down"
    );
    meddle(&world, "DROP TRIGGER refuses");
    engine.resume(&job.id).unwrap();
    assert_verified(&settled(&engine, &job.id).await.state);
    world.service_holds_exactly(&image);
}
