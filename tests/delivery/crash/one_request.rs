//! A file that goes in one request: what is in flight is the whole of it.

use firmdrop_engine::DeliveryOptions;

use crate::death::Death;
use crate::engine_world::{World, pelion};
use crate::{Story, dies_everywhere};

async fn in_one_request(world: &World) -> Story {
    let image = world.image("puck.bin", 0, 1);
    let engine = world.engine();
    let (files, to) = (image.clone().into(), pelion());
    let options = DeliveryOptions::default();
    let plan = engine.plan(&files, &to, &options).await.unwrap();
    assert!(plan.phases.iter().any(|phase| phase.key == "send_body"));
    let again_bytes = image.expected.size_bytes;
    Story::upload(image, plan, again_bytes)
}

#[test]
fn a_process_that_dies_right_after_any_line_is_followed_by_one_that_ends_verified() {
    let lines = dies_everywhere(Death::AfterLine, &in_one_request);
    assert!(lines > 6, "only {lines} lines: the test lost its subject");
}

#[test]
fn a_process_that_dies_before_it_can_write_what_happened_is_followed_by_one_that_ends_verified() {
    let lines = dies_everywhere(Death::BeforeLine, &in_one_request);
    assert!(lines > 6, "only {lines} lines: the test lost its subject");
}
