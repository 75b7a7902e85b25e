//! `jobs` and `job`: what was delivered, and resuming it.

use firmdrop_api::{Diagnosis, Job, JobId, JobState, JobSummary, Recovery};

use crate::arguments::Job as JobCommand;
use crate::context::Context;
use crate::exit::Exit;
use crate::{failure, kinds, print, progress, words};

pub(super) async fn list(context: &Context, limit: u32) -> Result<Exit, Diagnosis> {
    // What a process left unfinished is shown as what it is.
    context.firmdrop.recover(Recovery::MarkOnly).await?;
    let jobs = context.firmdrop.jobs(limit)?;
    if context.json {
        print::json(&jobs);
        return Ok(Exit::Done);
    }
    if jobs.is_empty() {
        print::line("The journal of this home holds no job.");
    }
    for job in &jobs {
        let to = format!("{} to {}", job.image_name, job.destination_name);
        print::line(&format!(
            "{}  {}  {:>3} %  {to}  {}",
            job.id,
            job.created,
            job.percent,
            words::state(&job.state)
        ));
    }
    Ok(Exit::Done)
}

pub(super) async fn one(context: &Context, command: JobCommand) -> Result<Exit, Diagnosis> {
    let engine = context.firmdrop.engine();
    match command {
        JobCommand::Show { id } => {
            context.firmdrop.recover(Recovery::MarkOnly).await?;
            show(context, &engine.job(&find(context, &id)?)?);
        }
        JobCommand::Resume {
            id,
            use_existing,
            adopt,
        } => {
            let id = find(context, &id)?;
            let job = engine.job(&id)?;
            if let JobState::Finished { .. } = &job.summary.state
                && !use_existing
                && !adopt
            {
                return Ok(already_finished(&job.summary, context.json));
            }
            if job.summary.simulated {
                context.firmdrop.open_demo().await?;
            }
            let watch = engine.watch();
            if use_existing {
                engine.use_existing(&id).await?;
            } else if adopt {
                engine.adopt_upload_job(&id).await?;
            } else {
                engine.resume(&id).await?;
            }
            return progress::follow(&context.firmdrop, watch, &[id], context.json).await;
        }
        JobCommand::Pause { id } => {
            engine.pause(&find(context, &id)?).await?;
            print::done(context.json);
        }
        JobCommand::Cancel { id } => {
            let id = find(context, &id)?;
            engine.cancel(&id).await?;
            if context.json {
                print::done(true);
            } else {
                show_cancelled(&engine.job(&id)?);
            }
        }
        JobCommand::Log { id } => log(context, &engine.job_log(&find(context, &id)?)?),
    }
    Ok(Exit::Done)
}

/// What became of a cancelled job, and what it leaves.
fn show_cancelled(job: &Job) {
    let summary = &job.summary;
    let (image, destination) = (&summary.image_name, &summary.destination_name);
    let state = words::state(&summary.state);
    print::line(&format!(
        "{}  {image} to {destination}  {state}",
        summary.id
    ));
    if let (JobState::Cancelled { .. }, Some(left)) = (&summary.state, kinds::left_behind(job)) {
        print::line_to_error(&left);
    }
}

/// A job that needs no resuming: for a script that resumes after a crash.
fn already_finished(job: &JobSummary, json: bool) -> Exit {
    if json {
        print::json_line(&serde_json::json!({ "event": "result", "job": job }));
    } else {
        let (image, destination) = (&job.image_name, &job.destination_name);
        let state = words::state(&job.state);
        print::line(&format!(
            "{}  {image} to {destination}  Already {state}",
            job.id
        ));
    }
    Exit::of(&job.state)
}

/// The history, as text or as JSON Lines.
fn log(context: &Context, log: &str) {
    if !context.json {
        log.lines().for_each(print::json_text);
        return;
    }
    // Each line is a moment, a space and what happened.
    for (at, event) in log.lines().filter_map(|line| line.split_once(' ')) {
        let event: serde_json::Value = serde_json::from_str(event).unwrap_or_default();
        print::json_line(&serde_json::json!({ "at": at, "line": event }));
    }
}

/// The job whose id begins so.
fn find(context: &Context, text: &str) -> Result<JobId, Diagnosis> {
    let beginning = text.parse().map_err(|error: firmdrop_api::JobIdError| {
        Diagnosis::new(
            firmdrop_api::Code::JobNotFound,
            format!("There is no job {text}."),
            error.to_string(),
        )
    })?;
    context.firmdrop.engine().find(&beginning)
}

fn show(context: &Context, job: &Job) {
    if context.json {
        print::json(job);
        return;
    }
    let summary = &job.summary;
    print::line(&format!(
        "{}  {} to {}",
        summary.id, summary.image_name, summary.destination
    ));
    print::line(&format!("  {}", words::state(&summary.state)));
    for run in &job.phases {
        let title = job
            .plan
            .phases
            .iter()
            .find(|phase| phase.key == run.key)
            .map_or("", |phase| &phase.title);
        print::line(&format!(
            "  {title:<28} {:>8.1} s  {:?}",
            run.seconds, run.result
        ));
    }
    if job.resumed > 0 || job.sent_again > 0 {
        let pieces = if job.sent_again == 1 {
            "piece"
        } else {
            "pieces"
        };
        print::line(&format!(
            "  Resumed {}×, {} {pieces} sent again",
            job.resumed, job.sent_again
        ));
    }
    kinds::show_planned_in_job(&job.plan);
    for detail in &job.remote {
        print::line(&format!("  {:<28} {}", detail.label, detail.value));
    }
    for note in &job.notes {
        let detail = note.note.detail.as_deref().unwrap_or("");
        print::line(&format!("  {}  {}. {detail}", note.at, note.note.text));
    }
    if let firmdrop_api::JobState::Failed { diagnosis, .. } = &summary.state {
        failure::show_of_job(diagnosis, summary);
    }
}
