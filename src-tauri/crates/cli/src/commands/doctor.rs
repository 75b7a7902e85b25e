//! `doctor`: what stands in the way on this computer, changed on consent and undone.

use std::path::PathBuf;

use firmdrop_api::{
    Diagnosis, Doctor, DoctorReport, FileChange, Finding, FindingState, Firmdrop, Fix, Root,
    System, SystemChanged, User, no_such_user, system_in,
};

use crate::arguments::DoctorArguments;
use crate::exit::Exit;
use crate::{print, prompt};

/// Letters of the column with states.
const STATE_WIDTH: usize = 8;

/// Carries the command out; it works where the home could not be opened.
pub(super) async fn run(
    command: &DoctorArguments,
    json: bool,
    home: PathBuf,
    firmdrop: Result<Firmdrop, Diagnosis>,
) -> Result<Exit, Diagnosis> {
    let system = system(command)?;
    if let (Some(account), Ok(firmdrop)) = (&command.ask, &firmdrop) {
        // What its host says of the time is in every response, whatever else it says.
        firmdrop.test_account(account).await?;
    }
    let doctor = Doctor::new(system, home, firmdrop);
    if let Some(id) = &command.undo {
        return undo(&doctor, id, command.yes, json).await;
    }
    if let Some(id) = &command.fix {
        return fix(&doctor, id, command.yes, json).await;
    }
    let report = doctor.report().await?;
    if json {
        print::json(&report);
    } else {
        print_report(&report, command.root.as_deref());
    }
    let stands_in_the_way = |finding: &Finding| finding.state == FindingState::Problem;
    Ok(if report.findings.iter().any(stands_in_the_way) {
        Exit::Failed
    } else {
        Exit::Done
    })
}

fn system(command: &DoctorArguments) -> Result<System, Diagnosis> {
    let root = match &command.root {
        Some(folder) => system_in(folder)?,
        None => Root::default(),
    };
    let user = match &command.user {
        Some(name) => User::named(&root, name).ok_or_else(|| no_such_user(name))?,
        None => User::of_this_process(&root),
    };
    Ok(System {
        user,
        program: program(),
        root,
    })
}

/// How this program is called with root's rights: by its whole path, which root's own search path may not have.
fn program() -> String {
    let path = std::env::current_exe().unwrap_or_else(|_| "firmdrop-cli".into());
    let path = path.display().to_string();
    if path.contains(char::is_whitespace) {
        format!("sudo '{path}'")
    } else {
        format!("sudo {path}")
    }
}

async fn fix(doctor: &Doctor, id: &str, yes: bool, json: bool) -> Result<Exit, Diagnosis> {
    let fix = doctor.fix(id).await?;
    for line in fix_lines(&fix) {
        print::line_to_error(&line);
    }
    if let Err(exit) = agreed(yes, "Write this?", json) {
        return Ok(exit);
    }
    let then = fix.then.clone();
    let done = doctor.apply(fix).await?;
    show(&done, &then, json);
    Ok(Exit::Done)
}

async fn undo(doctor: &Doctor, id: &str, yes: bool, json: bool) -> Result<Exit, Diagnosis> {
    let change = doctor.change_to_undo(id).await?;
    let id = change.id.to_string();
    for file in &change.files {
        print::line_to_error(&format!("  restores {}", file.path));
    }
    let question = format!("Restore the files of change {id} as they were before it?");
    if let Err(exit) = agreed(yes, &question, json) {
        return Ok(exit);
    }
    show(&doctor.undo(&id).await?, "", json);
    Ok(Exit::Done)
}

fn agreed(yes: bool, question: &str, json: bool) -> Result<(), Exit> {
    if yes {
        return Ok(());
    }
    prompt::confirm(question, json)
}

fn show(done: &SystemChanged, then: &str, json: bool) {
    if json {
        print::json(done);
        return;
    }
    let change = &done.change;
    let word = if change.undone_at.is_some() {
        "Undone"
    } else {
        "Written"
    };
    for file in &change.files {
        print::line(&format!("{word}: {}", file.path));
    }
    for why in &done.not_run {
        print::line(&format!("Not run: {why}"));
    }
    if change.undone_at.is_none() {
        print::line(&format!("Undo it with: doctor --undo {}", change.id));
    }
    if !then.is_empty() {
        print::line(then);
    }
}

/// What a fix writes and runs, to the byte; of a changed copy the lines that differ.
fn fix_lines(fix: &Fix) -> Vec<String> {
    let mut lines = vec![format!("{}. {}", fix.title, fix.effect)];
    for file in &fix.files {
        lines.push(heading(file));
        lines.extend(file.lines.iter().map(|line| format!("    {line}")));
    }
    lines.extend(
        fix.commands
            .iter()
            .map(|words| format!("  runs {}", words.join(" "))),
    );
    lines
}

fn heading(file: &FileChange) -> String {
    let path = &file.path;
    match (&file.copy_of, &file.before) {
        (Some(original), None) => {
            format!("  writes {path}, a copy of {original} with these lines changed:")
        }
        (_, None) => format!("  writes {path}:"),
        (_, Some(_)) => format!("  changes {path}:"),
    }
}

fn print_report(report: &DoctorReport, root: Option<&std::path::Path>) {
    for finding in &report.findings {
        let state = match finding.state {
            FindingState::Fine => "ok",
            FindingState::Unknown => "unknown",
            FindingState::Notice => "notice",
            FindingState::Problem => "PROBLEM",
        };
        print::line(&format!("{state:<STATE_WIDTH$} {}", finding.what));
        let more = |text: &str| print::line(&format!("{:STATE_WIDTH$} {text}", ""));
        if !finding.why.is_empty() {
            more(&finding.why);
        }
        for advice in &finding.advice {
            more(advice);
        }
        for fix in &finding.fixes {
            more(&format!("--fix {}: {}.", fix.id, fix.title));
        }
    }
    if let Some(diagnosis) = &report.record {
        print::line_to_error(&diagnosis.what_happened);
    }
    for change in &report.changes {
        let state = match change.undone_at {
            Some(at) => format!("undone {at}"),
            None => format!("--undo {}", change.id),
        };
        print::line(&format!(
            "change {} of {}: {}; {state}",
            change.id, change.at, change.title
        ));
    }
    if let Some(root) = root {
        print::line_to_error(&format!("Looked below {}.", root.display()));
    }
}
