//! Names that the service holds already: an image, an unfinished upload, something else.

use firmdrop_core::{Code, Remedy};
use firmdrop_engine::{DeliveryOptions, ImageFile};
use firmdrop_simulator::fault::{Effect, Rule};

use super::engine_world::{
    CHUNK_BYTES, World, assert_verified, bytes, deliver, failure, in_chunks, pelion, pieces,
    settled,
};

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
        ..in_chunks(CHUNK_BYTES)
    };
    let plan = engine
        .plan(&free.into(), &pelion(), &options)
        .await
        .unwrap();
    let id = engine.submit(&plan).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    assert_eq!(world.server.images().len(), 2);
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
    engine.use_existing(&twin.id).await.unwrap();
    assert_verified(&settled(&engine, &twin.id).await.state);
    assert_eq!(posts(), before, "something was sent");
    assert_eq!(world.server.images().len(), 1);
    let again = engine.use_existing(&twin.id).await.unwrap_err();
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
    engine.use_existing(&twin.id).await.unwrap();
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
    assert!(
        engine.resume(&ours.id).await.is_err(),
        "not by a mere resume"
    );
    engine.adopt_upload_job(&ours.id).await.unwrap();
    assert_verified(&settled(&engine, &ours.id).await.state);
    world.service_holds_exactly(&image);
    let job = world.only_upload_job();
    assert_eq!(job.received_bytes, job.stored_bytes(), "sent twice");
    assert_eq!(pieces(&engine, &ours.id), 4, "those found there count");
    let again = engine.adopt_upload_job(&ours.id).await.unwrap_err();
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
    engine.adopt_upload_job(&ours.id).await.unwrap();
    let state = settled(&engine, &ours.id).await.state;
    assert_eq!(failure(&state).code, Code::UploadJobPoisoned);
    assert_eq!(world.only_upload_job().chunks.len(), 2, "nothing was sent");
    assert!(world.server.images().is_empty());
}
