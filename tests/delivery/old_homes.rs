//! Homes that older programs left: they open as they are, and what was interrupted is resumed.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use engine_world::{CHUNK_BYTES, KEY, World, assert_verified, bytes, settled};
use firmdrop_core::Code;
use firmdrop_engine::{
    Against, Chain, Engine, JobId, JobState, JobSummary, LedgerReport, PhaseResult,
};
use firmdrop_simulator::reader::demo_image;
use firmdrop_test_support::engine_world;
use serde_json::Value;

/// The journal of the program of revision ea370d6, and what it said of its jobs.
const JOURNAL: &[u8] = include_bytes!("old_homes/ea370d6.sqlite");
const JOBS: &str = include_str!("old_homes/ea370d6.jobs.json");

/// A world whose home is the old one, with its files and its account beside it.
async fn old_home() -> World {
    let world = World::start().await;
    world.account("demo", &world.server.url(), KEY);
    std::fs::write(world.home().journal(), JOURNAL).unwrap();
    let folder = world.folder.path().display().to_string();
    behind(
        &world,
        "UPDATE job SET plan = replace(plan, '/bench', ?1)",
        &[&folder],
    );
    world.file("interrupted.bin", &bytes(4 * CHUNK_BYTES + 17, 2));
    world.file("paused.bin", &bytes(4 * CHUNK_BYTES + 17, 4));
    std::fs::create_dir_all(world.folder.path().join("firmdrop/downloads")).unwrap();
    let reader = demo_image((1, 1, 0), 384 * 1024);
    world.file("firmdrop/downloads/demo-reader-1.1.0.bin", &reader);
    world
}

/// Changes the old journal before anybody opens it.
fn behind(world: &World, statement: &str, parameters: &[&str]) {
    let connection = rusqlite::Connection::open(world.home().journal()).unwrap();
    let parameters = rusqlite::params_from_iter(parameters);
    connection.execute(statement, parameters).unwrap();
}

fn the_job(engine: &Engine, so: impl Fn(&JobSummary) -> bool) -> JobId {
    let jobs = engine.jobs(100).unwrap();
    jobs.into_iter().find(so).unwrap().id
}

fn share_of_confirmed_bytes(job: &Value) -> u64 {
    let bytes = |name| job["progress"][name].as_u64().unwrap();
    match (job["state"]["state"].as_str(), bytes("total_bytes")) {
        (Some("finished"), _) => 100,
        (_, 0) => 0,
        (_, total) => bytes("confirmed_bytes") * 100 / total,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_home_lists_the_same_jobs_with_the_same_words() {
    let world = old_home().await;
    let engine = world.engine();
    let jobs = serde_json::to_value(engine.jobs(100).unwrap()).unwrap();
    let old: Value = serde_json::from_str(JOBS).unwrap();
    let (jobs, old) = (jobs.as_array().unwrap(), old.as_array().unwrap());
    assert_eq!(jobs.len(), old.len());
    for (job, old) in jobs.iter().zip(old) {
        for (name, value) in old.as_object().unwrap() {
            if name == "percent" {
                // The old program counted steps too; today it is the share of the confirmed bytes.
                assert_eq!(job["percent"], share_of_confirmed_bytes(job), "{job}");
                continue;
            }
            if name == "pace" {
                // It says more today.
                assert!(
                    value
                        .as_object()
                        .unwrap()
                        .iter()
                        .all(|(part, of)| &job["pace"][part] == of)
                );
                continue;
            }
            assert_eq!(&job[name], value, "{name} of {job}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_of_an_old_home_verifies_and_grows() {
    let world = old_home().await;
    let engine = world.engine();
    let report = verify(&engine);
    assert_eq!((report.entries, report.unsigned_of_old), (6, 6));
    assert_eq!(report.findings, []);
    let load = the_job(&engine, |job| {
        job.destination == "sim:reader-1" && matches!(job.state, JobState::Interrupted { .. })
    });
    engine.resume(&load).await.unwrap();
    assert_verified(&settled(&engine, &load).await.state);
    // From the next delivery on the tree covers the old ones too.
    let report = verify(&engine);
    assert_eq!((report.entries, report.signed), (7, 1));
    assert_eq!(report.findings, []);
    behind(&world, "DROP TRIGGER ledger_is_never_changed", &[]);
    behind(
        &world,
        "UPDATE ledger SET body = replace(body, 'verified', 'Verified') WHERE number < ?1",
        &["3"],
    );
    assert!(!verify(&engine).intact);
    let resumed = engine.job(&load).unwrap();
    assert_eq!(resumed.resumed, 1);
    let image = demo_image((1, 1, 0), 384 * 1024);
    assert_eq!(
        world.reader.slot_sha256(0),
        firmdrop_core::Sha256::of(&image)
    );
}

fn verify(engine: &Engine) -> LedgerReport {
    let report = engine.ledger().verify(Chain::Demo, &Against::default());
    report.unwrap()
}

/// Resumes an upload that stopped after so many chunks, at a service that holds them.
async fn resumes(file_name: &str, upload_job: &str, chunks: usize) {
    let world = old_home().await;
    let ours = world.somebody_begins(file_name, chunks).await;
    behind(
        &world,
        "UPDATE event SET body = replace(body, ?1, ?2)",
        &[upload_job, &ours],
    );
    let engine = world.engine();
    let id = the_job(&engine, |job| job.image_name == file_name);
    let before = engine.job(&id).unwrap();
    assert_eq!(
        before.summary.pieces_confirmed,
        Some(u32::try_from(chunks).unwrap())
    );
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    let size = before.plan.image().expected.size_bytes;
    world.service_holds_exactly(before.plan.image());
    assert_eq!(
        world.only_upload_job().received_bytes,
        size,
        "a chunk that the service held was sent again"
    );
    let after = engine.job(&id).unwrap();
    assert_eq!(after.summary.pieces_confirmed, Some(5));
    assert!(
        after
            .phases
            .iter()
            .all(|phase| phase.result == PhaseResult::Done)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_the_old_program_was_killed_in_is_resumed_to_its_end() {
    resumes("interrupted.bin", "000001a2219f048e0000000000000010", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_paused_in_the_old_program_is_resumed_to_its_end() {
    resumes("paused.bin", "000001a2219f4c5d0000000000000017", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_in_the_old_program_stays_ended() {
    let world = old_home().await;
    let engine = world.engine();
    for file_name in ["cancelled.bin", "finished.bin", "puck-2.bin"] {
        let id = the_job(&engine, |job| job.image_name == file_name);
        let refused = engine.resume(&id).await.unwrap_err();
        assert_eq!(refused.code, Code::JobNotResumable, "{file_name}");
    }
    let fleet = the_job(&engine, |job| job.image_name == "puck-2.bin");
    let names: Vec<String> = engine
        .job(&fleet)
        .unwrap()
        .remote
        .into_iter()
        .map(|name| name.label)
        .collect();
    assert_eq!(names, ["Firmware image", "Manifest", "Campaign"]);
}
