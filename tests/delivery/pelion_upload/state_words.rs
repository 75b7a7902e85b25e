//! Words for the state of an upload job that no document lists.

use firmdrop_cloud::pelion::upload::{UploadError, UploadRequest, upload};
use firmdrop_core::{Code, Diagnose as _, NoteKind, Outcome};
use firmdrop_test_support::gateway::{Act, Gateway, unchanged};

use super::pelion_world::{Journal, KEY, World, is_verified, pelion_at, three_chunks};
use super::whole;

async fn through(
    world: &World,
    request: &UploadRequest,
    answers: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
) -> Result<Outcome, UploadError> {
    let url = world.server.url();
    let gateway = Gateway::rewriting(&url, |_| Act::Pass, unchanged, answers).await;
    let pelion = pelion_at(&gateway.url(), KEY);
    let (journal, events) = (Journal::default(), &world.events);
    let state = journal.state();
    upload(&pelion, request, state, &journal, events, &world.cancel).await
}

/// The upload job, as soon as it is finished, with this word for its state instead.
fn with_word(word: &'static str) -> impl Fn(&str, Vec<u8>) -> Vec<u8> {
    move |line, body| {
        let Ok(mut json) = serde_json::from_slice::<serde_json::Value>(&body) else {
            return body;
        };
        let is_of_a_job = line.starts_with("GET") && line.contains("/upload-jobs/");
        if is_of_a_job
            && json["firmware_image_id"]
                .as_str()
                .is_some_and(|id| !id.is_empty())
        {
            json["status"] = word.into();
            for said in ["completed", "complete"] {
                json.as_object_mut().unwrap().remove(said);
            }
        }
        json.to_string().into_bytes()
    }
}

#[tokio::test]
async fn an_upload_job_that_ended_without_an_image_is_told_with_the_services_word() {
    for word in ["failed", "error", "aborted"] {
        let world = World::start().await;
        let ended = through(&world, &three_chunks(), with_word(word)).await;
        let diagnosis = ended.unwrap_err().diagnose();
        assert_eq!(diagnosis.code, Code::ServiceFailed);
        assert!(diagnosis.what_happened.contains(word), "{diagnosis:?}");
    }
}

#[tokio::test]
async fn a_word_that_nobody_knows_is_shown_and_is_no_end() {
    let world = World::start().await;
    let ended = through(&world, &three_chunks(), with_word("assembling")).await;
    assert!(
        matches!(ended, Err(UploadError::ImageUnknown { .. })),
        "{ended:?}"
    );
    let notes = world.events.notes.lock().unwrap();
    let shown = notes
        .iter()
        .filter(|note| note.kind == NoteKind::Warning && note.text.contains("\"assembling\""));
    assert_eq!(shown.count(), 1, "once");
}

#[tokio::test]
async fn an_image_whose_checksum_is_not_told_is_not_said_to_have_other_bytes() {
    let world = World::start().await;
    assert!(is_verified(&world.deliver(&whole(1 << 20)).await));
    let ended = through(&world, &whole(1 << 20), |_, body| {
        let Ok(text) = String::from_utf8(body) else {
            return Vec::new();
        };
        text.replace("datafile_checksum", "another_field")
            .into_bytes()
    })
    .await;
    let diagnosis = ended.unwrap_err().diagnose();
    assert_eq!(diagnosis.code, Code::NameTaken);
    assert!(diagnosis.why.contains("not known"), "{diagnosis:?}");
}
