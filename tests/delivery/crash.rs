//! The process ends at every line of the journal, and another one goes on.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "crash/loads.rs"]
mod loads;
#[path = "crash/one_request.rs"]
mod one_request;
#[path = "crash/readers.rs"]
mod readers;
#[path = "crash/too_large_for_one.rs"]
mod too_large_for_one;

use death::{Death, run_until};
use engine_world::{CHUNK_BYTES, World, assert_verified, pelion, plan, settled};
use firmdrop_engine::{Chain, ImageFile, Plan};
use firmdrop_test_support::{death, engine_world};
use tokio::runtime::Builder;

/// What is delivered in a new world.
struct Story {
    image: ImageFile,
    plan: Plan,
    /// Most bytes that may be sent over all processes.
    most_bytes: u64,
    /// Bytes that were sent.
    sent: fn(&World) -> u64,
    /// Asserts that the other side holds the image, once.
    held: fn(&World, &ImageFile),
    /// How often a resume may find nothing there: a drive is away while its reader restarts.
    away: usize,
}

impl Story {
    /// An upload, of which at most this many bytes may be sent again.
    fn upload(image: ImageFile, plan: Plan, again_bytes: u64) -> Self {
        Self {
            most_bytes: image.expected.size_bytes + again_bytes,
            image,
            plan,
            sent: |world| {
                let record = world.server.record();
                record.jobs.values().map(|job| job.received_bytes).sum()
            },
            held: World::service_holds_exactly,
            away: 0,
        }
    }
}

/// A file in chunks of a chosen length.
async fn in_chunks(world: &World) -> Story {
    let image = world.image("puck.bin", 2, 1);
    let plan = plan(&world.engine(), &image, &pelion()).await;
    Story::upload(image, plan, CHUNK_BYTES)
}

/// Dies at each line in turn until a run gets through, and goes on in a new process each time.
fn dies_everywhere(death: fn(usize) -> Death, story: &impl AsyncFn(&World) -> Story) -> usize {
    dies_everywhere_in(&World::start, death, story)
}

/// The same in other worlds.
fn dies_everywhere_in(
    start: &impl AsyncFn() -> World,
    death: fn(usize) -> Death,
    story: &impl AsyncFn(&World) -> Story,
) -> usize {
    let service = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut line = 0;
    loop {
        let death = death(line);
        let world = service.block_on(start());
        let story = service.block_on(story(&world));
        let (id, died) = run_until(death, &world, &story.plan);
        if !died {
            return line;
        }
        service.block_on(async {
            let engine = world.engine();
            let Some(id) = id else {
                assert!(engine.jobs(10).unwrap().is_empty(), "{death:?}: half a job");
                return;
            };
            let job = engine.job(&id).unwrap();
            if !job.summary.state.is_ended() {
                engine
                    .resume(&id)
                    .await
                    .unwrap_or_else(|error| panic!("{death:?}: {error:?}"));
            }
            let mut job = settled(&engine, &id).await;
            let mut away = 0;
            while away < story.away && job.state.can_resume() {
                away += 1;
                engine.resume(&id).await.unwrap();
                job = settled(&engine, &id).await;
            }
            assert_verified(&job.state);
            (story.held)(&world, &story.image);
            let sent = (story.sent)(&world);
            assert!(
                sent <= story.most_bytes,
                "{death:?}: more than the piece in flight was sent again: {sent} bytes"
            );
            let chains = [Chain::Demo, Chain::Deliveries];
            let entries = chains.map(|chain| engine.journal().ledger(chain).unwrap().len());
            // One for the proof, and one for each time that nothing was there.
            assert_eq!(entries.iter().sum::<usize>(), 1 + away, "{death:?}");
        });
        line += 1;
    }
}

#[test]
fn a_process_that_dies_right_after_any_line_is_followed_by_one_that_ends_verified() {
    let lines = dies_everywhere(Death::AfterLine, &in_chunks);
    assert!(lines > 15, "only {lines} lines: the test lost its subject");
}

#[test]
fn a_process_that_dies_before_it_can_write_what_happened_is_followed_by_one_that_ends_verified() {
    let lines = dies_everywhere(Death::BeforeLine, &in_chunks);
    assert!(lines > 15, "only {lines} lines: the test lost its subject");
}
