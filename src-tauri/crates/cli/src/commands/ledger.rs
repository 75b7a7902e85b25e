//! `ledger`: what was delivered, with its proof.

use std::io::Read as _;
use std::path::Path;

use firmdrop_api::{
    Against, Chain, Code, DeliveredResult, Diagnosis, Export, ExportHead, KeyFound,
    LARGEST_EXPORT_BYTES, Ledger, LedgerEntry, LedgerReport, Outcome, Remedy, Verifier,
};

use crate::arguments::{self, OfLedger};
use crate::context::Context;
use crate::exit::Exit;
use crate::{piped, print};

/// Largest head that is read, bytes: three lines.
const LARGEST_HEAD_BYTES: u64 = 1 << 20;

const NOTHING_VERIFIED: &str = "Nothing was verified.";

pub(super) fn run(context: &Context, command: &arguments::Ledger) -> Result<Exit, Diagnosis> {
    let ledger = context.firmdrop.engine().ledger();
    match command {
        arguments::Ledger::List(of) => {
            let entries = ledger.entries(chain(of))?;
            if context.json {
                print::json(&entries);
            } else {
                for entry in &entries {
                    print::line(&one_line(entry));
                }
            }
        }
        arguments::Ledger::Export { csv: false, of } => {
            // Nobody may read on.
            let _ = ledger
                .export(chain(of))?
                .iter()
                .all(|line| print::part(&format!("{line}\n")));
        }
        arguments::Ledger::Export { csv: true, of } => {
            let head = ledger.head(chain(of))?;
            export_csv(&ledger.entries(chain(of))?, head.as_ref());
        }
        arguments::Ledger::Head(of) => show_head(context, &ledger, chain(of))?,
        arguments::Ledger::Show { number, of } => show(&ledger, *number, chain(of))?,
        arguments::Ledger::Verify {
            export,
            key,
            head,
            of,
        } => {
            let against = against(key, head)?;
            let report = match export {
                Some(path) => ledger.verify_export(&mut open_export(path)?, &against)?,
                None => ledger.verify(chain(of), &against)?,
            };
            let report = report.judged().map_err(|diagnosis| *diagnosis)?;
            if context.json {
                print::json(&report);
            } else {
                for line in words(&report) {
                    print::line(&line);
                }
            }
        }
    }
    Ok(Exit::Done)
}

fn against(keys: &[String], heads: &[std::path::PathBuf]) -> Result<Against, Diagnosis> {
    let key = |text: &String| {
        Verifier::parse(text).ok_or_else(|| {
            Diagnosis::new(
                Code::ArgumentInvalid,
                "What --key gives is not a key of a ledger.",
                "It is NAME+HASH+KEY, as `ledger head` prints it.",
            )
            .state(NOTHING_VERIFIED)
            .remedy(Remedy::advice("Copy it from `ledger head`."))
        })
    };
    Ok(Against {
        keys: keys.iter().map(key).collect::<Result<_, _>>()?,
        heads: heads
            .iter()
            .map(|path| read_head(path))
            .collect::<Result<_, _>>()?,
    })
}

fn open_export(path: &Path) -> Result<Export, Diagnosis> {
    let name = piped::name(path);
    let bytes = piped::open(path, LARGEST_EXPORT_BYTES)?;
    let export = Export::open(bytes).map_err(|error| {
        let what = format!("{name} could not be read.");
        unusable(&what, error.to_string())
    })?;
    export.ok_or_else(|| {
        let what = format!("{name} is no export of a ledger.");
        unusable(&what, "It has neither an entry nor a head.".into())
    })
}

fn read_head(path: &Path) -> Result<String, Diagnosis> {
    let mut text = String::new();
    let read = piped::open(path, LARGEST_HEAD_BYTES)?.read_to_string(&mut text);
    read.map_err(|error| {
        let what = format!("{} is no head of a ledger.", piped::name(path));
        unusable(&what, error.to_string())
    })?;
    Ok(text)
}

fn unusable(what: &str, why: String) -> Diagnosis {
    Diagnosis::new(Code::LedgerUnusable, what, why).state(NOTHING_VERIFIED)
}

fn words(report: &LedgerReport) -> Vec<String> {
    let mut words = vec![match report.entries {
        1 => "1 entry, intact".to_owned(),
        many => format!("{many} entries, intact"),
    }];
    if report.signed > 0 {
        words.push(format!("{} signed", report.signed));
    }
    if report.unsigned_of_old > 0 {
        words.push(format!(
            "{} from before entries were signed: their chain holds",
            report.unsigned_of_old
        ));
    }
    if let Some(key) = &report.key {
        let found = match report.key_found {
            KeyFound::KeyStore => "in the system's key store",
            KeyFound::File => {
                "in a file beside the journal: whoever can change one can use the other"
            }
            KeyFound::Given => "as given",
            KeyFound::NotHere => "not on this computer: compare it, or give it with --key",
        };
        words.push(format!("key {key} ({found})"));
    }
    words
}

