//! `adu deployments watch`: a line for each change until every device has reported or the time is over,
//! and how it ended.

use std::time::Duration;

use firmdrop_api::Diagnosis;
use firmdrop_api::azure::{DeploymentView, DeploymentWatch, DeviceRow, ReportedRow};
use firmdrop_core::grouped;
use serde_json::json;
use tokio::time::Instant;

use super::arguments::OfGroup;
use super::ready::ready;
use crate::context::Context;
use crate::exit::Exit;
use crate::progress::interrupted;
use crate::{print, words};

/// Time between two looks.
const LOOK: Duration = Duration::from_secs(5);

/// So long a deployment that was just started may be unknown to the service.
const SHOWN_WITHIN: Duration = Duration::from_secs(10);

/// After so long without news it is said that there are none; then after twice the time, and so on.
const FIRST_SILENCE: Duration = Duration::from_mins(1);

pub(super) async fn run(
    context: &Context,
    one: &OfGroup,
    within: Duration,
) -> Result<Exit, Diagnosis> {
    ready(context, &one.of.account).await?;
    context.waiting.is_over();
    let service = context.firmdrop.azure(&one.of.account);
    let watch = service.watch_deployment(&one.group, &one.id).await?;
    tokio::select! {
        ended = follow(context, &watch, within) => ended,
        () = interrupted() => {
            print::line_to_error("Only the watch has ended: the deployment continues at the service.");
            Ok(Exit::Cancelled)
        }
    }
}

/// What was shown last, and when anything was news.
struct Reported {
    last: Option<DeploymentView>,
    last_change: Instant,
    /// The next silence that is said.
    silence: Duration,
    /// The service gave no answer to the last look.
    is_cut_off: bool,
}

impl Reported {
    fn new() -> Self {
        Self {
            last: None,
            last_change: Instant::now(),
            silence: FIRST_SILENCE,
            is_cut_off: false,
        }
    }

    /// A view, which is shown when it is another one than the last.
    fn report(&mut self, view: DeploymentView, as_json: bool) {
        if self.is_cut_off {
            self.is_cut_off = false;
            note("The service answers again.", as_json);
        }
        if self.last.as_ref() == Some(&view) {
            self.say_silence(&view, as_json);
            return;
        }
        (self.last_change, self.silence) = (Instant::now(), FIRST_SILENCE);
        if as_json {
            print::json_line(&view);
        } else {
            print::line(&format!("{:<10} {}", view.state, counted(&view)));
        }
        self.last = Some(view);
    }

    fn say_silence(&mut self, view: &DeploymentView, as_json: bool) {
        let silent = self.last_change.elapsed();
        if silent < self.silence {
            return;
        }
        self.silence *= 2;
        let time = words::seconds(u32::try_from(silent.as_secs()).unwrap_or(u32::MAX));
        let text = format!("Nothing new for {time}: {}.", waited_for(view));
        note(&text, as_json);
    }

    /// No answer; another look may have one.
    fn miss(&mut self, diagnosis: &Diagnosis, as_json: bool) {
        if !std::mem::replace(&mut self.is_cut_off, true) {
            let text = format!("{} It is asked again.", diagnosis.what_happened);
            note(&text, as_json);
        }
    }
}

async fn follow(
    context: &Context,
    watch: &DeploymentWatch,
    within: Duration,
) -> Result<Exit, Diagnosis> {
    let as_json = context.json;
    let begin = Instant::now();
    let mut news = Reported::new();
    loop {
        let is_last = begin.elapsed() >= within;
        match watch.poll().await {
            Ok(view) => {
                let exit = ended(&view);
                news.report(view, as_json);
                if exit.is_some() || is_last {
                    break end(watch, &news, exit, within, as_json).await;
                }
            }
            Err(missed)
                if !is_last
                    && (missed.may_pass || missed.is_unknown && begin.elapsed() < SHOWN_WITHIN) =>
            {
                news.miss(&missed.diagnosis, as_json);
            }
            Err(missed) => return Err(missed.diagnosis),
        }
        tokio::time::sleep(LOOK.min(within.saturating_sub(begin.elapsed()))).await;
    }
}

/// The devices of which something is to be said, and what a script learns.
async fn end(
    watch: &DeploymentWatch,
    news: &Reported,
    exit: Option<Exit>,
    within: Duration,
    as_json: bool,
) -> Result<Exit, Diagnosis> {
    let Some(view) = &news.last else {
        return Ok(Exit::Failed);
    };
    let reported = view.reported;
    let some = |count: fn(&ReportedRow) -> u64| reported.as_ref().is_some_and(|one| count(one) > 0);
    let mut failed = Vec::new();
    if some(|one| one.failed) {
        failed = named(watch, "Failed", as_json).await;
    }
    let mut silent = Vec::new();
    if exit.is_none() || some(|one| one.in_progress) {
        silent = named(watch, "InProgress", as_json).await;
    }
    let sentence = sentence(view, exit, within);
    let exit = exit.unwrap_or(Exit::Sent);
    if as_json {
        print::json_line(&json!({
            "event": "end", "deployment": view.deployment.id, "sentence": sentence,
            "failed": failed, "not_reported": silent,
        }));
        return Ok(exit);
    }
    print::line(&sentence);
    let counts = [reported.map(|one| one.failed), view.not_reported];
    let lists = [(&failed, "failed"), (&silent, "has not reported")];
    for ((devices, what), count) in lists.into_iter().zip(counts) {
        for device in devices {
            print::line(&format!("  {}", line(device, what)));
        }
        let unnamed = count
            .unwrap_or_default()
            .saturating_sub(devices.len() as u64);
        if !devices.is_empty() && unnamed > 0 {
            print::line(&format!("  and {} more", grouped(unnamed)));
        }
    }
    Ok(exit)
}

