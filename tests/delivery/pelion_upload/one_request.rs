//! A small file in one request.

use firmdrop_cloud::pelion::upload::{Chunking, UploadError, UploadRequest};
use firmdrop_core::MIB;
use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_simulator::pelion::PelionOptions;

use super::pelion_world::{Death, Journal, KEY, World, bytes, is_verified};
use super::whole;

#[tokio::test]
async fn a_small_file_goes_in_one_request() {
    let (world, request, journal) = (World::start().await, whole(3 * MIB + 1), Journal::default());
    assert!(is_verified(&world.upload(&request, &journal).await));
    world.holds_exactly(&request);
    assert!(world.server.record().jobs.is_empty());
    assert_eq!(journal.lines(), ["creating", "handing over", "image"]);
    assert_eq!(
        *world.events.phases.lock().unwrap(),
        ["check_file", "send_body", "compare"]
    );
}

#[tokio::test]
async fn a_small_file_is_looked_for_before_it_is_sent_again() {
    let (world, request) = (World::start().await, whole(MIB));
    world
        .server
        .dial()
        .add(Rule::once(Effect::LoseAnswer).on("POST", ""));
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    let cut = World::start().await;
    let effect = Effect::CutInBody {
        after_bytes: Some(1000),
    };
    cut.server.dial().add(Rule::once(effect).on("POST", ""));
    assert!(is_verified(&cut.deliver(&request).await));
    cut.holds_exactly(&request);
}

#[tokio::test]
async fn a_small_file_killed_before_its_answer_is_not_sent_twice() {
    for death in [
        Death::AfterLine(0),
        Death::BeforeLine(1),
        Death::AfterLine(1),
        Death::BeforeLine(2),
        Death::AfterLine(2),
    ] {
        let (world, request) = (World::start().await, whole(MIB));
        let journal = Journal::dying(death);
        assert!(world.upload(&request, &journal).await.is_err());
        let resumed = Journal::resumed(journal.state());
        assert!(
            is_verified(&world.upload(&request, &resumed).await),
            "{death:?}"
        );
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_small_file_under_a_taken_name_is_not_sent() {
    for refuse_taken_image_name in [false, true] {
        let options = PelionOptions {
            refuse_taken_image_name,
            ..PelionOptions::new(KEY)
        };
        let (world, request) = (World::with(options).await, whole(MIB));
        world.deliver(&request).await.unwrap();
        let again = world.deliver(&request).await;
        assert!(
            matches!(again, Err(UploadError::SameImageExists { .. })),
            "{again:?}"
        );
        let other = UploadRequest {
            chunking: Chunking::default(),
            ..super::pelion_world::request(bytes(MIB, 9))
        };
        let taken = world.deliver(&other).await;
        assert!(
            matches!(taken, Err(UploadError::NameTaken { .. })),
            "{taken:?}"
        );
        world.holds_exactly(&request);
    }
}
