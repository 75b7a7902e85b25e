//! What lies inside of a file, written to a file of its own.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::sync::Arc;

use firmdrop_core::{Code, Diagnosis};
use firmdrop_engine::{blocking, inspect};
use firmdrop_image::{Inspection, MemorySource, Part, Source, part_bytes};

use super::Firmdrop;
use crate::ExtractedPart;

impl Firmdrop {
    /// Writes a part of a file to `to`, which must not be there yet. `part` is its name as the inspection has it, or its
    /// number: 1 is the first, 2.1 the first part of the second. Parts of more than 64 MiB are refused.
    pub async fn extract(
        &self,
        path: &str,
        part: &str,
        to: &str,
    ) -> Result<ExtractedPart, Diagnosis> {
        let [path, part, to] = [path, part, to].map(str::to_owned);
        blocking(move || {
            let (source, inspection) = inspect(Path::new(&path))?;
            let (found, bytes) = find(Arc::new(source), inspection, &part)?;
            write(&to, &bytes)?;
            Ok(ExtractedPart {
                part: found.name,
                summary: found.inspection.summary,
                integrity: found.integrity,
                path: to,
                size_bytes: bytes.len() as u64,
            })
        })
        .await
    }
}

/// The part and its bytes.
fn find(
    mut source: Arc<dyn Source>,
    mut inspection: Inspection,
    wanted: &str,
) -> Result<(Part, Vec<u8>), Diagnosis> {
    let mut found = None;
    for number in numbers(&inspection, wanted)? {
        let Some(part) = inspection.parts.get(number).cloned() else {
            return Err(no_part(&inspection, wanted));
        };
        let bytes = part_bytes(&source, &inspection, number)?;
        inspection = part.inspection.clone();
        source = Arc::new(MemorySource::new(bytes.clone()));
        found = Some((part, bytes));
    }
    found.ok_or_else(|| no_part(&inspection, wanted))
}

/// The way to the part, from the outside in, counted from zero.
fn numbers(inspection: &Inspection, wanted: &str) -> Result<Vec<usize>, Diagnosis> {
    let mut of_name = inspection
        .parts
        .iter()
        .enumerate()
        .filter(|(_, part)| part.name == wanted);
    if let (Some((number, _)), None) = (of_name.next(), of_name.next()) {
        return Ok(vec![number]);
    }
    let numbers = wanted
        .split('.')
        .map(|number| number.parse::<usize>().ok()?.checked_sub(1));
    let numbers: Option<Vec<_>> = numbers.collect();
    numbers.ok_or_else(|| no_part(inspection, wanted))
}

fn no_part(inspection: &Inspection, wanted: &str) -> Diagnosis {
    let names = inspection.parts.iter().take(8).enumerate();
    let names: Vec<_> = names
        .map(|(number, part)| format!("{} is “{}”", number + 1, part.name))
        .collect();
    let why = match names.as_slice() {
        [] => "Nothing in it can be taken out.".to_owned(),
        names => format!("Parts of it: {}.", names.join(", ")),
    };
    let what = format!("There is no part “{wanted}” in the file.");
    Diagnosis::new(Code::FileNotFound, what, why)
        .titled("The part is not there")
        .state("Nothing was written.")
}

fn write(to: &str, bytes: &[u8]) -> Result<(), Diagnosis> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).open(to);
    let written = opened.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_data()
    });
    written.map_err(|error| {
        let why = match error.kind() {
            ErrorKind::AlreadyExists => "A file of this name exists.".to_owned(),
            _ => format!("The system says: {error}."),
        };
        Diagnosis::new(
            Code::FileNotWritten,
            format!("The file {to} was not written."),
            why,
        )
    })
}
