//! Closing the window while jobs run: asks once, with honest choices.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use firmdrop_api::{Diagnosis, Feed, FeedChange, Firmdrop, JobId, JobState, JobSummary, Watch};
use tauri::{AppHandle, Manager as _, Window, WindowEvent};
use tauri_specta::Event as _;
use tokio::sync::watch;

use crate::event::CloseAsked;

/// Longest time a job is given to reach a safe point after it was paused.
const PAUSE_PATIENCE: Duration = Duration::from_secs(20);

/// Which jobs run now. Managed by Tauri.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    jobs: Arc<watch::Sender<HashSet<JobId>>>,
    _feed: Arc<Watch>,
}

impl Running {
    /// Follows the jobs of this facade.
    pub(crate) fn follow(firmdrop: &Firmdrop) -> Self {
        let jobs = Arc::new(watch::Sender::new(HashSet::new()));
        let sink = Arc::clone(&jobs);
        let feed = firmdrop.watch(move |feed| {
            sink.send_modify(|jobs| take(jobs, feed));
        });
        Self {
            jobs,
            _feed: Arc::new(feed),
        }
    }

    fn ids(&self) -> Vec<JobId> {
        self.jobs.borrow().iter().cloned().collect()
    }

    /// Resolves once nothing runs.
    async fn idle(&self) {
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = self.jobs.subscribe().wait_for(HashSet::is_empty).await;
    }
}

fn take(jobs: &mut HashSet<JobId>, feed: Feed) {
    let mut put = |job: JobSummary| {
        let runs = matches!(
            job.state,
            JobState::Queued | JobState::Running { .. } | JobState::Cancelling
        );
        if runs {
            jobs.insert(job.id)
        } else {
            jobs.remove(&job.id)
        };
    };
    match feed.change {
        FeedChange::Snapshot { jobs, .. } => jobs.into_iter().for_each(put),
        FeedChange::Job { job } => put(*job),
        FeedChange::Progress { .. } | FeedChange::Readers { .. } => {}
    }
}

/// Lets an idle window close; otherwise keeps it and lets the page ask.
pub(crate) fn guard(window: &Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else {
        return;
    };
    let Some(running) = window.try_state::<Running>() else {
        return;
    };
    let running = u32::try_from(running.ids().len()).unwrap_or(u32::MAX);
    // A page that cannot be told must not keep the window open for ever.
    if running > 0 && (CloseAsked { running }).emit(window.app_handle()).is_ok() {
        api.prevent_close();
    }
}

/// Pauses every running job, waits until each reached a safe point, and ends the program.
///
/// Nothing ends when one of them cannot be paused now: its diagnosis comes back instead.
pub(crate) async fn pause_and_quit(app: &AppHandle, firmdrop: &Firmdrop) -> Result<(), Diagnosis> {
    let running = app.state::<Running>().inner().clone();
    for id in running.ids() {
        firmdrop.pause(&id).await?;
    }
    // Work that outlives the patience is what the next start reconciles anyway.
    let _ = tokio::time::timeout(PAUSE_PATIENCE, running.idle()).await;
    app.exit(0);
    Ok(())
}

/// Hides the window and ends the program once nothing runs, unless a second start showed it again.
pub(crate) async fn continue_hidden(app: &AppHandle) {
    let running = app.state::<Running>().inner().clone();
    let windows = app.webview_windows();
    let hidden = windows
        .values()
        .filter(|window| window.hide().is_ok())
        .count();
    if hidden == 0 {
        return;
    }
    running.idle().await;
    let seen = windows
        .values()
        .any(|window| window.is_visible().unwrap_or(false));
    if !seen {
        app.exit(0);
    }
}
