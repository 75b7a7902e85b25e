//! What a job left at its destination is removed once it is cancelled, and not before.

use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_core::{ConnectionReport, Diagnosis, Fit, Remedy};
use firmdrop_image::Inspection;
use serde_json::{Value, json};

use super::test_plan;
use crate::{
    Account, Accounts, Applied, Backend, Backends, Change, Destination, Ended, Engine,
    EngineOptions, History, Home, JobContext, JobId, JobState, OwnOption, Plan, PlanRequest,
    RemoteState,
};

/// A destination where each job leaves something.
#[derive(Debug)]
struct Leaves;

#[async_trait]
impl Backend for Leaves {
    fn id(&self) -> &'static str {
        "leaves"
    }
    fn claims(&self, scheme: &str) -> bool {
        scheme == "cloud"
    }
    fn parse(&self, scheme: &str, address: &str) -> Result<Destination, String> {
        Ok(Destination::new(scheme, address))
    }
    fn examples(&self) -> Vec<String> {
        Vec::new()
    }
    fn own_options(&self) -> Vec<OwnOption> {
        Vec::new()
    }
    async fn place(&self, destination: &Destination, _: &Accounts) -> Vec<String> {
        vec![destination.to_string()]
    }
    fn fit(&self, _: &Inspection, _: &Destination) -> Fit {
        Fit::fits("anything")
    }
    async fn plan(&self, _: PlanRequest<'_>) -> Result<Plan, Diagnosis> {
        Ok(test_plan())
    }
    async fn run(&self, context: &JobContext) -> Ended {
        context.fact(&json!({ "left": true })).await.unwrap();
        context.events().phase("create");
        context.stop().cancelled().await;
        Ended::Stopped {
            state_now: "It holds something.".into(),
        }
    }
    fn leaves_something(&self, _: &Plan, history: &History) -> bool {
        let last = history.facts::<Value>().next_back();
        last.is_some_and(|fact| fact["left"] == true)
    }
    async fn give_up(&self, context: &JobContext) {
        assert!(!context.stop().is_cancelled());
        context.fact(&json!({ "left": false })).await.unwrap();
    }
    fn remote_state(&self, plan: &Plan, history: &History) -> RemoteState {
        let left = self.leaves_something(plan, history);
        RemoteState::of(if left {
            "It holds something."
        } else {
            "It holds nothing."
        })
    }
    fn resumes_unattended(&self) -> bool {
        true
    }
    fn apply(&self, _: &Remedy) -> Option<Applied> {
        None
    }
    fn has_accounts(&self) -> bool {
        true
    }
    async fn test_account(&self, _: &Account, _: &Accounts) -> Result<ConnectionReport, Diagnosis> {
        Ok(ConnectionReport::of(&[]))
    }
}

/// The account of the destination leads there.
fn account_leads_to(home: &Home, host: &str) {
    let account = json!([{ "name": "bench", "host": host, "key_storage": "file", "secrets": [] }]);
    std::fs::write(home.accounts(), account.to_string()).unwrap();
}

/// A job that has left something and waits.
async fn at_work() -> (tempfile::TempDir, Engine, JobId) {
    let folder = tempfile::tempdir().unwrap();
    account_leads_to(&Home::open(folder.path()).unwrap(), "https://one.test");
    let engine = Engine::open(EngineOptions {
        backends: Backends::new(vec![Arc::new(Leaves)]),
        ..EngineOptions::new(Home::open(folder.path()).unwrap())
    });
    let engine = engine.unwrap();
    let mut changes = engine.watch();
    let plan = Plan {
        account_address: Some("https://one.test/".into()),
        ..test_plan()
    };
    let id = engine.submit(&plan).await.unwrap();
    loop {
        if let Change::Job(job) = changes.recv().await.unwrap()
            && matches!(&job.state, JobState::Running { phase } if phase == "create")
        {
            return (folder, engine, id);
        }
    }
}

fn cancelled(state: &JobState) -> &str {
    match state {
        JobState::Cancelled { state_now } => state_now,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_job_that_is_cancelled_at_work_leaves_nothing() {
    let (_folder, engine, id) = at_work().await;
    engine.cancel(&id).await.unwrap();
    let job = engine.settled(&id).await.unwrap();
    assert_eq!(cancelled(&job.state), "It holds nothing.");
}

#[tokio::test]
async fn a_paused_job_leaves_what_it_had_until_it_is_cancelled() {
    let (_folder, engine, id) = at_work().await;
    engine.pause(&id).await.unwrap();
    assert_eq!(engine.settled(&id).await.unwrap().state, JobState::Paused);
    engine.cancel(&id).await.unwrap();
    // It has ended when the cancel returns.
    let job = engine.job(&id).unwrap().summary;
    assert_eq!(cancelled(&job.state), "It holds nothing.");
}

#[tokio::test]
async fn what_was_left_at_one_service_is_not_looked_for_at_another_and_called_removed() {
    let (_folder, engine, id) = at_work().await;
    engine.pause(&id).await.unwrap();
    engine.settled(&id).await.unwrap();
    account_leads_to(engine.home(), "https://two.test");
    engine.cancel(&id).await.unwrap();
    let job = engine.job(&id).unwrap();
    assert_eq!(cancelled(&job.summary.state), "It holds something.");
    let note = &job.notes.last().unwrap().note;
    assert_eq!(note.text, "What the job left was not removed");
    let detail = note.detail.as_deref().unwrap();
    assert!(detail.contains("https://one.test"), "{detail}");
}
