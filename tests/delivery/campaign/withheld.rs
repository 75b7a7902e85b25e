//! A service that does not hand out the manifest it holds.

use firmdrop_core::Code;
use firmdrop_engine::PhaseResult;
use firmdrop_simulator::fault::{Effect, Rule};

use crate::engine_world::{assert_verified, failure};
use crate::fleet::{campaigns, carried_out, image, proof, roll_out, sent, spec, world};

const DATAFILES: &str = "/datafiles/";

/// A draft that was delivered while this went wrong; why it was only *Sent*.
async fn sent_though(rule: Rule) -> String {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    world.server.dial().add(rule);
    let job = roll_out(&world, &engine, &spec(None)).await;
    let stated = sent(&job.state).to_owned();
    let [campaign] = &campaigns(&engine).await[..] else {
        panic!("not one campaign");
    };
    assert_eq!(campaign.phase, "draft");
    assert!(stated.contains(&campaign.id), "{stated}");
    assert!(stated.contains(&campaign.root_manifest_id), "{stated}");
    let job = engine.job(&job.id).unwrap();
    for run in &job.phases {
        assert_eq!(run.result, PhaseResult::Done, "{}", run.key);
    }
    stated
}

fn refusal(status: u16) -> Rule {
    Rule::always(Effect::ServerError { status }).on("GET", DATAFILES)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_whose_manifest_is_refused_for_reading_is_sent_and_says_what_is_not_proved() {
    for status in [403, 404] {
        let stated = sent_though(refusal(status)).await;
        assert!(stated.contains(&status.to_string()), "{stated}");
        assert!(stated.contains("nothing proves"), "{stated}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_whose_manifest_lies_where_nobody_may_look_is_sent() {
    let mut elsewhere = Rule::always(Effect::ForeignDatafile);
    elsewhere.path_contains = Some("/firmware-manifests".into());
    let stated = sent_though(elsewhere).await;
    assert!(stated.contains("169.254."), "{stated}");
    assert!(stated.contains("nothing proves"), "{stated}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_good_any_more_is_asked_for_anew_and_the_draft_is_verified() {
    for rule in [
        Rule::once(Effect::ServerError { status: 403 }).on("GET", DATAFILES),
        Rule::once(Effect::ForeignDatafile).on("POST", "/firmware-manifests"),
    ] {
        let world = world(3).await;
        let engine = world.engine();
        image(&world);
        world.server.dial().add(rule);
        let job = roll_out(&world, &engine, &spec(None)).await;
        assert!(proof(&job.state).contains("byte for byte"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_may_yet_succeed_is_tried_again() {
    for effect in [
        Effect::ServerError { status: 503 },
        Effect::LoseAnswer,
        Effect::RateLimit {
            retry_after_seconds: 0,
        },
    ] {
        let world = world(3).await;
        let engine = world.engine();
        image(&world);
        let passing = Rule::always(effect).times(2);
        world.server.dial().add(passing.on("GET", DATAFILES));
        assert_verified(&roll_out(&world, &engine, &spec(None)).await.state);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_not_started_on_a_manifest_that_cannot_be_told_from_another() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    // Whether it arrived is seen in the bytes of its namesakes.
    let lost = Rule::once(Effect::LoseAnswer).on("POST", "/firmware-manifests");
    world.server.dial().add(lost);
    world.server.dial().add(refusal(403));
    let job = roll_out(&world, &engine, &spec(Some(3))).await;
    let diagnosis = failure(&job.state);
    assert_eq!(diagnosis.code, Code::DownloadFailed, "{diagnosis:?}");
    let untouched = "Whether the manifest arrived is not known; no device was touched.";
    assert!(diagnosis.state_now.contains(untouched), "{diagnosis:?}");
    assert!(campaigns(&engine).await.is_empty());
    assert_eq!(carried_out(&world, "POST", "/start"), 0);
}
