//! Without a start: the chain is prepared and proved, and touches no device.

use firmdrop_cloud::pelion::Strategy;
use firmdrop_core::Code;
use firmdrop_engine::PhaseResult;
use firmdrop_simulator::fault::{Effect, Rule};

use crate::engine_world::failure;
use crate::fleet::{holds_exactly_one_chain, image, proof, roll_out, spec, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_ends_verified_with_one_image_one_signed_manifest_and_one_draft() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    let spec = spec(None);
    let job = roll_out(&world, &engine, &spec).await;
    let campaign = holds_exactly_one_chain(&world, &engine, &spec).await;
    assert_eq!(campaign.phase, "draft");
    assert_eq!(campaign.autostop_success_percent, Some(100.0));
    let stated = proof(&job.state);
    assert!(stated.contains(&campaign.id), "{stated}");
    assert!(stated.contains(&campaign.root_manifest_id), "{stated}");
    let job = engine.job(&job.id).unwrap();
    for run in &job.phases {
        assert_eq!(run.result, PhaseResult::Done, "{}", run.key);
    }
    let remote = |label: &str| {
        let found = job.remote.iter().find(|detail| detail.label == label);
        found.map(|detail| detail.value.clone())
    };
    assert_eq!(remote("Manifest"), Some(campaign.root_manifest_id));
    assert_eq!(remote("Campaign"), Some(campaign.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_says_everything_that_was_asked() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    let mut spec = spec(None);
    spec.strategy = Strategy::Continuous;
    spec.stop_at_percent = None;
    roll_out(&world, &engine, &spec).await;
    holds_exactly_one_chain(&world, &engine, &spec).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_reads_back_differently_proves_nothing() {
    let world = world(3).await;
    let page = Rule::once(Effect::Html { status: 200 });
    world.server.dial().add(page.on("GET", "/datafiles/"));
    let engine = world.engine();
    image(&world);
    let job = roll_out(&world, &engine, &spec(None)).await;
    let diagnosis = failure(&job.state);
    assert_eq!(diagnosis.code, Code::RemoteDiffers);
    assert!(diagnosis.state_now.contains("is a draft"), "{diagnosis:?}");
}
