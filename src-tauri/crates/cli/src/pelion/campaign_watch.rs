//! `pelion campaigns watch`: a line for each change until nothing will change any more, and how it ended.

use std::time::Duration;

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::campaign::{CampaignEnd, campaign_end};
use firmdrop_api::pelion::{CampaignLive, Notes, RepeatedQueries};
use firmdrop_core::Note;
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::progress::interrupted;
use crate::{failure, print};

/// Causes of failures that are printed at the end.
const CAUSES: usize = 10;

pub(super) async fn run(context: &Context, account: &str, id: &str) -> Result<Exit, Diagnosis> {
    tokio::select! {
        ended = watch(context, account, id) => ended,
        () = interrupted() => {
            print::line_to_error("Only the watch has ended: the campaign continues at the service.");
            Ok(Exit::Cancelled)
        }
    }
}

async fn watch(context: &Context, account: &str, id: &str) -> Result<Exit, Diagnosis> {
    let as_json = context.json;
    let notes = Notes::new(move |note| show_note(&note, as_json));
    let mut queries = RepeatedQueries::new(&notes);
    let service = context.firmdrop.pelion(account);
    let mut last = None;
    let mut quiet_seconds = 0;
    loop {
        let live = service
            .campaign_live_again(id, quiet_seconds, &mut queries)
            .await?;
        let standing = &live.view.standing;
        let now = Some((standing.title.clone(), standing.reason.clone(), live.counts));
        if now != last {
            quiet_seconds = 0;
            last = now;
            show(&live, as_json);
        }
        let (Some(seconds), None) = (
            live.look_again_seconds,
            campaign_end(&live.view.campaign, live.counts),
        ) else {
            return Ok(ended(&live, as_json));
        };
        quiet_seconds += seconds;
        tokio::time::sleep(Duration::from_secs(seconds.into())).await;
    }
}

fn show(live: &CampaignLive, as_json: bool) {
    let standing = &live.view.standing;
    if as_json {
        print::json_line(&json!({
            "phase": live.view.campaign.phase, "state": live.view.campaign.state,
            "counts": live.counts, "causes": live.causes, "reason": standing.reason,
        }));
        return;
    }
    let counted = live.counts.map_or_else(
        || "the service does not count the devices".to_owned(),
        |counts| {
            format!(
                "{} updated, {} failed, {} skipped, {} pending",
                counts.success, counts.failed, counts.skipped, counts.pending
            )
        },
    );
    print::line(&format!("{:<12} {counted}", standing.title));
    if let Some(reason) = &standing.reason {
        print::line(&format!("{:<12} {reason}", ""));
    }
}

/// Something went wrong on the way and is tried again.
fn show_note(note: &Note, as_json: bool) {
    if as_json {
        print::json_line(&json!({ "event": "note", "note": note }));
    } else {
        let detail = note.detail.as_deref().unwrap_or("");
        print::line_to_error(&format!("  {}. {detail}", note.text));
    }
}

/// How it ended, and what a script learns from that.
fn ended(live: &CampaignLive, as_json: bool) -> Exit {
    let Some(end) = campaign_end(&live.view.campaign, live.counts) else {
        return Exit::Failed;
    };
    let exit = match &end {
        CampaignEnd::Updated { .. } => Exit::Done,
        CampaignEnd::Partly { .. } => Exit::Sent,
        CampaignEnd::NotUpdated { .. } | CampaignEnd::NotStarted { .. } => Exit::Failed,
    };
    if as_json {
        print::json_line(
            &json!({ "event": "end", "campaign": live.view.campaign.id, "result": end }),
        );
        return exit;
    }
    match &end {
        CampaignEnd::Updated { sentence }
        | CampaignEnd::Partly { sentence }
        | CampaignEnd::NotUpdated { sentence } => print::line(sentence),
        CampaignEnd::NotStarted { diagnosis } => failure::show(diagnosis, false),
    }
    if exit != Exit::Done {
        for cause in live.causes.iter().take(CAUSES) {
            let advice = cause.what_to_do.as_deref().unwrap_or("");
            let line = format!(
                "  {:>6} × {}: {} {advice}",
                cause.count, cause.event_type, cause.meaning
            );
            print::line(line.trim_end());
        }
    }
    exit
}
