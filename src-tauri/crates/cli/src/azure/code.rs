//! `adu code`: what an agent's extended result code says.

use firmdrop_api::Diagnosis;
use firmdrop_api::azure::{ExplainedCode, explain_code};

use crate::exit::Exit;
use crate::print;

pub(super) fn run(json: bool, code: &str) -> Result<Exit, Diagnosis> {
    let code = explain_code(code)?;
    if json {
        print::json(&code);
    } else {
        for line in lines(&code) {
            print::line(&line);
        }
    }
    Ok(Exit::Done)
}

fn lines(code: &ExplainedCode) -> Vec<String> {
    let mut lines = vec![format!("{} ({})", code.hex, code.number)];
    let mut add = |label: &str, value: &str| lines.push(format!("  {label:<12} {value}"));
    add("From", &format!("{}, {}", code.facility, code.component));
    let whose = if code.is_foreign_value {
        " of the operating system, or of a tool that the handler ran"
    } else {
        ""
    };
    add("Number", &format!("{}{whose}", code.value));
    add("Cause", code.cause.as_deref().unwrap_or("not known"));
    if let Some(help) = &code.help {
        add("What helps", help);
    }
    lines
}
