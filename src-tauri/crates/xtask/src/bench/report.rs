//! The table of a run, on the terminal and in `bench-results/`.

use std::fs;

use serde_json::Value;

use super::row::Row;
use crate::command::Run;
use crate::failure::{Doing, Done};
use crate::repository;

/// A Markdown table of all rows.
pub(super) fn table(rows: &[Row]) -> String {
    let mut lines = vec![
        "| bench | case | ours | peer | unit | ratio | goal | |".to_owned(),
        "| --- | --- | ---: | ---: | --- | ---: | --- | --- |".to_owned(),
    ];
    lines.extend(rows.iter().map(|row| {
        format!(
            "| {} | {} | {:.2} | {:.2} | {} | {:.2} | {} | {} |",
            row.bench,
            row.case,
            row.ours,
            row.peer,
            row.unit,
            row.ratio,
            row.goal.shown(),
            if row.is_met() { "met" } else { "**missed**" }
        )
    }));
    lines.join("\n")
}

/// Writes the rows as JSON and as Markdown, named after the moment.
pub(super) fn write(rows: &[Row]) -> Done {
    let folder = repository::root().join("bench-results");
    fs::create_dir_all(&folder).doing("create bench-results")?;
    let moment = Run::new("date")
        .args(["-u", "+%Y-%m-%dT%H-%M-%SZ"])
        .output()?;
    let moment = moment.trim();
    let rows_json: Vec<Value> = rows.iter().map(Row::to_json).collect();
    let json = serde_json::to_string_pretty(&rows_json).doing("write the rows as JSON")?;
    fs::write(folder.join(format!("{moment}.json")), json + "\n").doing("write the results")?;
    let page = format!("# Benches, {moment}\n\n{}\n\n{}\n", machine()?, table(rows));
    fs::write(folder.join(format!("{moment}.md")), page).doing("write the results")?;
    println!("bench-results/{moment}.json and .md");
    Ok(())
}

/// What the figures were taken on.
fn machine() -> Result<String, crate::failure::Failure> {
    let kernel = Run::new("uname").arg("-srm").output()?;
    let cores = Run::new("nproc").output()?;
    let commit = Run::new("git")
        .args(["describe", "--always", "--dirty"])
        .output()?;
    Ok(format!(
        "{}, {} cores, commit {}",
        kernel.trim(),
        cores.trim(),
        commit.trim()
    ))
}
