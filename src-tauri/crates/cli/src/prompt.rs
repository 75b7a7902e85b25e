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
    let secret = match file {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| missing(format!("{} could not be read: {error}", path.display())))?,
        None => return self::secret("Access key", "access_key"),
    };
    filled("Access key", &secret)
}

/// A secret of an account: from `FIRMDROP_` and its name, from a pipe, or asked for.
pub(crate) fn secret(label: &str, name: &str) -> Result<AccessKey, Diagnosis> {
    let variable = format!("FIRMDROP_{}", name.to_uppercase());
    let secret = std::env::var(variable).unwrap_or_else(|_| {
        let _echo = EchoOff::begin();
        ask(&format!("{label}: "))
    });
    filled(label, &secret)
}

fn filled(label: &str, secret: &str) -> Result<AccessKey, Diagnosis> {
    match secret.trim() {
        "" => {
            let why = format!("{label}: nothing was entered.");
            Err(
                Diagnosis::new(Code::KeyMissing, "No secret was stored.", why)
                    .state("Nothing was changed."),
            )
        }
        secret => Ok(AccessKey::from(secret.to_owned())),
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
