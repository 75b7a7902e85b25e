//! A process that ends at a line of its journal.
//!
//! Two ways: right after a line, while what it announced has hardly begun; and right before the
//! next one, when what the line announced is done but nobody wrote that down.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use firmdrop_core::{Clock, Moment, SystemClock};
use firmdrop_engine::{Change, Engine, EngineOptions, JobId, Plan};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::broadcast::Receiver;

use crate::engine_world::World;

/// Where the process ends.
#[derive(Debug, Clone, Copy)]
pub enum Death {
    /// As soon as this line is known to be written.
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

/// Carries a plan out in a process that dies; answers the job and whether it died in time.
pub fn run_until(death: Death, world: &World, plan: &Plan) -> (Option<JobId>, bool) {
    run_until_with(death, world.options(), plan)
}

/// The same with an engine that is made like this.
pub fn run_until_with(death: Death, options: EngineOptions, plan: &Plan) -> (Option<JobId>, bool) {
    let lines = match death {
        Death::AfterLine(_) => usize::MAX,
        Death::BeforeLine(line) => line,
    };
    let options = EngineOptions {
        face: "test".into(),
        clock: Arc::new(LastHour {
            left: AtomicUsize::new(lines),
        }),
        ..options
    };
    run(options, plan, async |watch| {
        let mut lines = 0;
        loop {
            if let Ok(Change::Job(_)) = watch.recv().await {
                lines += 1;
                if matches!(death, Death::AfterLine(line) if lines > line) {
                    return;
                }
            }
        }
    })
}

/// The same in a process that dies as soon as something is so.
pub fn run_until_so(world: &World, plan: &Plan, so: impl Fn() -> bool) -> (Option<JobId>, bool) {
    run(world.options(), plan, async |_| {
        while !so() {
            tokio::task::yield_now().await;
        }
    })
}

fn run(
    options: EngineOptions,
    plan: &Plan,
    end: impl AsyncFnOnce(&mut Receiver<Change>),
) -> (Option<JobId>, bool) {
    let process = process();
    let submitted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        process.block_on(async {
            let engine = Engine::open(options).unwrap();
            let mut watch = engine.watch();
            let id = engine.submit(plan).await.unwrap();
            let died = tokio::select! {
                biased;
                () = end(&mut watch) => true,
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
