//! What the dial does to requests, and what it leaves in the record.

use std::time::{Duration, Instant};

use firmdrop_core::Sha256;
use firmdrop_simulator::{
    fault::{Effect, Fault, Rule},
    pelion::Ended,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::*;

async fn world_with_job() -> (World, String) {
    let world = World::start().await;
    let job = world.job("meter").await;
    (world, job)
}

fn last_ended(world: &World) -> Ended {
    world.server.record().requests.back().unwrap().ended
}

#[tokio::test]
async fn a_chunk_cut_in_its_body_is_not_stored_and_can_be_sent_again() {
    let (world, job) = world_with_job().await;
    let bytes = noise(1, CHUNK_BYTES);
    world.server.dial().add(Rule::once(Effect::CutInBody {
        after_bytes: Some(1_000_000),
    }));
    assert!(world.chunk(&job, &bytes).send().await.is_err());
    assert_eq!(last_ended(&world), Ended::CutInBody);
    assert_eq!(
        world.read(&format!("{job}/chunks")).await["data"],
        json!([])
    );
    world.store(&job, &bytes).await;
    world.store(&job, b"").await;
    assert_eq!(world.server.images()[0].sha256, Sha256::of(&bytes));
    let record = world.server.record();
    let entry = record.jobs.values().next().unwrap();
    assert_eq!(entry.arrivals.len(), 1 + 1);
    assert!(entry.arrivals.iter().all(|arrival| arrival.times == 1));
    assert!(entry.received_bytes > 1_000_000 + CHUNK_BYTES as u64);
}

#[tokio::test]
async fn a_body_over_the_limit_of_a_proxy_gets_its_413_and_is_not_stored() {
    let (world, job) = world_with_job().await;
    let limit = Effect::BodyLimit { most_bytes: 10 };
    world.server.dial().add(Rule::always(limit));
    let answer = world.chunk(&job, b"eleven byte").send().await.unwrap();
    assert_eq!(answer.status(), 413);
    assert!(answer.text().await.unwrap().contains("<html>"));
    world.store(&job, b"ten bytes.").await;
    let page = world.read(&format!("{job}/chunks")).await;
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    assert_eq!(page["data"][0]["length"], 10);
}

#[tokio::test]
async fn a_chunk_whose_answer_is_lost_is_stored() {
    let (world, job) = world_with_job().await;
    world.server.dial().add(Rule::once(Effect::LoseAnswer));
    assert!(world.chunk(&job, b"bytes").send().await.is_err());
    assert_eq!(last_ended(&world), Ended::AnswerLost);
    let page = world.read(&format!("{job}/chunks")).await;
    assert_eq!(page["data"][0]["length"], 5);
    world.store(&job, b"bytes").await;
    let record = world.server.record();
    assert_eq!(record.jobs.values().next().unwrap().repeated_chunks(), [2]);
}

#[tokio::test]
async fn server_errors_come_as_often_as_asked_and_nothing_is_carried_out() {
    let (world, job) = world_with_job().await;
    world
        .server
        .dial()
        .add(Rule::always(Effect::ServerError { status: 503 }).times(2));
    for _ in 0..2 {
        let refused = world.append(&job, b"bytes").await;
        assert_refused(refused, 503, "internal_server_error").await;
    }
    assert_eq!(world.store(&job, b"bytes").await["id"], 1);
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back() {
    let (world, job) = world_with_job().await;
    world.server.dial().add(Rule::once(Effect::RateLimit {
        retry_after_seconds: 7,
    }));
    let response = world.append(&job, b"bytes").await;
    assert_eq!(response.headers()["retry-after"], "7");
    assert_refused(response, 429, "too_many_requests").await;
}

#[tokio::test]
async fn a_gateways_page_comes_instead_of_json() {
    let (world, job) = world_with_job().await;
    world
        .server
        .dial()
        .add(Rule::once(Effect::Html { status: 200 }));
    let response = world.get(&job).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert!(
        response
            .text()
            .await
            .unwrap()
            .starts_with("<!DOCTYPE html>")
    );
}

#[tokio::test]
async fn silence_lasts_until_the_client_gives_up() {
    let (world, job) = world_with_job().await;
    world.server.dial().turn(Fault::Silence, true);
    let request = world
        .request(Method::GET, &job)
        .timeout(Duration::from_millis(100));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(last_ended(&world), Ended::Silenced);
    world.server.dial().turn(Fault::Silence, false);
    world.read(&job).await;
}

#[tokio::test]
async fn answers_lie_about_hash_and_checksum_while_the_truth_is_stored() {
    let (world, job) = world_with_job().await;
    world.server.dial().add(Rule::once(Effect::WrongHash));
    world.server.dial().add(Rule::once(Effect::WrongChecksum));
    let truth = Md5::of(b"bytes").to_string();
    assert_ne!(world.store(&job, b"bytes").await["hash"], truth);
    assert_eq!(world.read(&format!("{job}/chunks/1")).await["hash"], truth);
    world.store(&job, b"").await;
    let image = world.read(&job).await["firmware_image_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("{IMAGES}/{image}");
    let truth = Sha256::of(b"bytes").to_string();
    assert_ne!(world.read(&path).await["datafile_checksum"], truth);
    assert_eq!(world.read(&path).await["datafile_checksum"], truth);
}

#[tokio::test]
async fn latency_and_bandwidth_make_requests_slow() {
    let (world, job) = world_with_job().await;
    world
        .server
        .dial()
        .add(Rule::once(Effect::Latency { milliseconds: 50 }));
    let begun = Instant::now();
    world.read(&job).await;
    assert!(begun.elapsed() >= Duration::from_millis(50));
    world.server.dial().add(Rule::always(Effect::Bandwidth {
        bytes_per_second: 1_000_000,
    }));
    let begun = Instant::now();
    world.store(&job, &noise(1, 200_000)).await;
    assert!(begun.elapsed() >= Duration::from_millis(195));
}

#[tokio::test]
async fn a_pulled_plug_resets_connections_and_refuses_new_ones_until_it_is_in_again() {
    let (world, job) = world_with_job().await;
    world.server.dial().turn(Fault::Silence, true);
    let hanging = tokio::spawn(world.request(Method::GET, &job).send());
    while last_ended(&world) != Ended::Silenced {
        tokio::task::yield_now().await;
    }
    world.server.dial().turn(Fault::PullThePlug, true);
    assert!(hanging.await.unwrap().is_err());
    world.server.until_listening(false).await;
    let refused = world.request(Method::GET, &job).send().await.unwrap_err();
    assert!(refused.is_connect(), "{refused:?}");
    world.server.dial().clear();
    world.server.until_listening(true).await;
    assert_eq!(world.read(&job).await["name"], "meter");
}

#[tokio::test]
async fn the_dial_can_be_turned_and_the_record_read_from_outside_without_a_key() {
    let (world, job) = world_with_job().await;
    let faults = format!("{}/simulator/faults", world.server.url());
    let change = json!({"add": [{"effect": {"kind": "lose_answer"}, "times": 1}],
        "turn_on": ["slow_network"]});
    let state = world
        .client
        .post(&faults)
        .json(&change)
        .send()
        .await
        .unwrap();
    let state: Value = state.json().await.unwrap();
    assert_eq!(state["presets"], json!(["slow_network"]));
    assert!(world.request(Method::GET, &job).send().await.is_err());
    let nonsense = world
        .client
        .post(&faults)
        .json(&json!({"turn_onn": []}))
        .send()
        .await
        .unwrap();
    assert_eq!(nonsense.status(), StatusCode::BAD_REQUEST);
    let cleared = world
        .client
        .post(&faults)
        .json(&json!({"clear": true}))
        .send()
        .await
        .unwrap();
    let cleared: Value = cleared.json().await.unwrap();
    assert_eq!(
        cleared,
        json!({"plugged_in": true, "presets": [], "rules": []})
    );
    let record = format!("{}/simulator/record", world.server.url());
    let record: Value = world
        .client
        .get(record)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(record["requests"][1]["ended"], "answer_lost");
    assert_eq!(record["requests"][1]["status"], 200);
    assert_eq!(record["requests"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_plug_pulled_from_outside_goes_in_again_by_itself() {
    let (world, job) = world_with_job().await;
    let faults = format!("{}/simulator/faults", world.server.url());
    let change = json!({"turn_on": ["pull_the_plug"], "plug_in_after_milliseconds": 20});
    // The plug may take the answer with it.
    let _ = world.client.post(&faults).json(&change).send().await;
    world.server.until_listening(true).await;
    let mut plug = world.server.dial().plug();
    plug.wait_for(|plugged_in| *plugged_in).await.unwrap();
    world.server.until_listening(true).await;
    world.read(&job).await;
}

#[tokio::test]
async fn an_orderly_end_answers_what_is_running_and_an_abrupt_one_does_not() {
    let (world, job) = world_with_job().await;
    world
        .server
        .dial()
        .add(Rule::once(Effect::Latency { milliseconds: 50 }));
    let running = tokio::spawn(world.request(Method::GET, &job).send());
    while world.server.record().requests.len() < 2 {
        tokio::task::yield_now().await;
    }
    world.server.shut_down().await;
    assert_eq!(running.await.unwrap().unwrap().status(), StatusCode::OK);
    assert!(world.request(Method::GET, &job).send().await.is_err());

    let (world, job) = world_with_job().await;
    world.server.dial().turn(Fault::Silence, true);
    let running = tokio::spawn(world.request(Method::GET, &job).send());
    while world.server.record().requests.len() < 2 {
        tokio::task::yield_now().await;
    }
    world.server.kill().await;
    assert!(running.await.unwrap().is_err());
    assert!(world.request(Method::GET, &job).send().await.is_err());
}

#[tokio::test]
async fn a_cut_is_a_reset_of_the_connection_and_no_orderly_end() {
    let (world, job) = world_with_job().await;
    for (effect, expected) in [
        (
            Effect::CutInBody {
                after_bytes: Some(2),
            },
            Ended::CutInBody,
        ),
        (Effect::LoseAnswer, Ended::AnswerLost),
    ] {
        world.server.dial().add(Rule::once(effect));
        let mut stream = TcpStream::connect(world.server.address()).await.unwrap();
        let head = format!(
            "POST {job}/chunks HTTP/1.1\r\nHost: loopback\r\nAuthorization: Bearer {KEY}\r\n\
             Content-Type: binary/octet-stream\r\nContent-Length: 5\r\n\r\nbytes"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let error = stream.read(&mut [0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        assert_eq!(last_ended(&world), expected);
    }
}

#[tokio::test]
async fn a_client_that_dies_inside_a_chunk_leaves_nothing_stored() {
    let (world, job) = world_with_job().await;
    let mut stream = TcpStream::connect(world.server.address()).await.unwrap();
    let head = format!(
        "POST {job}/chunks HTTP/1.1\r\nHost: loopback\r\nAuthorization: Bearer {KEY}\r\n\
         Content-Type: binary/octet-stream\r\nContent-Length: 5\r\n\r\nbyt"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    while world.server.record().requests.back().unwrap().body_bytes < 3 {
        tokio::task::yield_now().await;
    }
    drop(stream);
    while last_ended(&world) == Ended::Running {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.read(&job).await["status"], "not_started");
    world.store(&job, b"bytes").await;
    world.store(&job, b"").await;
    assert_eq!(world.server.images()[0].sha256, Sha256::of(b"bytes"));
}

#[tokio::test]
async fn a_client_that_sends_everything_before_it_listens_still_gets_an_early_refusal() {
    let (world, job) = world_with_job().await;
    let mut stream = TcpStream::connect(world.server.address()).await.unwrap();
    let body = noise(1, 4 * CHUNK_BYTES);
    let head = format!(
        "POST {job}/chunks HTTP/1.1\r\nHost: loopback\r\nAuthorization: Bearer wrong\r\n\
         Content-Type: binary/octet-stream\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 401");
}
