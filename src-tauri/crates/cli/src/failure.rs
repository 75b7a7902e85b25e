//! A failure as it is shown: to a user on standard error, to a script as a document.

use firmdrop_api::{Code, Diagnosis, JobId, JobSummary, Remedy};

use crate::exit::Exit;
use crate::{kinds, print, words};

/// What failed, as far as it is known: advice names it.
#[derive(Debug, Clone, Copy, Default)]
struct Failed<'a> {
    job: Option<&'a JobId>,
    /// The destination as it is written.
    destination: Option<&'a str>,
}

/// A failure that belongs to no job.
pub(crate) fn show(diagnosis: &Diagnosis, as_json: bool) {
    if as_json {
        print::json_line(&serde_json::json!({ "error": diagnosis }));
    } else {
        print(diagnosis, Failed::default());
    }
}

/// How a command ended, where these codes say that a value of its command line cannot be meant: such a
/// failure is shown here, and is wrong usage.
pub(crate) fn as_usage(
    ended: Result<Exit, Diagnosis>,
    codes: &[Code],
    as_json: bool,
) -> Result<Exit, Diagnosis> {
    match ended {
        Err(diagnosis) if codes.contains(&diagnosis.code) => {
            show(&diagnosis, as_json);
            Ok(Exit::Usage)
        }
        ended => ended,
    }
}

/// The failure of a job, to a user.
pub(crate) fn show_of_job(diagnosis: &Diagnosis, job: &JobSummary) {
    let failed = Failed {
        job: Some(&job.id),
        destination: Some(&job.destination),
    };
    print(diagnosis, failed);
}

fn print(diagnosis: &Diagnosis, failed: Failed<'_>) {
    for line in lines(diagnosis, failed) {
        print::line_to_error(&line);
    }
}

fn lines(diagnosis: &Diagnosis, failed: Failed<'_>) -> Vec<String> {
    let (what, why) = once(&diagnosis.what_happened, &diagnosis.why);
    let row = |label: &str, text: &str| format!("  {label:<14} {text}");
    let mut lines = vec![format!("{}  {}", diagnosis.code, diagnosis.title)];
    let parts = [
        ("What happened", what),
        ("Why", why),
        ("State now", diagnosis.state_now.trim()),
    ];
    let parts = parts.into_iter().filter(|(_, text)| !text.is_empty());
    lines.extend(parts.map(|(label, text)| row(label, text)));
    let advice = diagnosis
        .remedies
        .iter()
        .filter_map(|remedy| advice(remedy, failed));
    let mut given: Vec<String> = Vec::new();
    for text in advice.filter(|text| !text.is_empty()) {
        if given.contains(&text) {
            continue;
        }
        let label = if given.is_empty() { "What to do" } else { "" };
        lines.push(row(label, &text));
        given.push(text);
    }
    let details = diagnosis.details.iter();
    lines.extend(details.map(|detail| row(&detail.label, &detail.value)));
    lines
}

/// What happened and why, where one does not only repeat the other.
fn once<'a>(what: &'a str, why: &'a str) -> (&'a str, &'a str) {
    let plain = |text: &str| {
        let letters = text.chars().filter(|c| c.is_alphanumeric() || *c == ' ');
        letters.collect::<String>().trim().to_lowercase()
    };
    let (plain_what, plain_why) = (plain(what), plain(why));
    if plain_what.contains(&plain_why) {
        (what.trim(), "")
    } else if plain_why.contains(&plain_what) {
        (why.trim(), "")
    } else {
        (what.trim(), why.trim())
    }
}

