//! What the user confirms outside of the page: a dialog of the system's, with words that the shell made.
//!
//! A page that was taken over can call every command and can show anything. It cannot press a button here.

use firmdrop_api::{BenchLane, BenchView, Code, Diagnosis, Firmdrop, Impact, JobState, Plan};
use tauri::AppHandle;

use crate::dialog;

/// Lines of one dialog; more are counted.
const MOST_LINES: usize = 12;
/// Characters of one line: what is longer is cut in its middle.
const LONGEST_LINE: usize = 120;

/// Confirms the delivery of plans. One to the simulated world needs none.
pub(crate) async fn deliveries(
    app: &AppHandle,
    firmdrop: &Firmdrop,
    plans: &[Plan],
) -> Result<(), Diagnosis> {
    let real: Vec<&Plan> = plans.iter().filter(|plan| !plan.simulated).collect();
    if real.is_empty() {
        return Ok(());
    }
    let lines = real
        .iter()
        .map(|plan| delivery_line(firmdrop, plan))
        .collect();
    let title = match real.len() {
        1 => "Start this delivery?".to_owned(),
        many => format!("Start these {many} deliveries?"),
    };
    ask(app, title, lines, "Deliver").await
}

/// What a plan does, to what, where: with the address that it really goes to.
fn delivery_line(firmdrop: &Firmdrop, plan: &Plan) -> String {
    let place = match firmdrop.account_of(&plan.destination) {
        Some(account) => account.host,
        None => plan.destination.to_string(),
    };
    let mut line = format!(
        "{} to {} ({place})",
        plan.image().file_name,
        plan.destination_name
    );
    if plan.production {
        line.push_str(", production");
    }
    if plan.impact == Impact::Fleet {
        for risk in &plan.risks {
            line.push_str("\n    ");
            line.push_str(risk);
        }
    }
    for confirmation in &plan.confirmations {
        line.push_str("\n    ");
        line.push_str(&confirmation.title);
    }
    line
}

/// Confirms that a bench writes readers as they are plugged in. Simulated readers need no confirmation.
pub(crate) async fn arming(app: &AppHandle, bench: &BenchView) -> Result<(), Diagnosis> {
    let is_simulated = |lane: &BenchLane| {
        lane.place
            .as_deref()
            .is_none_or(|it| it.starts_with("sim:"))
    };
    if bench.setup.lanes.iter().all(is_simulated) {
        return Ok(());
    }
    let image = &bench.image;
    let version = image.version.as_deref().unwrap_or("no version");
    let taught = bench.setup.lanes.iter().filter(|lane| lane.place.is_some());
    let lines = vec![
        format!("{} ({version})", image.name),
        format!(
            "Every reader that is plugged into one of {} lanes is written.",
            taught.count()
        ),
        format!("Lot {}", bench.setup.lot),
    ];
    ask(app, "Arm the bench?".to_owned(), lines, "Arm").await
}

/// Confirms that a reader is restarted although something else may run on it afterwards.
pub(crate) async fn restart(
    app: &AppHandle,
    destination: &str,
    what_changes: &str,
) -> Result<(), Diagnosis> {
    let mut lines = vec![destination.to_owned()];
    lines.extend(wrapped(what_changes));
    ask(app, "Restart this reader?".to_owned(), lines, "Restart").await
}

/// Confirms that the window opens the console of a reader, over which anything can be sent to it.
pub(crate) async fn console(
    app: &AppHandle,
    firmdrop: &Firmdrop,
    destination: &str,
) -> Result<(), Diagnosis> {
    let readers = firmdrop.readers().await;
    let reader = readers.iter().find(|view| view.destination == destination);
    if reader.is_some_and(|view| view.reader.simulated) {
        return Ok(());
    }
    let lines = vec![
        destination.to_owned(),
        "What is typed in the window is sent to the reader.".to_owned(),
    ];
    let title = "Open the console of this reader?".to_owned();
    ask(app, title, lines, "Open").await
}

/// Confirms that something happens at an account. The simulated one needs no confirmation.
pub(crate) async fn at_account(
    app: &AppHandle,
    firmdrop: &Firmdrop,
    account: &str,
    what: String,
    button: &'static str,
) -> Result<(), Diagnosis> {
    let accounts = firmdrop.accounts().await?;
    let Some(account) = accounts.into_iter().find(|each| each.id == account) else {
        // The act itself says that there is none.
        return Ok(());
    };
    if account.simulated {
        return Ok(());
    }
    let kind = if account.production {
        ", production"
    } else {
        ""
    };
    let place = format!("Account {} ({}{kind})", account.name, account.host);
    let lines = vec![what, place];
    ask(app, format!("{button}?"), lines, button).await
}

