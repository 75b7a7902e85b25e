//! Questions at the terminal.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use firmdrop_api::{AccessKey, Code, Diagnosis, Remedy};

/// Asks a yes-or-no question. Without a terminal nobody can answer, so the answer is no.
pub(crate) fn confirm(question: &str) -> Result<bool, Diagnosis> {
    if !std::io::stdin().is_terminal() {
        return Err(Diagnosis::new(
            Code::JobCannotDo,
            "Nothing was done: it was not confirmed.",
            "There is no terminal to ask at.",
        )
        .titled("A confirmation is needed")
        .state("Nothing was sent.")
        .remedy(Remedy::Advice {
            text: "Add --yes when you are sure.".into(),
        }));
    }
    let answer = ask(&format!("{question} [y/N] "));
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The access key: from a file, from `FIRMDROP_ACCESS_KEY`, from a pipe, or asked for. Never an
/// argument, since arguments can be read by every user of the computer.
pub(crate) fn access_key(file: Option<&std::path::Path>) -> Result<AccessKey, Diagnosis> {
    let missing = |why: String| {
        Diagnosis::new(Code::KeyMissing, "No access key was stored.", why)
            .state("Nothing was changed.")
    };
    let key = match file {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| missing(format!("{} could not be read: {error}", path.display())))?,
        None => std::env::var("FIRMDROP_ACCESS_KEY").unwrap_or_else(|_| {
            let _echo = EchoOff::begin();
            ask("Access key: ")
        }),
    };
    match key.trim() {
        "" => Err(missing("The access key is empty.".into())),
        key => Ok(AccessKey::from(key.to_owned())),
    }
}

fn ask(question: &str) -> String {
    let mut error = std::io::stderr();
    // A question that cannot be shown is answered by the empty line that follows.
    let _ = error
        .write_all(question.as_bytes())
        .and_then(|()| error.flush());
    let mut answer = String::new();
    let _ = std::io::stdin().lock().read_line(&mut answer);
    answer
}

/// Keeps what is typed off the screen, as long as it lives.
#[derive(Debug)]
struct EchoOff;

impl EchoOff {
    fn begin() -> Option<Self> {
        let off = std::io::stdin().is_terminal() && stty("-echo");
        off.then_some(Self)
    }
}

impl Drop for EchoOff {
    fn drop(&mut self) {
        stty("echo");
    }
}

/// `stty` belongs to every Unix; where it is missing the key is shown while it is typed.
fn stty(mode: &str) -> bool {
    let stty = std::process::Command::new("stty")
        .arg(mode)
        .stdin(std::process::Stdio::inherit())
        .status();
    stty.is_ok_and(|status| status.success())
}
