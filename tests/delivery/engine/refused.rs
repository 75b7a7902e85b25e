//! What is not sent: with a wrong key, from a changed file, to nobody.

use firmdrop_core::Code;
use firmdrop_engine::{DeliveryOptions, ImageFile, Impact};
use firmdrop_simulator::fault::{Effect, Rule};

use super::engine_world::{
    CHUNK_BYTES, KEY, World, assert_verified, bytes, deliver, failure, pelion, plan, reader_1,
    settled, submit_and_wait_for_chunks,
};

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
    let planned = plan(&engine, &image, &pelion()).await;
    for content in [bytes(CHUNK_BYTES + 17, 10), bytes(100, 9), Vec::new()] {
        world.file("puck.bin", &content);
        let id = engine.submit(&planned).await.unwrap();
        let job = settled(&engine, &id).await;
        assert_eq!(failure(&job.state).code, Code::FileChanged);
    }
    assert!(world.server.record().requests.is_empty());
    // Written again with the same bytes, it is the same file.
    world.image("puck.bin", 1, 9);
    let id = engine.submit(&planned).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_while_it_is_sent_never_becomes_an_image() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let image = world.image("puck.bin", 4, 11);
    let plan = plan(&engine, &image, &pelion()).await;
    let id = submit_and_wait_for_chunks(&engine, &plan, 1).await;
    world.file("puck.bin", &bytes(image.expected.size_bytes, 12));
    let job = settled(&engine, &id).await;
    assert_eq!(failure(&job.state).code, Code::FileChanged);
    assert!(world.server.images().is_empty(), "it was finished");
    // What is there is the beginning of the file as it was.
    world.image("puck.bin", 4, 11);
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
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
    let long = engine
        .plan(&image.clone().into(), &pelion(), &named(129))
        .await
        .unwrap_err();
    assert_eq!(long.code, Code::NameTooLong);
    assert!(
        engine
            .plan(&image.clone().into(), &pelion(), &named(128))
            .await
            .is_ok()
    );

    let unknown = firmdrop_backend::pelion::destination("nobody");
    let nobody = engine
        .plan(&image.clone().into(), &unknown, &named(3))
        .await
        .unwrap_err();
    assert_eq!(nobody.code, Code::AccountNotFound);

    let damaged = world.file("damaged.hex", b":0400000001020304F3\n:00000001FF\n");
    let damaged = ImageFile::read(&damaged).unwrap();
    let stored = engine
        .plan(&damaged.clone().into(), &pelion(), &named(3))
        .await
        .unwrap();
    assert_eq!(stored.impact, Impact::Upload, "it reaches no device");
    let damaged = engine
        .plan(&damaged.into(), &reader_1(), &named(3))
        .await
        .unwrap_err();
    assert_eq!(damaged.code, Code::DoesNotFit);
    for diagnosis in [empty, long, nobody, damaged] {
        assert!(!diagnosis.remedies.is_empty(), "{diagnosis:?}");
    }
    assert!(engine.jobs(10).unwrap().is_empty());
    assert!(world.server.record().requests.is_empty());
}