/// Confirms that files of the system are written.
pub(crate) async fn system_change(
    app: &AppHandle,
    title: String,
    files: Vec<String>,
    button: &'static str,
) -> Result<(), Diagnosis> {
    ask(app, title, files, button).await
}

/// Confirms that these paths and addresses are opened.
pub(crate) async fn opening(
    app: &AppHandle,
    title: &str,
    sources: Vec<String>,
) -> Result<(), Diagnosis> {
    ask(app, title.to_owned(), sources, "Open").await
}

/// Confirms that this computer contacts a host it was not asked to contact before.
pub(crate) async fn contact(app: &AppHandle, title: &str, address: &str) -> Result<(), Diagnosis> {
    let lines = vec![address.to_owned()];
    ask(app, title.to_owned(), lines, "Continue").await
}

/// Whether a destination may be contacted: it is known here, was delivered to before, or is confirmed now.
pub(crate) async fn destination(
    app: &AppHandle,
    firmdrop: &Firmdrop,
    destination: &str,
) -> Result<(), Diagnosis> {
    if destination.starts_with("device:") {
        return Ok(());
    }
    let parsed = firmdrop.engine().destination(destination).ok();
    let canonical = parsed
        .as_ref()
        .map_or_else(|| destination.to_owned(), ToString::to_string);
    let readers = firmdrop.readers().await;
    let is_reader = readers.iter().any(|view| view.destination == canonical);
    let is_account = parsed.is_some_and(|destination| firmdrop.account_of(&destination).is_some());
    if is_reader || is_account || was_delivered_to(firmdrop, &canonical) {
        return Ok(());
    }
    contact(app, "Contact this address?", &canonical).await
}

async fn ask(
    app: &AppHandle,
    title: String,
    lines: Vec<String>,
    button: &'static str,
) -> Result<(), Diagnosis> {
    if dialog::confirm(app, plain(&title), text(&lines), button).await {
        return Ok(());
    }
    Err(Diagnosis::new(
        Code::ConfirmationMissing,
        "Cancel was chosen in the system's dialog.",
        "This needs a confirmation outside of the window.",
    )
    .titled("Cancelled")
    .state("Nothing was sent and nothing was changed."))
}

/// A text as lines, none of which is cut.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < LONGEST_LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn was_delivered_to(firmdrop: &Firmdrop, destination: &str) -> bool {
    let jobs = firmdrop.jobs(2_000).unwrap_or_default();
    jobs.iter()
        .any(|job| job.destination == destination && !matches!(job.state, JobState::Queued))
}

/// Lines as one text that no file name can spread over the screen or reorder.
fn text(lines: &[String]) -> String {
    let more = lines.len().saturating_sub(MOST_LINES);
    let mut shown: Vec<String> = lines
        .iter()
        .take(MOST_LINES)
        .map(|line| plain(line))
        .collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown.join("\n")
}

/// Without control characters and marks that change the direction of the text; cut in the middle when too long.
fn plain(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let is_harmless = |c: &char| {
            !c.is_control()
                && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let line: Vec<char> = line.chars().filter(is_harmless).collect();
        if line.len() <= LONGEST_LINE {
            return line.into_iter().collect::<String>();
        }
        let half = LONGEST_LINE / 2;
        let (head, tail) = (&line[..half], &line[line.len() - half..]);
        format!("{}…{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sentence_is_shown_whole() {
        let sentence = "Slot 1 holds the image 2.4.1 and it runs after the restart. ".repeat(5);
        let lines = wrapped(&sentence);
        assert!(lines.len() > 1);
        assert_eq!(lines.join(" "), sentence.trim());
        assert!(lines.iter().all(|line| plain(line) == *line));
    }

    #[test]
    fn a_name_can_neither_reorder_nor_flood_the_text_of_a_dialog() {
        assert_eq!(plain("gate\u{202e}nib.exe\u{7}"), "gatenib.exe");
        let long = plain(&format!("begin{}end", "x".repeat(10_000)));
        assert!(long.chars().count() <= LONGEST_LINE + 1);
        assert!(long.starts_with("begin") && long.ends_with("end"));
        let lines: Vec<_> = (0..100).map(|number| number.to_string()).collect();
        let text = text(&lines);
        assert_eq!(text.lines().count(), MOST_LINES + 1);
        assert!(text.ends_with("and 88 more"));
    }
}