fn show_head(context: &Context, ledger: &Ledger<'_>, chain: Chain) -> Result<(), Diagnosis> {
    let head = ledger.head(chain)?;
    if context.json {
        print::json(&head);
        return Ok(());
    }
    let Some(note) = head.as_ref().and_then(|head| head.checkpoint.as_ref()) else {
        return Err(unusable(
            "There is no signed head.",
            "No delivery was signed yet, or the key store was locked at the last one.".into(),
        ));
    };
    let _ = print::part(note);
    if let Some(key) = head.as_ref().and_then(|head| head.verifiers.last()) {
        print::line_to_error(&format!("key {key}"));
    }
    Ok(())
}

fn show(ledger: &Ledger<'_>, number: u32, chain: Chain) -> Result<(), Diagnosis> {
    let entries = ledger.entries(chain)?;
    let entry = entries.iter().find(|entry| entry.number == number);
    let entry = entry.ok_or_else(|| {
        let why = match entries.len() {
            0 => "The ledger is empty.".to_owned(),
            count => format!("The entries are numbered from 1 to {count}."),
        };
        Diagnosis::new(
            Code::ArgumentInvalid,
            format!("There is no entry {number}."),
            why,
        )
        .titled("There is no such entry")
        .state("Nothing was changed.")
        .remedy(Remedy::advice("List the entries with `ledger list`."))
    })?;
    print::line(&entry.envelope);
    Ok(())
}

fn chain(of: &OfLedger) -> Chain {
    if of.demo {
        Chain::Demo
    } else {
        Chain::Deliveries
    }
}

fn one_line(entry: &LedgerEntry) -> String {
    let delivered = &entry.delivered;
    format!(
        "{:>5}  {}  {} {}  to {}  {}",
        entry.number,
        delivered.at,
        delivered.file_name,
        delivered.sha256.short(),
        delivered.destination,
        result(&delivered.result)
    )
}

fn result(result: &DeliveredResult) -> String {
    match result {
        DeliveredResult::Finished(Outcome::Verified { proof }) => {
            format!("Verified: {}", proof.statement)
        }
        DeliveredResult::Finished(Outcome::Sent { reason }) => {
            format!("Sent, not verified: {reason}")
        }
        DeliveredResult::Failed { code, state_now } => format!("Failed {code}: {state_now}"),
        DeliveredResult::Cancelled { state_now } => format!("Stopped: {state_now}"),
    }
}

/// The head is the last row: `head`, the number of entries and the note.
fn export_csv(entries: &[LedgerEntry], head: Option<&ExportHead>) {
    print::line(
        "number,at,job,file_name,size_bytes,sha256,destination,remote_id,result,previous,hash,station,face",
    );
    for entry in entries {
        let delivered = &entry.delivered;
        let cells = [
            entry.number.to_string(),
            delivered.at.to_string(),
            delivered.job.to_string(),
            delivered.file_name.clone(),
            delivered.size_bytes.to_string(),
            delivered.sha256.to_string(),
            delivered.destination.clone(),
            delivered.remote_id.clone().unwrap_or_default(),
            result(&delivered.result),
            entry.previous.to_string(),
            entry.hash.to_string(),
            station(entry),
            entry
                .maker
                .as_ref()
                .map(|maker| maker.face.clone())
                .unwrap_or_default(),
        ];
        print::line(&cells.map(|cell| csv_cell(&cell)).join(","));
    }
    if let Some(note) = head.and_then(|head| head.checkpoint.as_ref()) {
        let cells = ["head".to_owned(), entries.len().to_string(), note.clone()];
        // The note has line ends of its own, within its quotation marks.
        let row = cells.map(|cell| csv_cell(&cell)).join(",");
        let _ = print::part(&format!("{row}\n"));
    }
}

fn station(entry: &LedgerEntry) -> String {
    let station = entry.maker.as_ref().map(|maker| &maker.station);
    let parts = station.map(|station| [station.name.clone(), station.id.clone()]);
    let parts: Vec<String> = parts.into_iter().flatten().flatten().collect();
    parts.join(" ")
}

/// A cell that no spreadsheet takes for a formula and no comma breaks.
fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::csv_cell;

    #[test]
    fn a_cell_is_quoted_where_needed_and_never_a_formula() {
        assert_eq!(csv_cell("plain"), "plain");
        assert_eq!(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(csv_cell("=1+1"), "'=1+1");
    }
}