/// Some of the devices in this state. How the deployment ended is known without them.
async fn named(watch: &DeploymentWatch, state: &str, as_json: bool) -> Vec<DeviceRow> {
    watch.devices_in(state).await.unwrap_or_else(|diagnosis| {
        let text = format!(
            "Its devices could not be listed: {}",
            diagnosis.what_happened
        );
        note(&text, as_json);
        Vec::new()
    })
}

fn line(device: &DeviceRow, what: &str) -> String {
    let result = device.result.as_deref().filter(|_| what == "failed");
    let code = device.result_code.as_deref().filter(|_| what == "failed");
    format!(
        "{:<28} {what}  {} {}",
        device.id,
        result.unwrap_or_default(),
        code.unwrap_or_default()
    )
    .trim_end()
    .to_owned()
}

fn sentence(view: &DeploymentView, exit: Option<Exit>, within: Duration) -> String {
    let counted = counted(view);
    match exit {
        Some(_) if view.reported.is_none() => {
            format!("The deployment is {}, and {counted}.", view.state)
        }
        Some(Exit::Done) => format!("Every device reported success: {counted}."),
        Some(Exit::Failed) => format!("No device reported success: {counted}."),
        Some(_) => format!("Not every device reported success: {counted}."),
        None => {
            let time = words::seconds(u32::try_from(within.as_secs()).unwrap_or(u32::MAX));
            format!(
                "Not over after {time}: {counted}. The deployment continues at the service; watch it again to follow it further."
            )
        }
    }
}

/// The devices in numbers; the service may not count them.
fn counted(view: &DeploymentView) -> String {
    match view.reported {
        Some(reported) => format!(
            "{} ({} devices in all)",
            view.in_words,
            grouped(reported.total)
        ),
        None => view.in_words.clone(),
    }
}

/// For whom it is waited.
fn waited_for(view: &DeploymentView) -> String {
    let (Some(reported), Some(left)) = (view.reported, view.not_reported) else {
        return view.in_words.clone();
    };
    let (noun, verb) = if left == 1 {
        ("device", "has")
    } else {
        ("devices", "have")
    };
    format!(
        "{} {noun} of {} {verb} not reported",
        grouped(left),
        grouped(reported.total)
    )
}

fn note(text: &str, as_json: bool) {
    if as_json {
        print::json_line(&json!({ "event": "note", "text": text }));
    } else {
        print::line_to_error(&format!("  {text}"));
    }
}

/// How it ended; `None` while devices are expected to report.
fn ended(view: &DeploymentView) -> Option<Exit> {
    let exit = match view.reported {
        Some(reported) if reported.succeeded == 0 => Exit::Failed,
        Some(reported) if reported.succeeded == reported.total => Exit::Done,
        _ => Exit::Sent,
    };
    view.is_over.then_some(exit)
}

#[cfg(test)]
mod tests {
    use firmdrop_api::azure::DeploymentRow;

    use super::*;

    /// A deployment of which so many succeeded, failed, are under way, of so many.
    fn view(state: &str, numbers: [u64; 4]) -> DeploymentView {
        let [succeeded, failed, in_progress, total] = numbers;
        DeploymentView {
            deployment: DeploymentRow {
                id: "d".to_owned(),
                group: "g".to_owned(),
                update: "u".to_owned(),
                start: String::new(),
                is_canceled: false,
                is_retried: false,
                is_rollback: false,
                classes: Vec::new(),
            },
            state: state.to_owned(),
            error: None,
            reported: Some(ReportedRow {
                total,
                succeeded,
                failed,
                canceled: 0,
                in_progress,
            }),
            in_words: "words".to_owned(),
            is_over: false,
            not_reported: Some(total.saturating_sub(succeeded + failed)),
        }
    }

    /// One that is over.
    fn over(state: &str, numbers: [u64; 4]) -> DeploymentView {
        DeploymentView {
            is_over: true,
            ..view(state, numbers)
        }
    }

    #[test]
    fn how_it_ended_depends_on_how_many_devices_reported_success() {
        assert_eq!(ended(&over("Active", [3, 0, 0, 3])), Some(Exit::Done));
        assert_eq!(ended(&over("Active", [2, 1, 0, 3])), Some(Exit::Sent));
        assert_eq!(ended(&over("Active", [0, 3, 0, 3])), Some(Exit::Failed));
        assert_eq!(ended(&view("Active", [2, 0, 1, 3])), None);
        assert_eq!(ended(&over("Canceled", [2, 0, 1, 3])), Some(Exit::Sent));
    }

    #[test]
    fn devices_that_the_service_does_not_count_are_said_to_be_uncounted() {
        let uncounted = DeploymentView {
            reported: None,
            not_reported: None,
            in_words: "the service does not count its devices".to_owned(),
            ..over("Inactive", [0; 4])
        };
        let exit = ended(&uncounted);
        assert_eq!(exit, Some(Exit::Sent));
        assert_eq!(
            sentence(&uncounted, exit, Duration::from_mins(10)),
            "The deployment is Inactive, and the service does not count its devices."
        );
    }

    #[test]
    fn a_device_that_never_reports_is_waited_for_by_number_and_said_at_the_end() {
        let silent = view("Active", [2, 0, 1, 3]);
        assert_eq!(waited_for(&silent), "1 device of 3 has not reported");
        let text = sentence(&silent, None, Duration::from_mins(10));
        assert!(
            text.starts_with("Not over after 10 min: words (3 devices in all)."),
            "{text}"
        );
        let none = view("Active", [0, 0, 0, 3]);
        assert_eq!(waited_for(&none), "3 devices of 3 have not reported");
    }
}
