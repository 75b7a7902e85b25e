//! The files that `adu init` writes: none of them is one that an update is made from, and no two are
//! the same. Whether a file that is there may be replaced is not decided here.

use std::path::{Path, PathBuf};

use firmdrop_api::{Code, Diagnosis, Remedy};

use crate::same_file::is_same;

/// Refuses manifests that would be written over their own sources, over each other, or to standard
/// output, where the answer goes. Nothing is written.
pub(super) fn ensure_apart<'a>(
    written: impl Iterator<Item = &'a PathBuf>,
    sources: &[&PathBuf],
) -> Result<(), Diagnosis> {
    let mut before: Vec<&Path> = Vec::new();
    for path in written {
        if path == Path::new("-") {
            let why = "Standard output has the answer of the command.";
            return Err(refused("A manifest is written to a file.".to_owned(), why));
        }
        let is_it = |other: &Path| is_same(path, other);
        let shown = path.display();
        if sources.iter().any(|source| is_it(source)) {
            let what = format!("The manifest would be written over {shown}.");
            let why = "That is one of the files that the update is made from.";
            return Err(refused(what, why));
        }
        if before.iter().any(|other| is_it(other)) {
            let what = format!("Two manifests would be written to {shown}.");
            let why =
                "A parent and its children are different updates, each with a file of its own.";
            return Err(refused(what, why));
        }
        before.push(path);
    }
    Ok(())
}

fn refused(what: String, why: &str) -> Diagnosis {
    Diagnosis::new(Code::OptionUnknown, what, why)
        .titled("The manifest cannot be written there")
        .state("Nothing was written.")
        .remedy(Remedy::Advice {
            text: "Name another file with --out.".to_owned(),
        })
}
