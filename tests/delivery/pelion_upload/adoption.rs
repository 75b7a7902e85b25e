//! An unfinished upload job that somebody else began under our name.

use firmdrop_cloud::pelion::upload::{UploadError, UploadRequest, UploadState};
use firmdrop_core::{Code, Diagnose as _, Diagnosis, MIB, Remedy};
use firmdrop_simulator::pelion::PelionOptions;

use super::pelion_world::{Death, Journal, KEY, World, bytes, is_verified, request, three_chunks};
use super::whole;

/// The same file under the same name, but begun by another program.
fn theirs(ours: &UploadRequest) -> UploadRequest {
    UploadRequest {
        description: "nightly build".to_owned(),
        ..ours.clone()
    }
}

/// Somebody begins an upload and leaves it after this line of their journal; answers its id.
async fn left_behind(world: &World, request: &UploadRequest, line: usize) -> String {
    let journal = Journal::dying(Death::AfterLine(line));
    assert!(world.upload(request, &journal).await.is_err());
    journal.state().upload_job_id.unwrap()
}

#[track_caller]
fn offers(diagnosis: &Diagnosis, upload_job_id: &str) {
    let adopt = Remedy::AdoptUploadJob {
        upload_job_id: upload_job_id.to_owned(),
    };
    assert_eq!(diagnosis.remedies.first(), Some(&adopt), "{diagnosis:?}");
    let another = |remedy: &Remedy| matches!(remedy, Remedy::ChooseAnotherName { .. });
    assert!(diagnosis.remedies.iter().any(another), "{diagnosis:?}");
    assert!(
        diagnosis.why.contains("may still be sending"),
        "{diagnosis:?}"
    );
}

#[tokio::test]
async fn an_unfinished_job_with_the_beginning_of_our_file_is_offered_and_left_alone() {
    for attempted in [false, true] {
        let (world, ours) = (World::start().await, three_chunks());
        let id = left_behind(&world, &theirs(&ours), 4).await;
        let state = UploadState {
            create_attempted: attempted,
            ..UploadState::default()
        };
        let error = world
            .upload(&ours, &Journal::resumed(state))
            .await
            .unwrap_err();
        assert!(
            matches!(error, UploadError::UnfinishedJobExists { .. }),
            "{attempted}: {error:?}"
        );
        let diagnosis = error.diagnose();
        assert_eq!(diagnosis.code, Code::NameTaken);
        offers(&diagnosis, &id);
        assert!(
            diagnosis.state_now.contains("1 chunk (5.0 of 11.0 MiB)"),
            "{diagnosis:?}"
        );
        assert_eq!(world.only_job().chunks.len(), 1, "nothing was sent");
    }
}

#[tokio::test]
async fn an_adopted_job_is_finished_without_sending_its_chunks_again() {
    let (world, ours) = (World::start().await, three_chunks());
    let id = left_behind(&world, &theirs(&ours), 7).await;
    let adopted = UploadState {
        upload_job_id: Some(id),
        create_attempted: true,
        ..UploadState::default()
    };
    let journal = Journal::resumed(adopted);
    assert!(is_verified(&world.upload(&ours, &journal).await));
    world.holds_exactly(&ours);
    let job = world.only_job();
    assert_eq!(job.received_bytes, job.stored_bytes());
    let receipts = journal.state().receipts;
    let numbers: Vec<u32> = receipts.iter().map(|receipt| receipt.number).collect();
    assert_eq!(
        numbers,
        [1, 2, 3],
        "what was found there is written down too"
    );
}

#[tokio::test]
async fn an_empty_unfinished_job_is_offered_and_called_empty() {
    let (world, ours) = (World::start().await, three_chunks());
    let id = left_behind(&world, &theirs(&ours), 1).await;
    let diagnosis = world.deliver(&ours).await.unwrap_err().diagnose();
    offers(&diagnosis, &id);
    assert!(diagnosis.state_now.contains("empty"), "{diagnosis:?}");
}

#[tokio::test]
async fn chunks_of_other_bytes_leave_the_name_taken_and_say_which_chunk_differs() {
    let world = World::start().await;
    let other = request(bytes(11 * MIB, 77));
    left_behind(&world, &other, 4).await;
    let error = world.deliver(&three_chunks()).await.unwrap_err();
    assert!(matches!(error, UploadError::NameTaken { .. }), "{error:?}");
    let diagnosis = error.diagnose();
    let differs = |detail: &firmdrop_core::Detail| {
        detail.label == "What differs" && detail.value.contains("chunk 1 has the MD5")
    };
    assert!(diagnosis.details.iter().any(differs), "{diagnosis:?}");
    let adopt = |remedy: &Remedy| matches!(remedy, Remedy::AdoptUploadJob { .. });
    assert!(!diagnosis.remedies.iter().any(adopt), "{diagnosis:?}");
}

#[tokio::test]
async fn a_small_file_whose_name_an_unfinished_job_holds_goes_on_in_that_job() {
    let options = PelionOptions {
        refuse_taken_image_name: true,
        ..PelionOptions::new(KEY)
    };
    let (world, ours) = (World::with(options).await, whole(11 * MIB));
    let chunked = UploadRequest {
        chunking: three_chunks().chunking,
        ..theirs(&ours)
    };
    let id = left_behind(&world, &chunked, 4).await;
    let diagnosis = world.deliver(&ours).await.unwrap_err().diagnose();
    offers(&diagnosis, &id);
    let adopted = UploadState {
        upload_job_id: Some(id),
        create_attempted: true,
        ..UploadState::default()
    };
    let outcome = world.upload(&ours, &Journal::resumed(adopted)).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    world.holds_exactly(&ours);
}
