//! The files of this repository, as git lists them.

use crate::command::Run;
use crate::failure::Failure;
use crate::repository::root;

/// Text files of the repository, relative to the root: tracked ones and new ones that are not
/// ignored.
pub(crate) fn files() -> Result<Vec<String>, Failure> {
    let listed = Run::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])
        .output()?;
    let mut files: Vec<String> = listed
        .split('\0')
        .filter(|path| !path.is_empty() && root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    Ok(files)
}
