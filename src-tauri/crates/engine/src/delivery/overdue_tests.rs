//! A step that says nothing for far too long is ended by the runner.

use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_core::{Code, ConnectionReport, Diagnosis, Fit, Remedy};
use firmdrop_image::Inspection;

use super::test_plan;
use crate::{
    Account, Accounts, Applied, Backend, Backends, Destination, Ended, Engine, EngineOptions,
    History, Home, JobContext, JobState, JobSummary, OwnOption, Plan, PlanRequest, RemoteState,
};

/// A destination whose first step never ends by itself.
#[derive(Debug)]
struct Hangs {
    /// Whether it looks at stop requests.
    obeys: bool,
}

#[async_trait]
impl Backend for Hangs {
    fn id(&self) -> &'static str {
        "hangs"
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
        context.events().phase("create");
        if self.obeys {
            context.stop().cancelled().await;
        } else {
            std::future::pending::<()>().await;
        }
        Ended::Stopped {
            state_now: "It holds nothing.".into(),
        }
    }
    fn remote_state(&self, _: &Plan, _: &History) -> RemoteState {
        RemoteState::of("What it holds is not known.")
    }
    fn resumes_unattended(&self) -> bool {
        true
    }
    fn apply(&self, _: &Remedy) -> Option<Applied> {
        None
    }
    async fn test_account(&self, _: &Account, _: &Accounts) -> Result<ConnectionReport, Diagnosis> {
        Ok(ConnectionReport::of(&[]))
    }
}

/// How a job ends there. Time passes as quickly as nothing else is to be done.
async fn ended(obeys: bool) -> JobSummary {
    let folder = tempfile::tempdir().unwrap();
    let backends = Backends::new(vec![Arc::new(Hangs { obeys })]);
    let engine = Engine::open(EngineOptions {
        backends,
        ..EngineOptions::new(Home::open(folder.path()).unwrap())
    });
    let engine = engine.unwrap();
    let id = engine.submit(&test_plan()).await.unwrap();
    engine.settled(&id).await.unwrap()
}

fn overdue(job: &JobSummary) -> &Diagnosis {
    let JobState::Failed {
        diagnosis,
        resumable: Some(true),
    } = &job.state
    else {
        panic!("{:?}", job.state);
    };
    assert_eq!(diagnosis.code, Code::StepOverdue);
    assert!(diagnosis.what_happened.contains("create"), "{diagnosis:?}");
    diagnosis
}

#[tokio::test(start_paused = true)]
async fn a_silent_step_that_can_be_stopped_ends_at_its_deadline_and_can_be_resumed() {
    let job = ended(true).await;
    assert_eq!(overdue(&job).state_now, "It holds nothing.");
}

#[tokio::test(start_paused = true)]
async fn a_silent_step_that_does_not_stop_is_abandoned_and_what_it_did_is_not_known() {
    let job = ended(false).await;
    let state = &overdue(&job).state_now;
    assert!(state.contains("not known"), "{state}");
}
