//! Answers that say the same in another spelling: a mark before them, numbers as texts, hashes in
//! quotes or in base64.

use firmdrop_cloud::pelion::upload::{UploadRequest, upload};
use firmdrop_core::{MIB, Md5, Sha256};
use firmdrop_test_support::gateway::{Act, Gateway};
use serde_json::Value;

use super::pelion_world::{Journal, KEY, World, is_verified, pelion_at, three_chunks};
use super::whole;

/// Uploads both ways through a gateway that spells every answer so.
async fn is_verified_when(spelled: fn(Vec<u8>) -> Vec<u8>) {
    for request in [three_chunks(), whole(MIB)] {
        uploads(&request, spelled).await;
    }
}

async fn uploads(request: &UploadRequest, spelled: fn(Vec<u8>) -> Vec<u8>) {
    let world = World::start().await;
    let gateway = Gateway::rewriting(
        &world.server.url(),
        |_| Act::Pass,
        firmdrop_test_support::gateway::unchanged,
        move |_, body| spelled(body),
    )
    .await;
    let pelion = pelion_at(&gateway.url(), KEY);
    let (journal, events) = (Journal::default(), &world.events);
    let state = journal.state();
    let outcome = upload(&pelion, request, state, &journal, events, &world.cancel).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    assert_eq!(journal.sent_again(), 0);
    world.holds_exactly(request);
}

/// Every value of an answer, changed by its name.
fn each(body: Vec<u8>, change: fn(&str, Value) -> Value) -> Vec<u8> {
    fn walk(name: &str, value: Value, change: fn(&str, Value) -> Value) -> Value {
        match value {
            Value::Array(rows) => rows
                .into_iter()
                .map(|row| walk(name, row, change))
                .collect(),
            Value::Object(pairs) => pairs
                .into_iter()
                .map(|(name, value)| {
                    let value = walk(&name, value, change);
                    (name, value)
                })
                .collect(),
            value => change(name, value),
        }
    }
    match serde_json::from_slice(&body) {
        Ok(json) => walk("", json, change).to_string().into_bytes(),
        Err(_) => body,
    }
}

#[tokio::test]
async fn a_mark_of_the_byte_order_before_every_answer_changes_nothing() {
    is_verified_when(|body| [b"\xef\xbb\xbf".as_slice(), &body].concat()).await;
}

#[tokio::test]
async fn numbers_that_are_texts_are_numbers() {
    is_verified_when(|body| {
        each(body, |_, value| match value {
            Value::Number(number) => number.to_string().into(),
            Value::Bool(flag) => flag.to_string().into(),
            value => value,
        })
    })
    .await;
}

#[tokio::test]
async fn hashes_are_compared_and_not_their_spelling() {
    is_verified_when(|body| {
        each(body, |name, value| match (name, &value) {
            ("hash" | "datafile_checksum", Value::String(text)) => format!(" \"{text}\" ").into(),
            _ => value,
        })
    })
    .await;
    is_verified_when(|body| {
        each(body, |name, value| match (name, value.as_str()) {
            ("hash", Some(text)) => {
                let base64 = Md5::from_hex(text).unwrap().to_base64();
                base64.trim_end_matches('=').into()
            }
            ("datafile_checksum", Some(text)) => {
                format!("sha256:{}", Sha256::from_hex(text).unwrap().to_base64()).into()
            }
            _ => value,
        })
    })
    .await;
}

#[tokio::test]
async fn a_hash_that_cannot_be_read_is_not_one_that_differs() {
    uploads(&three_chunks(), |body| {
        each(body, |name, value| match name {
            "hash" => "crc32c=AAAAAA".into(),
            _ => value,
        })
    })
    .await;
}

#[tokio::test]
async fn a_creation_that_is_answered_with_another_upload_job_sends_no_chunk_into_it() {
    let world = World::start().await;
    let other = world.pelion().create_upload_job("other", "").await.unwrap();
    let record = serde_json::to_vec(&other).unwrap();
    let gateway = Gateway::rewriting(
        &world.server.url(),
        |_| Act::Pass,
        firmdrop_test_support::gateway::unchanged,
        move |line, body| {
            if line.starts_with("POST") && line.ends_with("/upload-jobs") {
                record.clone()
            } else {
                body
            }
        },
    )
    .await;
    let pelion = pelion_at(&gateway.url(), KEY);
    let (journal, events) = (Journal::default(), &world.events);
    let (request, state) = (three_chunks(), journal.state());
    let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    let record = world.server.record();
    assert_eq!(
        record.jobs[&other.id].chunks.len(),
        0,
        "a foreign job was written"
    );
}

#[tokio::test]
async fn an_error_object_in_the_place_of_an_answer_is_asked_again() {
    use std::sync::atomic::{AtomicU32, Ordering};
    for (of_chunks, part) in [
        (true, "upload-jobs/"),
        (true, "firmware-images/0"),
        (false, "firmware-images?"),
    ] {
        let request = if of_chunks {
            three_chunks()
        } else {
            whole(MIB)
        };
        let world = World::start().await;
        let answered = std::sync::Arc::new(AtomicU32::new(0));
        let count = std::sync::Arc::clone(&answered);
        let busy =
            r#"{"object":"error","code":503,"type":"unavailable","message":"Busy, try again."}"#;
        let gateway = Gateway::rewriting(
            &world.server.url(),
            |_| Act::Pass,
            firmdrop_test_support::gateway::unchanged,
            move |line, body| {
                let concerns = line.starts_with("GET") && line.contains(part);
                if concerns && count.fetch_add(1, Ordering::SeqCst) < 2 {
                    busy.into()
                } else {
                    body
                }
            },
        )
        .await;
        let pelion = pelion_at(&gateway.url(), KEY);
        let (journal, events) = (Journal::default(), &world.events);
        let state = journal.state();
        let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
        assert!(is_verified(&outcome), "{part}: {outcome:?}");
        assert!(answered.load(Ordering::SeqCst) > 2, "{part}");
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn an_image_that_has_another_name_than_its_upload_job_is_verified_and_its_name_is_said() {
    let request = three_chunks();
    let world = World::start().await;
    let named = format!("\"name\":\"{}\"", request.name);
    let gateway = Gateway::rewriting(
        &world.server.url(),
        |_| Act::Pass,
        firmdrop_test_support::gateway::unchanged,
        move |line, body| {
            let text = String::from_utf8_lossy(&body).into_owned();
            if line.contains("upload-jobs") || !text.contains(&named) {
                return body;
            }
            let renamed = format!("{} (1)\"", named.trim_end_matches('"'));
            text.replace(&named, &renamed).into_bytes()
        },
    )
    .await;
    let pelion = pelion_at(&gateway.url(), KEY);
    let (journal, events) = (Journal::default(), &world.events);
    let state = journal.state();
    let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    let notes = events.notes.lock().unwrap();
    assert!(
        notes.iter().any(|note| note.text.contains("(1)")),
        "{notes:?}"
    );
}
