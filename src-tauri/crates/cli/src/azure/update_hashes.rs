//! `adu update-hashes`: sizes and hashes of a manifest are renewed, nothing else.

use std::path::PathBuf;

use firmdrop_api::Diagnosis;
use firmdrop_api::azure::mend_manifest;

use crate::exit::Exit;
use crate::print;

pub(super) async fn run(json: bool, manifest: PathBuf) -> Result<Exit, Diagnosis> {
    let mended = mend_manifest(manifest).await?;
    // What is said of a missing file may be wrong: that is no success.
    let exit = if mended.missing.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    };
    if json {
        print::json(&mended);
        return Ok(exit);
    }
    let file = mended.path.display();
    match mended.changes.len() {
        0 => print::line(&format!("{file}: nothing to renew")),
        1 => print::line(&format!("{file}: 1 value renewed")),
        count => print::line(&format!("{file}: {count} values renewed")),
    }
    for change in &mended.changes {
        let old = change.old.as_deref().unwrap_or("nothing");
        print::line(&format!("  {}: {old} -> {}", change.pointer, change.new));
    }
    for pointer in &mended.stale {
        print::line(&format!(
            "  warning {pointer}: this hash was not computed anew and is probably wrong now"
        ));
    }
    for name in &mended.missing {
        print::line(&format!(
            "  error   {name} is not beside the manifest; what it says of the file stays as it was"
        ));
    }
    Ok(exit)
}
