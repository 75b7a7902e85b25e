//! `ledger`: what was delivered, with its proof.

use firmdrop_api::DeliveredResult;
use firmdrop_api::{Chain, Code, Diagnosis, LedgerEntry, Outcome};
use serde_json::json;

use super::Context;
use crate::arguments::{Ledger, OfLedger};
use crate::exit::Exit;
use crate::print;

pub(super) fn run(context: &Context, command: &Ledger) -> Result<Exit, Diagnosis> {
    let journal = context.firmdrop.engine().journal();
    let entries = |of: &OfLedger| journal.ledger(chain(of)).map_err(Diagnosis::from);
    match command {
        Ledger::List(of) => {
            let entries = entries(of)?;
            if context.json {
                print::json(&entries);
            } else {
                for entry in &entries {
                    print::line(&one_line(entry));
                }
            }
        }
        Ledger::Export { csv: false, of } => entries(of)?.iter().for_each(print::json_line),
        Ledger::Export { csv: true, of } => export_csv(&entries(of)?),
        Ledger::Verify(of) => {
            let verified = journal.verify_ledger(chain(of))?;
            let count = verified.map_err(|fault| {
                let what = format!(
                    "Entry {} was changed, or one before it is missing.",
                    fault.number
                );
                Diagnosis::new(
                    Code::LedgerBroken,
                    what,
                    "Its hash is not the one that was sealed.",
                )
                .state("The entries before it hold.")
            })?;
            if context.json {
                print::json(&json!({ "entries": count, "intact": true }));
            } else {
                print::line(&format!("{count} entries, chain intact"));
            }
        }
    }
    Ok(Exit::Done)
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

fn export_csv(entries: &[LedgerEntry]) {
    print::line(
        "number,at,job,file_name,size_bytes,sha256,destination,remote_id,result,previous,hash",
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
        ];
        print::line(&cells.map(|cell| csv_cell(&cell)).join(","));
    }
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
