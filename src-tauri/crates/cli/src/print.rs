//! The only place that writes to the terminal.
//!
//! A reader that goes away (`firmdrop-cli jobs | head -1`) ends no delivery: what cannot be written
//! is left out.

use std::borrow::Cow;
use std::io::Write as _;

use firmdrop_api::{Diagnosis, JobId, Remedy};
use serde::Serialize;

use crate::kinds;

/// A line of the answer.
pub(crate) fn line(text: &str) {
    raw_line(&printable(text));
}

/// A line that commands a terminal nothing by itself.
fn raw_line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// The text without what commands a terminal or turns the direction of reading: names of files and
/// sentences of services and readers are foreign.
fn printable(text: &str) -> Cow<'_, str> {
    let commands = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(commands) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| {
        if commands(c) {
            c.escape_unicode().to_string()
        } else {
            c.to_string()
        }
    };
    Cow::Owned(text.chars().map(shown).collect())
}

/// A part of the answer that brings its own line ends.
pub(crate) fn text(text: &str) {
    let _ = write!(std::io::stdout().lock(), "{}", printable(text));
}

/// A part of a long answer; `false` when nobody reads on, so that the rest need not be asked for.
pub(crate) fn part(text: &str) -> bool {
    let mut output = std::io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .is_ok()
}

/// A line for the user at the terminal, not for a script.
pub(crate) fn line_to_error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", printable(text));
}

/// The answer as one JSON document.
pub(crate) fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => raw_line(&text),
        Err(error) => line_to_error(&format!("The answer cannot be written as JSON: {error}")),
    }
}

/// The answer of a command that returns nothing but that it is done.
pub(crate) fn done(as_json: bool) {
    if as_json {
        json_line(&serde_json::json!({ "done": true }));
    }
}

/// One line of JSON.
pub(crate) fn json_line(value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => raw_line(&text),
        Err(error) => line_to_error(&format!("The answer cannot be written as JSON: {error}")),
    }
}

/// A failure: to a user on standard error, to a script as a document on standard output.
pub(crate) fn diagnosis(diagnosis: &Diagnosis, as_json: bool) {
    if as_json {
        json_line(&serde_json::json!({ "error": diagnosis }));
    } else {
        failure(diagnosis, "ID");
    }
}

/// The failure of a job, to a user.
pub(crate) fn job_failure(diagnosis: &Diagnosis, id: &JobId) {
    failure(diagnosis, &id.to_string());
}

fn failure(diagnosis: &Diagnosis, job: &str) {
    line_to_error(&format!("{}  {}", diagnosis.code, diagnosis.title));
    let parts = [
        ("What happened", &diagnosis.what_happened),
        ("Why", &diagnosis.why),
        ("State now", &diagnosis.state_now),
    ];
    for (label, text) in parts.into_iter().filter(|(_, text)| !text.is_empty()) {
        line_to_error(&format!("  {label:<14} {text}"));
    }
    for (number, remedy) in diagnosis.remedies.iter().enumerate() {
        let label = if number == 0 { "What to do" } else { "" };
        line_to_error(&format!("  {label:<14} {}", advice(remedy, job)));
    }
    for detail in &diagnosis.details {
        line_to_error(&format!("  {:<14} {}", detail.label, detail.value));
    }
}

/// A remedy as a sentence that fits a command line; `job` is the id of the job that failed.
fn advice(remedy: &Remedy, job: &str) -> String {
    match remedy {
        Remedy::Resume => format!("Resume it with `firmdrop-cli job resume {job}`."),
        Remedy::PlanAgain => format!(
            "Plan it again ({}); nothing is sent before that is confirmed.",
            kinds::PLAN_COMMANDS
        ),
        Remedy::ChooseAnotherFile => "Choose another file.".into(),
        Remedy::InspectAgain => "Wait until nobody writes the file, then try again.".into(),
        Remedy::GiveAddress => "Say where the image belongs with --address.".into(),
        Remedy::UseExistingImage { image_id } => {
            format!(
                "Use the existing firmware image {image_id}: `firmdrop-cli job resume {job} --use-existing`."
            )
        }
        Remedy::AdoptUploadJob { upload_job_id } => {
            format!(
                "When nobody else is sending into it, continue the upload job {upload_job_id}: `firmdrop-cli job resume {job} --adopt`."
            )
        }
        Remedy::ChooseAnotherName { suggestion } => {
            format!("Choose another name: --name '{suggestion}'.")
        }
        Remedy::TestAccount { account } => {
            format!("Test the account: `firmdrop-cli account test {account}`.")
        }
        Remedy::EditAccount { account } => {
            format!(
                "Replace its access key with `firmdrop-cli account key {account}`, or its address, proxy or certificates with `firmdrop-cli account edit {account}`; `firmdrop-cli account add {account}` is refused, since the account exists."
            )
        }
        Remedy::Wait { seconds } => format!("Wait {seconds} s, then try again."),
        Remedy::Reconnect => "Plug the reader in again, or bring it back into reach.".into(),
        Remedy::CloseOtherProgram => "Close the program that holds the port or the file.".into(),
        Remedy::FreeSpace => "Make room on the disk.".into(),
        Remedy::Advice { text } => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_commands_no_terminal_and_hides_no_ending() {
        let name = "puck\u{1b}[2J\u{202e}nib.exe\r";
        assert_eq!(printable(name), r"puck\u{1b}[2J\u{202e}nib.exe\u{d}");
        assert_eq!(printable("größer\tals\n"), "größer\tals\n");
    }
}
