//! Follows jobs of this process to their end: bars for a user, lines for a script.

use std::collections::HashMap;

use firmdrop_api::{Change, Diagnosis, Firmdrop, Job, JobId, JobState, JobSummary};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use crate::exit::Exit;
use crate::{kinds, print, words};

/// Waits until these jobs are settled; Ctrl+C pauses them, so that they can be resumed.
///
/// `watch` must have begun before the jobs were submitted.
pub(crate) async fn follow(
    firmdrop: &Firmdrop,
    mut watch: tokio::sync::broadcast::Receiver<Change>,
    ids: &[JobId],
    json: bool,
) -> Result<Exit, Diagnosis> {
    let engine = firmdrop.engine();
    let mut shown = Shown::new(json);
    for id in ids {
        shown.job(&engine.job(id)?.summary);
    }
    let settled = async {
        for id in ids {
            engine.settled(id).await?;
        }
        Ok::<(), Diagnosis>(())
    };
    let mut settled = std::pin::pin!(settled);
    // Kept over the turns of the loop, so that none is missed between two of them.
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        tokio::select! {
            biased;
            _ = &mut interrupted => {
                for id in ids {
                    // One that has ended meanwhile cannot be paused any more.
                    let _ = engine.pause(id).await;
                }
                interrupted.set(tokio::signal::ctrl_c());
            }
            change = watch.recv() => match change {
                Ok(Change::Job(job)) if ids.contains(&job.id) => {
                    shown.job(&job);
                    if !json && kinds::is_watching(&job) {
                        shown.notes(&engine.job(&job.id)?);
                    }
                }
                Ok(Change::Progress { id, progress, percent, pace }) if ids.contains(&id) => {
                    shown.progress(&id, progress, percent, pace);
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            },
            done = &mut settled => {
                done?;
                break;
            }
        }
    }
    shown.end();
    let mut worst = Exit::Done;
    for id in ids {
        let job = engine.settled(id).await?;
        shown.result(&job);
        if !json
            && job.state == JobState::Paused
            && let Some(line) = kinds::still_going_on(&engine.job(id)?)
        {
            print::line_to_error(line);
        }
        worst = worst.max(Exit::of(&job.state));
    }
    Ok(worst)
}

/// What is on the screen.
struct Shown {
    json: bool,
    bars: MultiProgress,
    by_job: HashMap<JobId, ProgressBar>,
    states: HashMap<JobId, String>,
    /// Notes of each job that were printed.
    noted: HashMap<JobId, usize>,
}

impl Shown {
    fn new(json: bool) -> Self {
        Self {
            json,
            bars: MultiProgress::new(),
            by_job: HashMap::new(),
            states: HashMap::new(),
            noted: HashMap::new(),
        }
    }

    fn job(&mut self, job: &JobSummary) {
        if self.json {
            // A state is printed once; pieces and notes are in `job show`.
            let state = serde_json::to_string(&job.state).unwrap_or_default();
            if self.states.insert(job.id.clone(), state.clone()) != Some(state) {
                print::json_line(&json!({ "event": "job", "job": job }));
            }
            return;
        }
        let phase = job.phase_title.clone().unwrap_or_else(|| "Waiting".into());
        let has_bytes = job.progress.total_bytes > 0;
        let bar = self.bar(&job.id, &job.destination_name);
        bar.set_style(style(&job.destination_name, has_bytes));
        bar.set_message(phase);
    }

    /// Prints the notes that are new, above the bars.
    fn notes(&mut self, job: &Job) {
        let seen = self.noted.entry(job.summary.id.clone()).or_default();
        for timed in job.notes.iter().skip(*seen) {
            let detail = timed.note.detail.as_deref().unwrap_or("");
            let line = format!("  {}. {detail}", timed.note.text);
            self.bars.suspend(|| print::line_to_error(line.trim_end()));
        }
        *seen = job.notes.len();
    }

    fn progress(
        &mut self,
        id: &JobId,
        progress: firmdrop_core::Progress,
        percent: u8,
        pace: firmdrop_api::Pace,
    ) {
        if self.json {
            let line = json!({ "event": "progress", "id": id, "progress": progress, "percent": percent, "pace": pace });
            print::json_line(&line);
            return;
        }
        if let Some(bar) = self.by_job.get(id) {
            bar.set_length(progress.total_bytes);
            bar.set_position(progress.confirmed_bytes);
            let rate = pace
                .bytes_per_second
                .map_or_else(String::new, |rate| format!("{}/s", words::size(rate)));
            let left = pace.seconds_left.map_or_else(String::new, |left| {
                format!(", about {}", words::seconds(left))
            });
            let stalled = if pace.stalled { "no sign of life" } else { "" };
            bar.set_prefix(format!("{rate}{left}{stalled}"));
        }
    }

    fn bar(&mut self, id: &JobId, destination: &str) -> &ProgressBar {
        let bars = &self.bars;
        self.by_job
            .entry(id.clone())
            .or_insert_with(|| bars.add(ProgressBar::new(0).with_style(style(destination, true))))
    }

    /// Takes the bars off the screen.
    fn end(&self) {
        self.by_job.values().for_each(ProgressBar::finish_and_clear);
    }

    fn result(&self, job: &JobSummary) {
        if self.json {
            print::json_line(&json!({ "event": "result", "job": job }));
            return;
        }
        if let JobState::Failed { diagnosis, .. } = &job.state {
            print::job_failure(diagnosis, &job.id);
        }
        let JobSummary {
            id,
            image_name,
            destination_name,
            ..
        } = job;
        print::line(&format!(
            "{id}  {image_name} to {destination_name}  {}",
            words::state(&job.state)
        ));
        if matches!(job.state, JobState::Paused | JobState::Interrupted { .. }) {
            print::line_to_error(&format!("Resume it with `firmdrop-cli job resume {id}`."));
        }
    }
}

/// A bar, or only words for a phase without bytes.
fn style(destination: &str, has_bytes: bool) -> ProgressStyle {
    let bytes = if has_bytes {
        " {bar:30} {bytes:>10} of {total_bytes:<10} {prefix}"
    } else {
        ""
    };
    let template = format!("{destination:<18.18} {{msg:<18}}{bytes}");
    let style = ProgressStyle::with_template(&template);
    style
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("█▉░")
}
