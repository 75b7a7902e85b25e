//! The process ends at every line of an import's journal, and another one goes on.

use tokio::runtime::Builder;

use crate::FILES;
use crate::azure_world::{AzureWorld, CONTAINER, toaster};
use crate::death::{Death, run_until_with};
use crate::engine_world::{assert_verified, settled};

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
        let world = service.block_on(AzureWorld::start());
        let planned = async {
            let engine = world.engine();
            world.plan(&engine, &FILES, &toaster("1.0")).await.unwrap()
        };
        let plan = service.block_on(planned);
        let (id, died) = run_until_with(death, world.options(), &plan);
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
            assert_verified(&job.state);
            assert_eq!(world.server.updates(), ["Contoso/Toaster/1.0"], "{death:?}");
            assert!(
                world.storage.blobs(CONTAINER).is_empty(),
                "{death:?}: orphans"
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
