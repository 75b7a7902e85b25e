//! What the service holds is there again after its process was killed.

use std::io::BufRead as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use firmdrop_core::Sha256;
use firmdrop_simulator::pelion::{Inventory, Pace, Storage};
use tokio::sync::mpsc::UnboundedSender;

use super::campaign_world::{AT_ONCE, HOUR, after, fleet};
use super::*;

fn options(folder: &Path) -> PelionOptions {
    PelionOptions {
        state: Some(folder.join("state")),
        inventory: Inventory::demo(),
        ..PelionOptions::new(KEY)
    }
}

/// A server on the folder; the one before it is gone without having been asked to end.
async fn on(folder: &Path) -> World {
    World::with(options(folder)).await
}

/// Drops a server, and waits until its port is closed.
async fn cut(world: World) {
    world.server.kill().await;
}

async fn everything(world: &World) -> Vec<Value> {
    let mut all = Vec::new();
    for path in [
        IMAGES, JOBS, MANIFESTS, CAMPAIGNS, DEVICES, QUERIES, GROUPS, EVENTS,
    ] {
        let path = format!("{path}?limit=1000&include=total_count");
        all.push(world.read(&path).await);
    }
    all
}

#[tokio::test]
async fn an_upload_goes_on_after_the_service_was_cut_and_the_image_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (noise(1, CHUNK_BYTES), noise(2, 1000));
    let world = on(folder.path()).await;
    let address = world.server.address();
    let job = world.job("puck").await;
    world.store(&job, &first).await;
    let before = (
        world.read(&job).await,
        world.read(&format!("{job}/chunks")).await,
    );
    cut(world).await;

    let world = on(folder.path()).await;
    assert_eq!(world.server.address(), address, "the address moved");
    assert_eq!(world.read(&job).await, before.0);
    assert_eq!(world.read(&format!("{job}/chunks")).await, before.1);
    world.store(&job, &second).await;
    cut(world).await;

    let world = on(folder.path()).await;
    world.store(&job, b"").await;
    cut(world).await;

    let world = on(folder.path()).await;
    let whole = [first, second].concat();
    let images = world.server.images();
    assert_eq!(images.len(), 1);
    assert_eq!(images[0].sha256, Sha256::of(&whole));
    assert_eq!(images[0].size_bytes, whole.len() as u64);
    assert_eq!(world.read(&job).await["status"], "completed");
}

#[tokio::test]
async fn stored_bytes_are_those_that_were_answered_whatever_else_lies_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = folder.path().join("bytes");
    let options = || PelionOptions {
        storage: Storage::Directory(bytes.clone()),
        ..options(folder.path())
    };
    let (first, second) = (noise(3, CHUNK_BYTES), noise(4, 1000));
    let world = World::with(options()).await;
    let job = world.job("puck").await;
    world.store(&job, &first).await;
    cut(world).await;
    // As a process leaves it that was killed inside an append.
    let id = job.rsplit('/').next().unwrap();
    let path = bytes.join(format!("{id}.job"));
    let torn = [&first[..], &second[..500]].concat();
    std::fs::write(&path, torn).unwrap();
    for leftover in ["1.part", "2.bin", "3.job"] {
        std::fs::write(bytes.join(leftover), b"half").unwrap();
    }

    let world = World::with(options()).await;
    let names = || std::fs::read_dir(&bytes).unwrap().count();
    assert_eq!(names(), 1, "only the job's bytes are named");
    world.store(&job, &second).await;
    world.store(&job, b"").await;
    assert_eq!(names(), 1, "only the image's bytes are named");
    cut(world).await;

    let world = World::with(options()).await;
    let image = world.server.images().remove(0);
    let there = std::fs::read(bytes.join(format!("{}.bin", image.id))).unwrap();
    assert!(there == [first, second].concat());
}

#[tokio::test]
async fn devices_groups_and_queries_are_as_they_were_left() {
    let folder = tempfile::tempdir().unwrap();
    let world = on(folder.path()).await;
    let fresh = everything(&world).await;
    cut(world).await;
    let world = on(folder.path()).await;
    assert_eq!(everything(&world).await, fresh, "the beginning moved");

    let devices = fresh[4]["data"].as_array().unwrap();
    let id = |index: usize| devices[index]["id"].as_str().unwrap();
    let renamed = format!("{DEVICES}/{}", id(0));
    let change = json!({ "name": "renamed", "description": "by hand" });
    let changed = world.send(Method::PUT, &renamed, &change).await;
    assert_eq!(changed.status(), StatusCode::OK);
    let deleted = world.delete(&format!("{DEVICES}/{}", id(1))).await;
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    let group = fresh[6]["data"][0]["id"].as_str().unwrap();
    let member = json!({ "device_id": id(2) });
    let path = format!("{GROUPS}/{group}/devices/remove");
    let removed = world.send(Method::POST, &path, &member).await;
    assert_eq!(removed.status(), StatusCode::OK);
    let query = json!({ "name": "mine", "query": "state__eq=registered" });
    let made = world.send(Method::POST, QUERIES, &query).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let left = everything(&world).await;
    assert_ne!(left, fresh);
    cut(world).await;

    // Twice: the second time it was written anew.
    for _ in 0..2 {
        let world = on(folder.path()).await;
        assert_eq!(everything(&world).await, left);
        cut(world).await;
    }
}

