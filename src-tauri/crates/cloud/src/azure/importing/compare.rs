//! What the service says of the updates, compared with what was planned.

use std::collections::BTreeMap;

use firmdrop_core::{ExpectedFile, Outcome, ProofMethod, Sha256, grouped};
use tokio::time::{Duration, Instant};

use super::run::Run;
use super::{ImportError, ImportFact, PlannedUpdate};
use crate::azure::UpdateFile;
use crate::session::Ended;

/// How often a missing update is looked for.
const LOOK: Duration = Duration::from_secs(2);

/// Whether the updates must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expectation {
    /// They may not have been imported.
    MayBeMissing,
    /// The service says that it imported them; it may need a moment to show them.
    MustBeThere,
}

/// What came of the comparison.
pub(super) enum Compared {
    /// All are there with these files.
    Same(Outcome),
    /// At least one is not there.
    Missing,
}

/// Compares every update. One that differs is an error.
pub(super) async fn compare_all(
    run: &mut Run<'_>,
    wanted: Expectation,
) -> Result<Compared, ImportError> {
    let until = Instant::now() + run.request.waits.appears_within;
    let request = run.request;
    let (mut files, mut bytes, mut unproved) = (0_usize, 0_u64, None);
    for update in &request.updates {
        let difference = loop {
            let is_over = wanted == Expectation::MayBeMissing || Instant::now() >= until;
            match held_files(run, update).await? {
                Some(held) => match differences(update.contents(), &held) {
                    // A list that is not whole yet, as long as it may be.
                    Difference::Missing(_) if !is_over => {}
                    Difference::Missing(_)
                        if wanted == Expectation::MayBeMissing
                            && run.state.requested_ago.is_some() =>
                    {
                        return Ok(Compared::Missing);
                    }
                    difference => break difference,
                },
                None if is_over => return Ok(Compared::Missing),
                None => {}
            }
            let look = LOOK.min(request.waits.longest_pause.unwrap_or(LOOK));
            let slept = run.session.unless_stopped(tokio::time::sleep(look)).await;
            slept.ok_or_else(|| run.stopped())?;
        };
        match difference {
            Difference::None => {}
            Difference::NotSaid(what) => unproved = unproved.or(Some(what)),
            Difference::Missing(difference) | Difference::Found(difference) => {
                return Err(match wanted {
                    Expectation::MayBeMissing if run.state.requested_ago.is_none() => {
                        ImportError::VersionTaken {
                            id: update.id.clone(),
                            difference,
                        }
                    }
                    _ => ImportError::Differs {
                        id: update.id.clone(),
                        difference,
                        left: run.left(),
                    },
                });
            }
        }
        files += update.files.len();
        bytes += update
            .files
            .iter()
            .map(|file| file.expected.size_bytes)
            .sum::<u64>();
    }
    if !run.state.imported {
        run.fact(ImportFact::Imported).await?;
    }
    Ok(Compared::Same(match unproved {
        Some(what) => Outcome::sent(format!("The service imported it and does not say {what}.")),
        None => Outcome::verified(
            ProofMethod::RemoteSizeAndSha256,
            statement(run, files, bytes),
        ),
    }))
}

fn statement(run: &Run<'_>, files: usize, bytes: u64) -> String {
    let ids: Vec<String> = (run.request.updates.iter())
        .map(|update| update.id.to_string())
        .collect();
    let noun = if files == 1 { "file" } else { "files" };
    format!(
        "The service holds {} with {files} {noun} of {} bytes, each with the size and SHA-256 of this update.",
        ids.join(", "),
        grouped(bytes),
    )
}

/// The files of an update, or `None` when the service does not hold it.
async fn held_files(
    run: &mut Run<'_>,
    update: &PlannedUpdate,
) -> Result<Option<Vec<UpdateFile>>, ImportError> {
    let (service, id) = (run.service, &update.id);
    let found = run
        .session
        .repeat(|| async move { service.update(id).await })
        .await;
    match found {
        Ok(_) => {}
        Err(Ended::Failed(error)) if error.is_not_found() => return Ok(None),
        Err(ended) => return Err(run.ended(ended)),
    }
    let files = run
        .session
        .repeat(|| async move { service.files_of(id).await })
        .await;
    match files {
        Ok(files) => Ok(Some(files)),
        // Deleted between the two questions.
        Err(Ended::Failed(error)) if error.is_not_found() => Ok(None),
        Err(ended) => Err(run.ended(ended)),
    }
}

/// What distinguishes the files of the service from ours.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// Nothing.
    None,
    /// The service does not say this of a file.
    NotSaid(String),
    /// A file of ours is not listed.
    Missing(String),
    /// This.
    Found(String),
}

/// Compares files, by their names in the manifest, with those that the service holds.
pub(super) fn differences<'a>(
    files: impl Iterator<Item = (&'a str, &'a ExpectedFile)>,
    held: &[UpdateFile],
) -> Difference {
    let mut there: BTreeMap<&str, (Option<u64>, Option<&str>)> = BTreeMap::new();
    for file in held {
        there.insert(&file.file_name, (file.size_in_bytes, file.sha256()));
        for related in &file.related_files {
            there.insert(
                &related.file_name,
                (related.size_in_bytes, related.sha256()),
            );
        }
    }
    let mut not_said = None;
    let mut files = files.peekable();
    if held.is_empty() && files.peek().is_some() {
        return Difference::Missing("none of its files is listed".to_owned());
    }
    for (name, expected) in files {
        let Some((size, sha256)) = there.remove(name) else {
            return Difference::Missing(format!("{name} is not in it"));
        };
        match size {
            Some(size) if size != expected.size_bytes => {
                return Difference::Found(format!(
                    "{name} has {} bytes there and {} here",
                    grouped(size),
                    grouped(expected.size_bytes),
                ));
            }
            None => not_said = not_said.or(Some(format!("the size of {name}"))),
            Some(_) => {}
        }
        // One that cannot be read says nothing.
        match sha256.and_then(|text| Sha256::from_service(text).ok()) {
            Some(sha256) if sha256 != expected.sha256 => {
                return Difference::Found(format!("{name} has another SHA-256 there"));
            }
            None => not_said = not_said.or(Some(format!("the SHA-256 of {name}"))),
            Some(_) => {}
        }
    }
    if let Some((name, _)) = there.first_key_value() {
        let name: String = name.chars().take(80).collect();
        return Difference::Found(format!("it has a file {name:?} that this update has not"));
    }
    not_said.map_or(Difference::None, Difference::NotSaid)
}
