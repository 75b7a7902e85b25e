//! `adu hash`: size and SHA-256 of files.

use std::path::PathBuf;

use firmdrop_api::Diagnosis;
use firmdrop_api::azure::hash_files;

use crate::exit::Exit;
use crate::print;

pub(super) async fn run(json: bool, files: Vec<PathBuf>) -> Result<Exit, Diagnosis> {
    let hashed = hash_files(files, |_| {}).await?;
    if json {
        print::json(&hashed);
        return Ok(Exit::Done);
    }
    for file in &hashed {
        print::line(&file.path.display().to_string());
        print::line(&format!("  Size            {} bytes", file.size_bytes));
        print::line(&format!("  SHA-256 base64  {}", file.sha256_base64));
        print::line(&format!("  SHA-256         {}", file.sha256));
    }
    Ok(Exit::Done)
}
