//! Manifests that an import was planned with, as files of the home: their jobs read them like every other
//! file. They are deleted once nothing refers to them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use firmdrop_core::{Code, Diagnosis, Remedy, Sha256};
use firmdrop_engine::{Engine, Home, blocking};

use super::manifest_file_name::manifest_file_name;

/// Folder of the home in which they lie, each in a folder of its own.
const FOLDER: &str = "import-manifests";
/// How their names end.
const ENDING: &str = ".importmanifest.json";
/// A plan of another process on this home may wait for its confirmation with one that is younger. Ours:
/// a day of work.
const LEFT_BEHIND_AFTER: Duration = Duration::from_hours(24);
/// Most jobs that are searched; with more, nothing is deleted.
const MOST_JOBS: u32 = 10_000;

/// Writes a manifest for a plan; answers where. The same text is the same file; a text that was changed
/// meanwhile is another one, so that the plan of before has its own.
pub(super) async fn store(home: &Home, text: &str) -> Result<PathBuf, Diagnosis> {
    let sha256 = Sha256::of(text.as_bytes());
    let folder = home.folder().join(FOLDER).join(sha256.short());
    let path = folder.join(manifest_file_name(text));
    let (stored, text) = (path.clone(), text.to_owned());
    blocking(move || {
        // The folder is named after the bytes: a job may be reading the file that is there.
        if fs::read(&stored).is_ok_and(|there| there == text.as_bytes()) {
            return Ok(());
        }
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&stored, &text))
            .map_err(|error| {
                let what = format!("The file {} was not written.", stored.display());
                Diagnosis::new(Code::FileNotWritten, what, error.to_string())
                    .state("Nothing was sent.")
                    .remedy(Remedy::FreeSpace)
            })
    })
    .await?;
    Ok(path)
}

/// Deletes those that no unfinished job and none of the waiting plans' files refers to. What cannot be deleted
/// now is only a leftover in our own folder; when it is not known what refers to them, all stay.
pub(crate) async fn sweep(engine: &Engine, waiting: BTreeSet<PathBuf>) {
    if engine.journal().is_read_only() {
        return;
    }
    // As the files of plans are written, wherever the home is named from.
    let folder = std::path::absolute(engine.home().folder());
    let Ok(folder) = folder.map(|home| home.join(FOLDER)) else {
        return;
    };
    let engine = engine.clone();
    // A failure here is of no concern to whoever opens the home.
    let _ = blocking(move || {
        let found = manifests_in(&folder);
        if found.is_empty() {
            return Ok(());
        }
        let Some(in_use) = in_use(&engine, waiting, &folder)? else {
            return Ok(());
        };
        for path in found.difference(&in_use) {
            if is_left_behind(path) {
                let _ = fs::remove_file(path);
                // One that has another file stays.
                let _ = path.parent().map(fs::remove_dir);
            }
        }
        Ok(())
    })
    .await;
}

/// The manifests that are stored.
fn manifests_in(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    entries(folder)
        .flat_map(|one| entries(&one.path()))
        .map(|file| file.path())
        .filter(|path| path.file_name().is_some_and(is_ours))
        .collect()
}

fn is_ours(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.ends_with(ENDING))
}

/// Those that a job which can be resumed or a plan that waits was made with; `None` when there are
/// more jobs than are searched.
fn in_use(
    engine: &Engine,
    waiting: BTreeSet<PathBuf>,
    folder: &Path,
) -> Result<Option<BTreeSet<PathBuf>>, Diagnosis> {
    let jobs = engine.jobs(MOST_JOBS)?;
    if u32::try_from(jobs.len()).is_ok_and(|found| found == MOST_JOBS) {
        return Ok(None);
    }
    let mut paths = waiting;
    for job in jobs {
        let is_ours = job.destination.starts_with(firmdrop_backend::azure::SCHEME);
        if is_ours && job.state.can_resume() {
            let plan = engine.job(&job.id)?.plan;
            paths.extend(plan.files.iter().map(|file| file.path.clone()));
        }
    }
    paths.retain(|path| path.starts_with(folder));
    Ok(Some(paths))
}

