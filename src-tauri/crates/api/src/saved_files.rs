//! What readers held before they were written, as jobs saved it in the home: a file for each job, and its digest.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use firmdrop_core::{Sha256, read_file};
use firmdrop_engine::{Engine, JobId, blocking};

/// The folder, in the home.
const FOLDER: &str = "saved";
/// Most files of it that are looked at.
const MOST_FILES: usize = 10_000;
/// A digest and a name.
const LARGEST_DIGEST_BYTES: u64 = 4096;

/// Removes parts of files whose job has ended: a process that was killed while it saved left them, and they bring
/// nothing back.
pub(crate) async fn sweep(engine: &Engine) {
    if engine.journal().is_read_only() {
        return;
    }
    let engine = engine.clone();
    // A failure here is of no concern to whoever opens the home.
    let _ = blocking(move || {
        for path in files(&engine) {
            let is_part = path.extension() == Some(OsStr::new("part"));
            if is_part && job_of(&path).is_some_and(|job| has_ended(&engine, &job)) {
                let _ = std::fs::remove_file(path);
            }
        }
        Ok(())
    })
    .await;
}

/// The file that a job saved, when it is there; [`digest`] says which bytes it had.
pub(crate) fn of_job(engine: &Engine, job: &JobId) -> Option<PathBuf> {
    let is_its = |path: &PathBuf| {
        let extension = path.extension().and_then(OsStr::to_str);
        matches!(extension, Some("hex" | "bin")) && job_of(path).as_ref() == Some(job)
    };
    files(engine).into_iter().find(is_its)
}

/// The SHA-256 that was written down when this file was saved.
pub(crate) fn digest(saved: &Path) -> Option<Sha256> {
    let text = read_file(&saved.with_added_extension("sha256"), LARGEST_DIGEST_BYTES).ok()?;
    let text = String::from_utf8(text).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

fn files(engine: &Engine) -> Vec<PathBuf> {
    let folder = engine.home().folder().join(FOLDER);
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let entries = entries.take(MOST_FILES).flatten();
    entries.map(|entry| entry.path()).collect()
}

fn job_of(path: &Path) -> Option<JobId> {
    path.file_stem()?.to_str()?.parse().ok()
}

fn has_ended(engine: &Engine, job: &JobId) -> bool {
    match engine.job(job) {
        Ok(job) => job.summary.state.is_ended(),
        Err(diagnosis) => diagnosis.code == firmdrop_core::Code::JobNotFound,
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_engine::{EngineOptions, Home};

    use super::*;

    #[tokio::test]
    async fn a_part_that_a_killed_process_left_is_removed_and_a_whole_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path().join("home")).unwrap();
        let saved = home.saved().unwrap();
        let engine = Engine::open(EngineOptions::new(home)).unwrap();
        let job = JobId::new();
        let (part, whole) = (format!("{job}.part"), format!("{job}.hex"));
        for name in [&part, &whole, &"notes.part".to_owned()] {
            std::fs::write(saved.join(name), b":00000001FF\n").unwrap();
        }
        sweep(&engine).await;
        assert!(!saved.join(part).exists());
        assert!(saved.join("notes.part").exists(), "it is no job's");
        assert_eq!(of_job(&engine, &job), Some(saved.join(&whole)));
        assert_eq!(digest(&saved.join(&whole)), None);
        let digest_file = saved.join(format!("{whole}.sha256"));
        let sha256 = Sha256::of(b":00000001FF\n");
        std::fs::write(digest_file, format!("{sha256}  {whole}\n")).unwrap();
        assert_eq!(digest(&saved.join(&whole)), Some(sha256));
    }
}
