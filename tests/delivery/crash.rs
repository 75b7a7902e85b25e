//! The process ends at every line of the journal, and another one goes on.
//!
//! Two ways: right after a line, while what it announced has hardly begun; and right before the
//! next one, when what the line announced is done but nobody wrote that down.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../support/engine_world.rs"]
mod engine_world;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine_world::{CHUNK_BYTES, World, assert_verified, pelion, plan, settled};
use firmdrop_core::{Clock, Moment, SystemClock};
use firmdrop_engine::{Change, Engine, EngineOptions, ImageFile, JobId};
use tokio::runtime::{Builder, Runtime};

/// Where the process ends.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// As soon as it was told that this line is written.
    AfterLine(usize),
    /// When it asks for the time to write this line.
    BeforeLine(usize),
}

/// A clock that ends whoever asks once too often: no line is written without the time.
#[derive(Debug)]
struct LastHour {
    left: AtomicUsize,
}

impl Clock for LastHour {
    fn now(&self) -> Moment {
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        assert!(left.is_ok(), "the process ends here");
        SystemClock.now()
    }
}

fn process() -> Runtime {
    // One thread: between two of its waits nothing else happens in the process.
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Runs the upload in a process that dies; answers the job and whether it died in time.
fn run_until(death: Death, world: &World, image: &ImageFile) -> (Option<JobId>, bool) {
    let lines = match death {
        Death::AfterLine(_) => usize::MAX,
        Death::BeforeLine(line) => line,
    };
    let options = EngineOptions {
        clock: Arc::new(LastHour {
            left: AtomicUsize::new(lines),
        }),
        ..world.options()
    };
    let process = process();
    let submitted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        process.block_on(async {
            let engine = Engine::open(options).unwrap();
            let mut watch = engine.watch();
            let id = engine.submit(&plan(&engine, image, &pelion())).unwrap();
            let mut told = 0;
            let counted = async {
                loop {
                    if let Ok(Change::Job(_)) = watch.recv().await {
                        told += 1;
                        if matches!(death, Death::AfterLine(line) if told > line) {
                            return true;
                        }
                    }
                }
            };
            let died = tokio::select! {
                biased;
                died = counted => died,
                ended = engine.settled(&id) => !ended.unwrap().state.is_ended(),
            };
            (id, died)
        })
    }));
    drop(process);
    match submitted {
        Ok((id, died)) => (Some(id), died),
        Err(_) => (None, true),
    }
}

/// Dies at each line in turn until a run gets through, and goes on in a new process each time.
fn dies_everywhere(death: fn(usize) -> Death) -> usize {
    let service = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut line = 0;
    loop {
        let death = death(line);
        let world = service.block_on(World::start());
        let image = world.image("puck.bin", 2, 1);
        let (id, died) = run_until(death, &world, &image);
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
                    .unwrap_or_else(|error| panic!("{death:?}: {error:?}"));
            }
            let job = settled(&engine, &id).await;
            assert_verified(&job.state);
            world.service_holds_exactly(&image);
            let sent: u64 = world
                .server
                .record()
                .jobs
                .values()
                .map(|job| job.received_bytes)
                .sum();
            assert!(
                sent <= image.promise.size_bytes + CHUNK_BYTES,
                "{death:?}: more than one chunk was sent again"
            );
            assert_eq!(
                engine
                    .journal()
                    .ledger(firmdrop_engine::Chain::Demo)
                    .unwrap()
                    .len(),
                1,
                "{death:?}: one entry"
            );
        });
        line += 1;
    }
}

#[test]
fn a_process_that_dies_right_after_any_line_is_followed_by_one_that_ends_verified() {
    let lines = dies_everywhere(Death::AfterLine);
    assert!(lines > 15, "only {lines} lines: the test lost its subject");
}

#[test]
fn a_process_that_dies_before_it_can_write_what_happened_is_followed_by_one_that_ends_verified() {
    let lines = dies_everywhere(Death::BeforeLine);
    assert!(lines > 15, "only {lines} lines: the test lost its subject");
}
