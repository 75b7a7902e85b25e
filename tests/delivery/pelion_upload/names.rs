//! What the service holds under our name, and chunks that are not ours.

use firmdrop_cloud::pelion::upload::{UploadError, UploadRequest, UploadState};
use firmdrop_core::{Code, Diagnose as _, MIB, Remedy};

use super::pelion_world::{Death, Journal, World, bytes, is_verified, request, three_chunks};

#[tokio::test]
async fn an_upload_job_with_foreign_chunks_is_left_alone_and_named() {
    let world = World::start().await;
    let (ours, theirs) = (three_chunks(), request(bytes(11 * MIB + 17, 99)));
    let journal = Journal::dying(Death::AfterLine(5));
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
    let journal = Journal::dying(Death::AfterLine(4));
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
        let journal = Journal::dying(Death::AfterLine(5));
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
    let journal = Journal::dying(Death::AfterLine(4));
    assert!(world.upload(&request, &journal).await.is_err());
    let job_id = journal.state().upload_job_id.unwrap();
    world.pelion().delete_upload_job(&job_id).await.unwrap();
    let error = world
        .upload(&request, &Journal::resumed(journal.state()))
        .await
        .unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::UploadJobGone);
    // It may be another host's, or be shown again later.
    assert!(error.is_resumable());
    assert!(diagnosis.remedies.contains(&Remedy::Resume));
    assert!(diagnosis.why.contains("another host"), "{}", diagnosis.why);
    assert!(diagnosis.state_now.contains("If it was deleted"));
}

#[tokio::test]
async fn a_finished_upload_job_whose_image_was_deleted_is_named_with_what_frees_the_name() {
    let (world, request) = (World::start().await, three_chunks());
    world.deliver(&request).await.unwrap();
    let image_id = world.server.images()[0].id.clone();
    let pelion = world.pelion();
    pelion.delete_firmware_image(&image_id).await.unwrap();
    let query = firmdrop_cloud::pelion::ListQuery::default();
    let job_id = pelion.upload_jobs(&query).await.unwrap().data[0].id.clone();
    let error = world.deliver(&request).await.unwrap_err();
    let UploadError::NameTaken { holder, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(holder.contains("image was deleted"), "{holder}");
    let diagnosis = error.diagnose();
    let deletes = |remedy: &Remedy| matches!(remedy, Remedy::Advice { text } if text.contains(&format!("delete the upload job {job_id}")));
    assert!(diagnosis.remedies.iter().any(deletes), "{diagnosis:?}");
    assert!(!diagnosis.why.contains("not the same"), "{}", diagnosis.why);
}

#[tokio::test]
async fn of_several_images_of_one_name_the_one_with_our_bytes_is_offered() {
    use firmdrop_cloud::pelion::NewImage;
    let (world, ours) = (World::start().await, request(bytes(6 * MIB, 8)));
    let pelion = world.pelion();
    for seed in [9, 8, 10] {
        let content = bytes(6 * MIB, seed);
        let image = NewImage {
            name: &ours.name,
            description: "",
            file_name: "a.bin",
        };
        let body = firmdrop_net::StreamedBody {
            length_bytes: content.len() as u64,
            pieces: Box::pin(futures::stream::iter([Ok(content.into())])),
        };
        pelion.post_firmware_image(image, body).await.unwrap();
    }
    let error = world.deliver(&ours).await.unwrap_err();
    let UploadError::SameImageExists { image_id, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(
        pelion
            .firmware_image(image_id)
            .await
            .unwrap()
            .datafile_checksum,
        ours.expected.sha256.to_string()
    );
}