fn is_left_behind(path: &Path) -> bool {
    let written = fs::metadata(path).and_then(|file| file.modified());
    let age = written.and_then(|written| written.elapsed().map_err(io::Error::other));
    age.is_ok_and(|age| age > LEFT_BEHIND_AFTER)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use firmdrop_engine::{AccessKey, DeliveryOptions, Secrets, SimulatedAccount};
    use serde_json::json;

    use super::*;
    use crate::{Firmdrop, FirmdropOptions};

    /// Firmdrop on a home, as a process of its own opens it, with an account whose service never
    /// answers.
    fn process(folder: &Path) -> Firmdrop {
        let home = Home::open(folder.join("home")).unwrap();
        let firmdrop = Firmdrop::open(FirmdropOptions::new(home, Vec::new())).unwrap();
        let own = json!({
            "instance": "blue", "api_version": "2026-06-01", "sign_in": "client_secret",
            "tenant": "contoso", "client_id": "c", "authority": "http://127.0.0.1:1",
            "storage_access": "account_key", "storage": "http://127.0.0.1:1/a", "container": "updates",
        });
        let account = SimulatedAccount {
            kind: firmdrop_backend::azure::SCHEME.to_owned(),
            name: "bench".to_owned(),
            host: "http://127.0.0.1:1".to_owned(),
            own: own.as_object().cloned().unwrap(),
            secrets: Secrets::default()
                .with("client_secret", AccessKey::from("s"))
                .with("storage_key", AccessKey::from("a2V5")),
        };
        firmdrop.engine().accounts().put_simulated(account).unwrap();
        firmdrop
    }

    fn manifest(version: &str) -> String {
        json!({
            "updateId": { "provider": "contoso", "name": "door", "version": version },
            "compatibility": [{ "manufacturer": "contoso", "model": "door" }],
            "instructions": { "steps": [{
                "handler": "microsoft/script:1", "files": ["a.sh"],
                "handlerProperties": { "scriptFileName": "a.sh" },
            }] },
            "files": [{
                "filename": "a.sh", "sizeInBytes": 3,
                "hashes": { "sha256": Sha256::of(b"one").to_base64() },
            }],
            "createdDateTime": "2026-03-01T12:00:00Z",
            "manifestVersion": "5.0",
        })
        .to_string()
    }

    /// The manifests that are there, all of them made older than what another process may wait with.
    fn there(firmdrop: &Firmdrop) -> Vec<String> {
        let found = manifests_in(&firmdrop.engine().home().folder().join(FOLDER));
        let old = SystemTime::now() - LEFT_BEHIND_AFTER * 2;
        for path in &found {
            let file = File::options().write(true).open(path).unwrap();
            file.set_modified(old).unwrap();
        }
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        found.iter().map(name).collect()
    }

    #[tokio::test]
    async fn a_manifest_is_deleted_once_no_unfinished_job_and_no_plan_refers_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.sh");
        fs::write(&file, b"one").unwrap();
        let files = [file.to_string_lossy().into_owned()];
        let first = process(folder.path());
        let mut plans = Vec::new();
        for version in ["1.0", "2.0"] {
            let options = DeliveryOptions::default();
            let planned = first
                .plan_import("adu:bench", &files, &manifest(version), options)
                .await;
            plans.push(planned.unwrap().remove(0));
        }
        let job = first
            .deliver(&[plans[0].id.clone()])
            .await
            .unwrap()
            .remove(0);
        let both = there(&first);
        assert_eq!(both.len(), 2, "{both:?}");
        sweep(first.engine(), first.files_of_waiting_plans()).await;
        assert_eq!(
            there(&first),
            both,
            "one for a job, one for a plan that waits"
        );

        let second = process(folder.path());
        second
            .recover(firmdrop_engine::Recovery::MarkOnly)
            .await
            .unwrap();
        let left = there(&first);
        assert_eq!(
            left,
            ["contoso.door.1.0.importmanifest.json"],
            "the plan is gone"
        );

        first.cancel(&job).await.unwrap();
        first.engine().settled(&job).await.unwrap();
        sweep(second.engine(), second.files_of_waiting_plans()).await;
        assert_eq!(there(&first), [""; 0], "the job has ended");
    }

    #[tokio::test]
    async fn one_that_another_process_may_wait_with_and_a_file_of_somebody_else_stay() {
        let folder = tempfile::tempdir().unwrap();
        let firmdrop = process(folder.path());
        let young = store(firmdrop.engine().home(), &manifest("1.0"))
            .await
            .unwrap();
        let other = young.with_file_name("notes.txt");
        fs::write(&other, b"mine").unwrap();
        sweep(firmdrop.engine(), firmdrop.files_of_waiting_plans()).await;
        assert!(young.is_file(), "younger than a day");
        assert_eq!(there(&firmdrop).len(), 1);
        sweep(firmdrop.engine(), firmdrop.files_of_waiting_plans()).await;
        assert!(!young.exists() && other.is_file());
    }
}