#[tokio::test]
async fn a_running_campaign_goes_on_with_its_devices() {
    let folder = tempfile::tempdir().unwrap();
    let slow = Pace {
        delivery: HOUR,
        installation: HOUR,
        ..AT_ONCE
    };
    let options = || PelionOptions {
        inventory: Inventory::of(fleet(20)),
        pace: slow,
        ..options(folder.path())
    };
    let world = World::with(options()).await;
    let manifest = world.manifest(|_| {}).await;
    let campaign = world.campaign_for_all("spring", &manifest).await;
    world.go(&campaign, "start").await;
    after(HOUR / 2).await;
    let members = format!("{campaign}/campaign-device-metadata");
    let before = (
        world.read(&campaign).await,
        world.read(&members).await,
        world.counts(&campaign).await,
    );
    assert_eq!(before.0["state"], "deploying");
    cut(world).await;

    let world = World::with(options()).await;
    assert_eq!(world.read(&campaign).await, before.0);
    assert_eq!(world.read(&members).await, before.1);
    assert_eq!(world.counts(&campaign).await, before.2);
    after(HOUR * 4).await;
    assert_eq!(world.read(&campaign).await["phase"], "stopped");
    assert_eq!(world.counts(&campaign).await, [0, 0, 0, 20]);
    let left = everything(&world).await;
    cut(world).await;
    let world = World::with(options()).await;
    assert_eq!(everything(&world).await, left);
}

#[tokio::test]
async fn a_damaged_state_is_set_aside_and_the_world_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let world = on(folder.path()).await;
    world.job("puck").await;
    cut(world).await;
    let state = folder.path().join("state");
    let text = std::fs::read_to_string(state.join("state.jsonl")).unwrap();
    let damaged = text.replace("\"upload_job\"", "\"upload_jab\"");
    assert_ne!(damaged, text);
    std::fs::write(state.join("state.jsonl"), &damaged).unwrap();

    let world = on(folder.path()).await;
    assert_eq!(world.read(JOBS).await["data"], json!([]));
    let aside = std::fs::read_to_string(state.join("state.damaged"));
    assert_eq!(aside.unwrap(), damaged);
}

/// Names the folder to the child process.
const CHILD: &str = "FIRMDROP_TEST_STATE";
/// Answers until the child is killed.
const ANSWERS: usize = 60;

/// A process that serves the folder until it is killed, and where it listens.
fn child(folder: &Path) -> (Child, String) {
    let name = "persistence::what_was_answered_is_there_after_kill_9";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let mut urls =
        lines.filter_map(|line| Some(line.unwrap().split_once("serving ")?.1.to_owned()));
    let url = urls.next().unwrap();
    (child, url)
}

/// Makes upload jobs with one chunk until the service is gone; reports what was answered.
async fn upload(url: String, worker: usize, answered: UnboundedSender<(String, Vec<u8>)>) {
    let client = Client::builder().no_proxy().build().unwrap();
    for number in 0.. {
        let body = json!({ "name": format!("{worker}-{number}") });
        let request = client.post(format!("{url}{JOBS}")).bearer_auth(KEY);
        let Ok(made) = request.json(&body).send().await else {
            return;
        };
        assert_eq!(made.status(), StatusCode::CREATED);
        let Ok(made) = made.json::<Value>().await else {
            return;
        };
        let id = made["id"].as_str().unwrap();
        let bytes = noise(number, 3000);
        let request = client.post(format!("{url}{JOBS}/{id}/chunks"));
        let request = request.header("Content-Type", "binary/octet-stream");
        let Ok(stored) = request.bearer_auth(KEY).body(bytes.clone()).send().await else {
            return;
        };
        assert_eq!(stored.status(), StatusCode::CREATED);
        answered.send((id.to_owned(), bytes)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_there_after_kill_9() {
    if let Some(folder) = std::env::var_os(CHILD) {
        let server = PelionServer::start(options(Path::new(&folder))).await;
        println!("\nserving {}", server.as_ref().unwrap().url());
        return std::future::pending().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let (mut child, url) = child(folder.path());
    let (answers, mut answered) = tokio::sync::mpsc::unbounded_channel();
    for worker in 0..4 {
        tokio::spawn(upload(url.clone(), worker, answers.clone()));
    }
    drop(answers);
    let mut stored = Vec::new();
    while stored.len() < ANSWERS {
        stored.extend(answered.recv().await);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // Until every worker has seen that the service is gone.
    while let Some(one) = answered.recv().await {
        stored.push(one);
    }

    let world = on(folder.path()).await;
    for (job, bytes) in stored {
        let job = format!("{JOBS}/{job}");
        let chunks = world.read(&format!("{job}/chunks")).await;
        assert_eq!(chunks["data"].as_array().unwrap().len(), 1, "{job}");
        world.store(&job, b"").await;
        let images = world.server.images();
        assert_eq!(images.last().unwrap().sha256, Sha256::of(&bytes));
    }
}
