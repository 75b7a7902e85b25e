//! `inspect FILE --compare FILE`: what is different.

use firmdrop_api::{Diagnosis, FileComparison};
use firmdrop_core::grouped;
use firmdrop_image::{Change, Comparison, Integrity, Region};
use serde::Serialize;

use super::answer::SCHEMA_VERSION;
use crate::arguments::{Inspect, InspectFormat};
use crate::commands::source;
use crate::context::Context;
use crate::exit::Exit;
use crate::print;

/// The answer as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    schema_version: u32,
    #[serde(flatten)]
    compared: &'a FileComparison,
}

pub(super) async fn run(
    context: &Context,
    command: &Inspect,
    after: &str,
) -> Result<Exit, Diagnosis> {
    let before = source::path_of(context, &command.file, &command.fetch).await?;
    let after = source::path_of(context, after, &command.fetch).await?;
    let compared = context.firmdrop.compare(&before, &after).await?;
    if context.json {
        print::json(&Answer {
            schema_version: SCHEMA_VERSION,
            compared: &compared,
        });
    } else if command.format == InspectFormat::Short {
        let names = names(&compared);
        print::line(&format!("{names}: {}", short(&compared.comparison)));
    } else {
        full(&compared);
    }
    let is_damaged = [&compared.before, &compared.after]
        .iter()
        .any(|file| file.integrity == Integrity::Damaged);
    Ok(if is_damaged { Exit::Failed } else { Exit::Done })
}

fn names(compared: &FileComparison) -> String {
    let name = |path: &str| {
        let last = std::path::Path::new(path).file_name();
        last.map_or_else(
            || path.to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    };
    format!(
        "{} -> {}",
        name(&compared.before.path),
        name(&compared.after.path)
    )
}

/// One line: how much is different, and whether that is all.
fn short(comparison: &Comparison) -> String {
    if comparison.identical {
        return "identical".to_owned();
    }
    let changed: u64 = comparison
        .regions
        .iter()
        .map(|region| region.changed_bytes)
        .sum();
    let regions = comparison.regions.len() + comparison.same_regions as usize;
    let bytes = if regions == 0 {
        "no bytes were compared".to_owned()
    } else {
        format!(
            "{} of {regions} regions differ, {} bytes changed",
            comparison.regions.len(),
            grouped(changed)
        )
    };
    let mut text = format!("{}; {bytes}", changes(comparison.changes.len()));
    if !comparison.not_compared.is_empty() {
        text += "; not everything could be compared";
    }
    text
}

fn changes(count: usize) -> String {
    match count {
        1 => "1 change".to_owned(),
        count => format!("{count} changes"),
    }
}

fn full(compared: &FileComparison) {
    let comparison = &compared.comparison;
    print::line(&format!("{}: {}", names(compared), short(comparison)));
    row("Before", &compared.before.summary);
    row("After", &compared.after.summary);
    let mut part: Option<&str> = None;
    for change in &comparison.changes {
        if change.part.as_deref() != part {
            part = change.part.as_deref();
            row("Part", part.unwrap_or("the file itself"));
        }
        said(change);
    }
    for region in &comparison.regions {
        row("Region", &bytes(region));
    }
    if comparison.same_regions > 0 {
        let plural = if comparison.same_regions == 1 {
            "region"
        } else {
            "regions"
        };
        let many = grouped(comparison.same_regions);
        row("Same", &format!("{many} {plural}, byte for byte"));
    }
    if let Some(strings) = &comparison.strings {
        for (label, list) in [
            ("Text before", &strings.removed),
            ("Text after", &strings.added),
        ] {
            for text in list {
                row(label, text);
            }
        }
        if strings.more > 0 {
            let many = grouped(strings.more);
            row("Text", &format!("{many} more that only one of them has"));
        }
    }
    for why in &comparison.not_compared {
        row("Not compared", why);
    }
}

fn said(change: &Change) {
    let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
    let label: String = {
        let mut letters = change.what.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    };
    row(
        &label,
        &format!("{} -> {}", side(&change.before), side(&change.after)),
    );
}

fn bytes(region: &Region) -> String {
    let hexadecimal = |at: u64| format!("0x{at:08X}");
    let place = region
        .address
        .map_or_else(|| "no address".to_owned(), hexadecimal);
    let size = if region.before_bytes == region.after_bytes {
        format!("{} bytes", grouped(region.before_bytes))
    } else {
        format!(
            "{} -> {} bytes",
            grouped(region.before_bytes),
            grouped(region.after_bytes)
        )
    };
    let first = match region.address {
        Some(_) => hexadecimal(region.first_difference),
        None => format!("byte {}", grouped(region.first_difference)),
    };
    let name = &region.name;
    match (region.before_bytes, region.after_bytes) {
        (0, _) => format!("{place:<10}  {size}, only in the second  {name}"),
        (_, 0) => format!("{place:<10}  {size}, only in the first  {name}"),
        _ => format!(
            "{place:<10}  {size}, {} changed, first difference at {first}  {name}",
            grouped(region.changed_bytes)
        ),
    }
}

fn row(label: &str, value: &str) {
    print::line(&format!("  {label:<14} {value}"));
}
