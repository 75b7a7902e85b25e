//! A rollout asks what its data needs, and nothing else.

use crate::engine_world::{World, assert_verified};
use crate::fleet::{image, roll_out, spec, world};

/// Every request the service saw, in their order: ids are `ID`, filters are left out.
fn requests(world: &World) -> Vec<String> {
    let record = world.server.record();
    let named = record.requests.iter().map(|request| {
        let path = request.target.split('?').next().unwrap();
        let parts = path
            .split('/')
            .map(|part| if is_id(part) { "ID" } else { part });
        format!("{} {}", request.method, parts.collect::<Vec<_>>().join("/"))
    });
    named.collect()
}

fn is_id(part: &str) -> bool {
    part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The plan: who matches (vendor, class and version come with them), and what else runs.
const PLAN: [&str; 2] = ["GET /v3/devices", "GET /v3/update-campaigns"];

/// The image: is its name free, its bytes, and whether they arrived.
const IMAGE: [&str; 3] = [
    "GET /v3/firmware-images",
    "POST /v3/firmware-images",
    "GET /v3/firmware-images/ID",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_makes_no_request_that_its_data_does_not_need() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    assert_verified(&roll_out(&world, &engine, &spec(None)).await.state);
    let chain = [
        "POST /v3/firmware-manifests",
        "POST /v3/update-campaigns",
        // Verified says "byte for byte".
        "GET /datafiles/ID",
    ];
    let expected = [&PLAN[..], &IMAGE, &chain].concat();
    assert_eq!(requests(&world), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_started_campaign_makes_no_request_that_its_data_does_not_need() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    assert_verified(&roll_out(&world, &engine, &spec(Some(3))).await.state);
    let chain = [
        "POST /v3/firmware-manifests",
        "POST /v3/update-campaigns",
        // The count a person confirmed, once more.
        "GET /v3/devices",
        "POST /v3/update-campaigns/ID/start",
    ];
    let expected = [&PLAN[..], &IMAGE, &chain].concat();
    let seen = requests(&world);
    let (made, watched) = seen.split_at(expected.len().min(seen.len()));
    assert_eq!(made, expected);
    let looks = [
        "GET /v3/update-campaigns/ID",
        "GET /v3/update-campaigns/ID/statistics",
    ];
    assert!(!watched.is_empty());
    assert!(
        watched.iter().all(|look| looks.contains(&look.as_str())),
        "{watched:?}"
    );
}
