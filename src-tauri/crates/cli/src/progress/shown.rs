//! What was shown of each job, and what is shown next.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use firmdrop_api::{JobId, JobState, JobSummary, Pace, TimedNote};
use firmdrop_core::{NoteKind, Progress};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;

use super::row::{self, Row};
use super::screen;
use crate::{failure, kinds, print, printable, words};

/// How often a log without a terminal gets a line about a phase that goes on.
const LOG_EVERY: Duration = Duration::from_secs(30);

/// What is shown, and how.
pub(super) struct Shown {
    style: Style,
    by_job: HashMap<JobId, JobLine>,
    /// Several jobs: a line says of which it is.
    several: bool,
}

enum Style {
    Json,
    /// Lines that are redrawn.
    Bars(MultiProgress),
    /// One line after another.
    Lines,
}

struct JobLine {
    bar: Option<ProgressBar>,
    destination: String,
    /// The last state that a script was given.
    state: String,
    phase: String,
    /// The phase that a log was given last. Events of before the job was looked at may follow.
    printed: String,
    is_watching: bool,
    begun: Instant,
    /// When anything was heard last, and what it was.
    heard: Instant,
    progress: Progress,
    /// What a script was given last.
    given: Option<(Progress, Pace)>,
    logged: Instant,
}

impl Shown {
    pub(super) fn new(json: bool, jobs: usize) -> Self {
        let style = if json {
            Style::Json
        } else if screen::redraws() {
            Style::Bars(MultiProgress::new())
        } else {
            Style::Lines
        };
        Self {
            style,
            by_job: HashMap::new(),
            several: jobs > 1,
        }
    }

    /// A job is new, or its state or phase changed.
    pub(super) fn job(&mut self, job: &JobSummary) {
        let is_new = !self.by_job.contains_key(&job.id);
        if is_new {
            self.begin(job);
        }
        let Some(one) = self.by_job.get_mut(&job.id) else {
            return;
        };
        let state = serde_json::to_string(&job.state).unwrap_or_default();
        let phase = job.phase_title.clone().unwrap_or_else(|| "Waiting".into());
        let has_moved = std::mem::replace(&mut one.state, state.clone()) != state;
        let is_next = std::mem::replace(&mut one.phase, phase.clone()) != phase;
        one.is_watching = kinds::is_watching(job);
        if has_moved || is_next {
            one.heard = Instant::now();
        }
        match &self.style {
            // A state is printed once; pieces are in `job show`.
            Style::Json if has_moved => {
                print::json_line(&json!({ "event": "job", "job": job }));
            }
            Style::Lines
                if matches!(job.state, JobState::Running { .. }) && one.printed != phase =>
            {
                one.printed.clone_from(&phase);
                one.logged = Instant::now();
                self.line(&job.id, &phase);
            }
            Style::Json | Style::Lines | Style::Bars(_) => {}
        }
        if is_next {
            self.draw(&job.id, job.progress, job.pace);
        }
    }

    fn begin(&mut self, job: &JobSummary) {
        let line = format!(
            "Job {}: {} to {}",
            job.id, job.image_name, job.destination_name
        );
        let bar = match &self.style {
            Style::Json => None,
            Style::Lines => {
                print::line_to_error(&line);
                None
            }
            Style::Bars(bars) => {
                print::line_to_error(&line);
                let style = ProgressStyle::with_template("{msg}");
                let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
                Some(bars.add(ProgressBar::new_spinner().with_style(style)))
            }
        };
        let now = Instant::now();
        let one = JobLine {
            bar,
            destination: printable::line(&job.destination_name).into_owned(),
            state: String::new(),
            phase: String::new(),
            printed: String::new(),
            is_watching: false,
            begun: now,
            heard: now,
            progress: job.progress,
            given: None,
            logged: now,
        };
        self.by_job.insert(job.id.clone(), one);
    }

