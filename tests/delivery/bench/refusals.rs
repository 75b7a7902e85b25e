//! What is refused, skipped or put on hold before a byte is written.

use firmdrop_api::{BenchSetup, LaneState};
use firmdrop_simulator::reader::{Settings, SimulatedReader, demo_image};

use super::world::{World, lane, until};

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_image_a_wrong_lot_and_too_many_lanes_are_refused_before_anything() {
    let world = World::of(1);
    let refused = async |change: &dyn Fn(&mut BenchSetup)| {
        let mut setup = world.setup();
        change(&mut setup);
        let refusal = world.firmdrop.open_bench(setup).await.unwrap_err();
        assert!(!refusal.remedies.is_empty(), "{refusal:?}");
        refusal.code.to_string()
    };
    assert_eq!(
        refused(&|setup| setup.recipe.confirmed.clear()).await,
        "FD-210"
    );
    assert_eq!(refused(&|setup| setup.lot = "../x".into()).await, "FD-210");
    assert_eq!(
        refused(&|setup| setup.label = Some("{x}".into())).await,
        "FD-210"
    );
    assert_eq!(refused(&|setup| setup.stop_after = Some(0)).await, "FD-210");
    assert_eq!(
        refused(&|setup| setup.recipe.file.push('x')).await,
        "FD-103"
    );
    assert!(world.readers[0].counters().changed_nothing());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_reader_is_on_hold_and_another_product_fails_without_a_byte_written() {
    let newer = SimulatedReader::new(Settings::default(), demo_image((2, 0, 0), 64 * 1024));
    let world = World::with(vec![newer]);
    let bench = world.firmdrop.open_bench(world.setup()).await.unwrap();
    bench.arm().await.unwrap();
    let view = until(&bench, "a hold", |view| {
        lane(view, "1").state == LaneState::Hold
    })
    .await;
    let why = lane(&view, "1").why.clone().unwrap();
    assert!(
        why.starts_with("Downgrade") && why.contains("2.0.0"),
        "{why}"
    );
    assert_eq!(view.counts.done, 0);
    // Another bench takes its place.

    let mut setup = world.setup();
    setup.lot = "4712".into();
    setup.recipe.product = Some("Gate reader".into());
    let bench = world.firmdrop.open_bench(setup).await.unwrap();
    bench.arm().await.unwrap();
    let view = until(&bench, "a fail", |view| {
        lane(view, "1").state == LaneState::Fail
    })
    .await;
    assert_eq!(lane(&view, "1").why.as_deref(), Some("Another product"));
    assert_eq!((view.counts.fail, lane(&view, "1").unit), (1, Some(1)));
    assert!(world.readers[0].counters().changed_nothing());
    assert_eq!(world.firmdrop.jobs(10).unwrap(), []);
    let row = &world.rows()[0];
    assert_eq!(
        (row[3].as_str(), row[17].as_str()),
        ("FAIL", "FD-201"),
        "{row:?}"
    );
}
