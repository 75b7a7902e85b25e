//! A job whose own task breaks.

use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_core::{Code, Remedy};
use firmdrop_engine::{Chain, Engine};
use firmdrop_link::{Link, LinkAddress, LinkError, Provider, Reader, Watch};

use super::engine_world::{World, assert_verified, deliver, failure, reader_1, settled};

/// A driver with a fault of its own.
#[derive(Debug)]
struct Panics;

#[async_trait]
impl Provider for Panics {
    fn channel(&self) -> &'static str {
        firmdrop_link::SIMULATED
    }

    fn watch(self: Arc<Self>) -> Watch {
        firmdrop_link::Providers::default().watch()
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        Ok(Vec::new())
    }

    async fn open(&self, _: &LinkAddress) -> Result<Link, LinkError> {
        panic!("index out of bounds")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_step_panics_ends_as_failed_and_can_be_resumed() {
    let world = World::start().await;
    let image = world.reader_image();
    let broken = Engine::open(world.options_with(Panics)).unwrap();
    let job = deliver(&broken, &image, &reader_1()).await;
    let diagnosis = failure(&job.state);
    assert_eq!(diagnosis.code, Code::Internal);
    assert!(
        diagnosis.why.contains("index out of bounds"),
        "{diagnosis:?}"
    );
    assert!(diagnosis.remedies.contains(&Remedy::Resume));
    assert!(!diagnosis.state_now.is_empty());
    assert!(!broken.is_busy(), "it is called running for ever");

    let engine = world.engine();
    engine.resume(&job.id).await.unwrap();
    assert_verified(&settled(&engine, &job.id).await.state);
    let ledger = engine.journal().ledger(Chain::Demo).unwrap();
    assert_eq!(ledger.len(), 2, "the failure and the proof");
}