    /// Something was noted. What goes wrong, and how a campaign goes, is shown; an ordinary step is
    /// one of the phases.
    pub(super) fn note(&mut self, id: &JobId, note: &TimedNote) {
        if let Style::Json = &self.style {
            print::json_line(&json!({ "event": "note", "id": id, "note": note }));
            return;
        }
        let is_watching = self.by_job.get(id).is_some_and(|one| one.is_watching);
        if note.note.kind == NoteKind::Step && !is_watching {
            return;
        }
        let detail = note.note.detail.as_deref().unwrap_or("");
        let text = format!("{}. {detail}", note.note.text);
        self.line(id, text.trim_end());
    }

    /// How far a job is.
    pub(super) fn progress(&mut self, id: &JobId, progress: Progress, percent: u8, pace: Pace) {
        let Some(one) = self.by_job.get_mut(id) else {
            return;
        };
        if one.progress != progress {
            one.progress = progress;
            one.heard = Instant::now();
        }
        if let Style::Json = &self.style {
            // A stall is reported again and again; a script needs it once.
            if one.given.replace((progress, pace)) != Some((progress, pace)) {
                print::json_line(&json!({
                    "event": "progress", "id": id, "progress": progress, "percent": percent, "pace": pace,
                }));
            }
            return;
        }
        self.draw(id, progress, pace);
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, id: &JobId, progress: Progress, pace: Pace) {
        let Some(one) = self.by_job.get_mut(id) else {
            return;
        };
        if one.progress != progress {
            one.progress = progress;
            one.heard = Instant::now();
        }
        match &self.style {
            Style::Json => {}
            Style::Bars(_) => self.draw(id, progress, pace),
            Style::Lines => {
                if one.logged.elapsed() >= LOG_EVERY {
                    one.logged = Instant::now();
                    if let Some(row) = self.row(id, progress, pace) {
                        let text = log_line(&row);
                        self.line(id, &text);
                    }
                }
            }
        }
    }

    fn row(&self, id: &JobId, progress: Progress, pace: Pace) -> Option<Row<'_>> {
        let one = self.by_job.get(id)?;
        Some(Row {
            destination: &one.destination,
            phase: &one.phase,
            progress,
            pace,
            elapsed: one.begun.elapsed(),
            silent: one.heard.elapsed(),
        })
    }

    fn draw(&self, id: &JobId, progress: Progress, pace: Pace) {
        let bar = self.by_job.get(id).and_then(|one| one.bar.as_ref());
        if let (Some(bar), Some(row)) = (bar, self.row(id, progress, pace)) {
            bar.set_message(row::line(&row, screen::width(), screen::marks()));
        }
    }

    /// A line of its own, above the bars.
    fn line(&self, id: &JobId, text: &str) {
        let of = self.by_job.get(id).filter(|_| self.several);
        let of = of.map_or_else(String::new, |one| format!("{}: ", one.destination));
        let text = format!("  {of}{text}");
        match &self.style {
            Style::Bars(bars) => bars.suspend(|| print::line_to_error(&text)),
            Style::Lines | Style::Json => print::line_to_error(&text),
        }
    }

    /// Takes the bars off the screen.
    pub(super) fn end(&self) {
        let bars = self.by_job.values().filter_map(|one| one.bar.as_ref());
        bars.for_each(ProgressBar::finish_and_clear);
    }

    pub(super) fn result(&self, job: &JobSummary) {
        if let Style::Json = &self.style {
            print::json_line(&json!({ "event": "result", "job": job }));
            return;
        }
        if let JobState::Failed { diagnosis, .. } = &job.state {
            failure::show_of_job(diagnosis, job);
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

/// How far a job is, for a log.
fn log_line(row: &Row<'_>) -> String {
    let mut parts = vec![row.phase.to_owned()];
    if row.progress.total_bytes > 0 {
        parts.push(format!(
            "{} of {} confirmed",
            words::size(row.progress.confirmed_bytes),
            words::size(row.progress.total_bytes)
        ));
    }
    let rate = row::rate(row);
    if !rate.is_empty() {
        parts.push(rate);
    }
    parts.push(format!(
        "{} since it began",
        words::clock(row.elapsed.as_secs())
    ));
    parts.join(", ")
}
