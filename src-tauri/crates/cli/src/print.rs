//! The only place that writes to the terminal.
//!
//! A reader that goes away (`firmdrop-cli jobs | head -1`) ends no delivery: what cannot be written
//! is left out. An answer that is lost in another way, such as on a full disk, is reported at the end.

use std::io::{self, ErrorKind, Write as _};
use std::sync::OnceLock;

use firmdrop_api::{Code, Diagnosis, Remedy};
use serde::Serialize;

use crate::printable;

/// Why a part of the answer was not written, the first time. A reader that went away is no reason.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// That a part of the answer was lost, and why.
pub(crate) fn lost() -> Option<Diagnosis> {
    written(io::stdout().flush());
    let error = LOST.get()?;
    let what = "A part of the answer was not written to standard output.";
    let diagnosis = Diagnosis::new(Code::FileNotWritten, what, format!("{error}."))
        .titled("The answer could not be written")
        .state("What was written of the answer is not complete.")
        .remedy(Remedy::advice("Make room, or write the answer elsewhere."));
    Some(diagnosis)
}

/// Whether it was written; what was lost is reported at the end.
fn written(result: io::Result<()>) -> bool {
    let Err(error) = result else { return true };
    if error.kind() != ErrorKind::BrokenPipe {
        let _first = LOST.get_or_init(|| error);
    }
    false
}

/// A line of the answer.
pub(crate) fn line(text: &str) {
    raw_line(&printable::line(text));
}

/// A line that commands a terminal nothing by itself.
fn raw_line(text: &str) {
    written(writeln!(io::stdout().lock(), "{text}"));
}

/// A part of a long table, with its own line ends; `false` when nobody reads on, so that the rest need
/// not be asked for.
pub(crate) fn part(text: &str) -> bool {
    let mut output = io::stdout().lock();
    let result = output
        .write_all(printable::table(text).as_bytes())
        .and_then(|()| output.flush());
    written(result)
}

/// A line for the user at the terminal, not for a script.
pub(crate) fn line_to_error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", printable::line(text));
}

/// Several lines for the user at the terminal.
pub(crate) fn lines_to_error(text: &str) {
    let _ = write!(std::io::stderr().lock(), "{}", printable::lines(text));
}

/// A question at the terminal; the answer is typed on its line.
pub(crate) fn question(text: &str) {
    let mut error = std::io::stderr().lock();
    // One that cannot be shown is answered by the empty line that follows.
    let _ = write!(error, "{}", printable::line(text)).and_then(|()| error.flush());
}

/// The answer as one JSON document.
pub(crate) fn json(value: &impl Serialize) {
    document(serde_json::to_string_pretty(value));
}

/// One line of JSON.
pub(crate) fn json_line(value: &impl Serialize) {
    document(serde_json::to_string(value));
}

fn document(text: serde_json::Result<String>) {
    match text {
        Ok(text) => raw_line(&printable::json(&text)),
        Err(error) => line_to_error(&format!("The answer cannot be written as JSON: {error}")),
    }
}

/// A line that is JSON already, behind its moment.
pub(crate) fn json_text(text: &str) {
    raw_line(&printable::json(text));
}

/// The answer of a command that returns nothing but that it is done.
pub(crate) fn done(as_json: bool) {
    if as_json {
        json_line(&serde_json::json!({ "done": true }));
    }
}
