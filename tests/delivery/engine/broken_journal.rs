//! A journal that cannot be written.

use firmdrop_core::{Code, Remedy};

use super::engine_world::{World, assert_verified, deliver, failure, pelion, plan, settled};

/// Changes the journal behind the engine's back, as a fault of the disk would.
fn meddle(world: &World, statement: &str) {
    rusqlite::Connection::open(world.home().journal())
        .unwrap()
        .execute_batch(statement)
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_refuses_a_new_job_leaves_nothing_half_made() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 1, 20);
    let plan = plan(&engine, &image, &pelion()).await;
    meddle(
        &world,
        "CREATE TRIGGER refuses BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let refused = engine.submit(&plan).await.unwrap_err();
    assert_eq!(refused.code, Code::JournalDamaged);
    assert!(engine.jobs(10).unwrap().is_empty());
    assert!(!engine.is_busy());
    assert!(world.server.record().requests.is_empty());
    meddle(&world, "DROP TRIGGER refuses");
    let id = engine.submit(&plan).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_refuses_a_line_stops_the_job_until_it_can_be_written_again() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 3, 21);
    meddle(
        &world,
        "CREATE TRIGGER refuses BEFORE INSERT ON event WHEN NEW.body LIKE '%\"sending\"%'
             AND (SELECT COUNT(*) FROM event WHERE body LIKE '%\"sending\"%') = 2
         BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let job = deliver(&engine, &image, &pelion()).await;
    let diagnosis = failure(&job.state);
    assert_eq!(diagnosis.code, Code::JournalDamaged);
    assert!(diagnosis.remedies.contains(&Remedy::Resume));
    assert_eq!(
        world.only_upload_job().chunks.len(),
        2,
        "a chunk was sent that is not written down"
    );
    meddle(&world, "DROP TRIGGER refuses");
    engine.resume(&job.id).await.unwrap();
    assert_verified(&settled(&engine, &job.id).await.state);
    world.service_holds_exactly(&image);
}
