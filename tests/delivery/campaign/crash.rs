//! The process ends at every line of a rollout's journal, and another one goes on.

use firmdrop_engine::Chain;
use tokio::runtime::Builder;

use crate::death::{Death, run_until};
use crate::engine_world::settled;
use crate::fleet::{assert_verified_though, holds_exactly_one_chain, image, planned, spec, world};

/// Dies at each line in turn until a run gets through, and goes on in a new process each time.
fn dies_everywhere(death: fn(usize) -> Death) -> usize {
    let service = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let spec = spec(Some(3));
    let mut line = 0;
    loop {
        let death = death(line);
        let world = service.block_on(world(3));
        image(&world);
        let plan = service
            .block_on(planned(&world, &world.engine(), &spec))
            .unwrap();
        let (id, died) = run_until(death, &world, &plan);
        if !died {
            return line;
        }
        service.block_on(async {
            let engine = world.engine();
            let Some(id) = id else {
                assert!(engine.jobs(10).unwrap().is_empty(), "{death:?}: half a job");
                return;
            };
            if !engine.job(&id).unwrap().summary.state.is_ended() {
                let resumed = engine.resume(&id).await;
                resumed.unwrap_or_else(|error| panic!("{death:?}: {error:?}"));
            }
            let job = settled(&engine, &id).await;
            assert_verified_though(&job.state, &death);
            holds_exactly_one_chain(&world, &engine, &spec).await;
            let ledger = engine.journal().ledger(Chain::Demo).unwrap();
            assert_eq!(ledger.len(), 1, "{death:?}: one entry");
        });
        line += 1;
    }
}

#[test]
fn a_process_that_dies_right_after_any_line_is_followed_by_one_that_ends_verified() {
    let lines = dies_everywhere(Death::AfterLine);
    assert!(lines > 20, "only {lines} lines: the test lost its subject");
}

#[test]
fn a_process_that_dies_before_it_can_write_what_happened_is_followed_by_one_that_ends_verified() {
    let lines = dies_everywhere(Death::BeforeLine);
    assert!(lines > 20, "only {lines} lines: the test lost its subject");
}