/// A remedy as a sentence that fits a command line; nothing for one that needs a job where there is
/// none.
fn advice(remedy: &Remedy, failed: Failed<'_>) -> Option<String> {
    Some(match remedy {
        Remedy::Resume => match failed.job {
            Some(job) => format!("Resume it with `firmdrop-cli job resume {job}`."),
            None => "Run the command again.".into(),
        },
        Remedy::PlanAgain => format!(
            "Plan it again ({}); nothing is sent before that is confirmed.",
            kinds::plan_commands(failed.destination)
        ),
        Remedy::ChooseAnotherFile => "Choose another file.".into(),
        Remedy::InspectAgain => "Wait until nobody writes the file, then try again.".into(),
        Remedy::AllowHost { host } => {
            format!("If the file really lies there, allow the host: --allow-host {host}.")
        }
        Remedy::UseExistingImage { image_id } => format!(
            "Use the existing firmware image {image_id}: `firmdrop-cli job resume {} --use-existing`.",
            failed.job?
        ),
        Remedy::AdoptUploadJob { upload_job_id } => format!(
            "When nobody else is sending into it, continue the upload job {upload_job_id}: `firmdrop-cli job resume {} --adopt`.",
            failed.job?
        ),
        Remedy::ChooseAnotherName { suggestion } => {
            format!("Choose another name: --name {}.", words::quoted(suggestion))
        }
        Remedy::TestAccount { account } => {
            format!("Test the account: `firmdrop-cli account test {account}`.")
        }
        Remedy::EditAccount { account } => format!(
            "Replace its access key with `firmdrop-cli account key {account}`, or its address, proxy or certificates with `firmdrop-cli account edit {account}`; `firmdrop-cli account add {account}` is refused, since the account exists."
        ),
        Remedy::Wait { seconds } => words::wait(*seconds),
        Remedy::Reconnect => kinds::reconnect(failed.destination).into(),
        Remedy::CloseOtherProgram => "Close the program that holds the port or the file.".into(),
        Remedy::FreeSpace => "Make room on the disk.".into(),
        Remedy::Advice { text } => text.clone(),
    })
}

/// What cannot be read of a command line, for a script; `words` are those of its grammar.
pub(crate) fn of_the_command_line(words: &str) -> Diagnosis {
    let first = words.split("\n\n").next().unwrap_or_default();
    let why = first.strip_prefix("error: ").unwrap_or(first);
    let why: Vec<&str> = why.split_whitespace().collect();
    Diagnosis::new(
        Code::OptionUnknown,
        "The command line cannot be read.",
        why.join(" "),
    )
    .titled("The command line cannot be read")
    .state("Nothing was begun.")
    .remedy(Remedy::advice("See `firmdrop-cli help`."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnosis() -> Diagnosis {
        Diagnosis::new(Code::LinkNotFound, "The reader is not there.", "It left.")
    }

    #[test]
    fn a_failure_without_a_job_names_no_command_that_needs_one() {
        let remedies = [
            Remedy::Resume,
            Remedy::UseExistingImage {
                image_id: "i".into(),
            },
            Remedy::AdoptUploadJob {
                upload_job_id: "u".into(),
            },
        ];
        let diagnosis = remedies.into_iter().fold(diagnosis(), Diagnosis::remedy);
        let text = lines(&diagnosis, Failed::default()).join("\n");
        assert!(!text.contains("job resume"), "{text}");
        assert!(text.contains("Run the command again."), "{text}");
        let id = JobId::new();
        let failed = Failed {
            job: Some(&id),
            destination: None,
        };
        let text = lines(&diagnosis, failed).join("\n");
        assert_eq!(text.matches(&format!("job resume {id}")).count(), 3);
    }

    #[test]
    fn one_sentence_is_shown_once() {
        let same = Diagnosis::new(Code::Internal, "It stopped.", "it stopped");
        let text = lines(&same, Failed::default()).join("\n");
        assert_eq!(text.matches("stopped").count(), 2, "{text}"); // the heading has the word too
        let longer = "The service failed: it answered 500.";
        assert_eq!(once("The service failed.", longer), (longer, ""));
    }

    #[test]
    fn only_what_is_plugged_in_is_plugged_in_again() {
        for (destination, plugged) in [
            ("smp+udp:10.0.0.7:1337", false),
            ("smp+serial:/dev/ttyACM0", true),
            ("volume:/media/READER", true),
            ("pelion:acme", false),
        ] {
            let failed = Failed {
                job: None,
                destination: Some(destination),
            };
            let text = lines(&diagnosis().remedy(Remedy::Reconnect), failed).join("\n");
            assert_eq!(text.contains("Plug"), plugged, "{text}");
        }
    }

    #[test]
    fn what_can_be_planned_again_is_a_matter_of_the_destination() {
        let of = |destination| {
            let failed = Failed {
                job: None,
                destination,
            };
            lines(&diagnosis().remedy(Remedy::PlanAgain), failed).join("\n")
        };
        assert!(of(Some("pelion:acme")).contains("campaigns preview"));
        assert!(of(Some("adu:contoso")).contains("deployments preview"));
        assert!(!of(Some("smp+serial:/dev/ttyACM0")).contains("preview"));
        assert!(of(None).contains("deployments preview"), "it may be any");
    }
}
