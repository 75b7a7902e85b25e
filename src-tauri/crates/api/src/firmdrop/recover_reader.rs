//! Recovering a reader whose last load broke off: with the last image that was verified there, or with what was saved.

use std::path::PathBuf;

use firmdrop_core::{Code, Diagnosis, Outcome, Remedy, Sha256};
use firmdrop_engine::{DeliveryOptions, ImageFile, Job, JobState, JobSummary, blocking};

use super::Firmdrop;
use crate::{ReaderView, RecoveryOffer, RecoverySource, saved_files};

/// Jobs of a reader whose files are looked at, the newest first: each is read whole to compare its SHA-256.
const MOST_LOOKED_AT: usize = 20;
/// Jobs of a reader that are looked through.
const MOST_JOBS: u32 = 1000;

impl Firmdrop {
    /// What the reader of this destination can be recovered with, when its last load broke off or its bootloader
    /// answers. Fails with [`Code::NoRecovery`], which says why there is nothing. Sends nothing.
    pub async fn recovery(&self, destination: &str) -> Result<RecoveryOffer, Diagnosis> {
        let destination = self.inner.engine.destination(destination)?;
        let reader = self.reader_view(&destination).await?;
        let jobs = self.deliveries_to(&reader, MOST_JOBS)?;
        let known = why_to_recover(&reader, &jobs).map_err(|why| nothing(&reader, why))?;
        let mut missing = Vec::new();
        let verified = jobs.iter().filter(|job| is_verified(job));
        for job in verified.take(MOST_LOOKED_AT) {
            let job = self.job(&job.id).await?;
            let planned = job.plan.image();
            let (path, sha256) = (planned.path.clone(), planned.expected.sha256);
            match self.unchanged(path, sha256).await {
                Ok(file) => return Ok(offer(reader, RecoverySource::Verified, &job, &file, known)),
                Err(why) => missing.push(why),
            }
        }
        let unfinished = jobs.iter().filter(|job| !is_verified(job));
        for job in unfinished.take(MOST_LOOKED_AT) {
            let (engine, id) = (self.inner.engine.clone(), job.id.clone());
            let saved = blocking(move || {
                let saved = saved_files::of_job(&engine, &id);
                Ok(saved.and_then(|path| Some((saved_files::digest(&path)?, path))))
            });
            let Some((sha256, path)) = saved.await? else {
                continue;
            };
            let job = self.job(&job.id).await?;
            match self.unchanged(path, sha256).await {
                Ok(file) => return Ok(offer(reader, RecoverySource::Saved, &job, &file, known)),
                Err(why) => missing.push(why),
            }
        }
        let why = if missing.is_empty() {
            format!(
                "The journal of this home holds no load of {} that ended Verified, and no image that was saved from it.",
                reader.destination
            )
        } else {
            missing.join(" ")
        };
        Err(nothing(&reader, why))
    }

    /// The file, when its bytes are those of then; otherwise why it is of no use.
    async fn unchanged(&self, path: PathBuf, sha256: Sha256) -> Result<ImageFile, String> {
        let shown = path.display().to_string();
        match self.image_at(path).await {
            Ok(file) if file.expected.sha256 == sha256 => Ok(file),
            Ok(_) => Err(format!("{shown} has other bytes than then.")),
            Err(diagnosis) => Err(format!("{shown}: {}.", diagnosis.title)),
        }
    }
}

fn is_verified(job: &JobSummary) -> bool {
    matches!(
        job.state,
        JobState::Finished {
            outcome: Outcome::Verified { .. }
        }
    )
}

/// What is known of a reader that may need a recovery, or why it needs none.
fn why_to_recover(reader: &ReaderView, jobs: &[JobSummary]) -> Result<Vec<String>, String> {
    let mut known: Vec<String> = jobs.first().and_then(broke_off).into_iter().collect();
    let mode = reader
        .target
        .as_ref()
        .and_then(|target| target.mode.as_deref());
    if let Some(mode @ ("bootloader" | "recovery")) = mode {
        known.push(format!(
            "It answered as its {mode} when it was last identified."
        ));
    }
    match jobs.first().map(|job| &job.state) {
        Some(JobState::Queued | JobState::Running { .. } | JobState::Cancelling) => {
            Err("A job has the reader.".to_owned())
        }
        _ if known.is_empty() => Err(
            "Its last load did not break off, and it did not answer as its bootloader when it was last identified."
                .to_owned(),
        ),
        _ => Ok(known),
    }
}

/// What is known of a load that broke off; `None` of any other.
fn broke_off(job: &JobSummary) -> Option<String> {
    if !job.broke_off {
        return None;
    }
    let named = format!("Its last load, job {} ({}),", job.id, job.image_name);
    let state = |text: &str| {
        if text.is_empty() {
            "What it left is not known.".to_owned()
        } else {
            text.to_owned()
        }
    };
    let resume = |can: bool| {
        if can {
            " It can be resumed instead."
        } else {
            ""
        }
    };
    Some(match &job.state {
        JobState::Failed {
            diagnosis,
            resumable,
        } => format!(
            "{named} failed: {} ({}). {}{}",
            diagnosis.title,
            diagnosis.code,
            state(&diagnosis.state_now),
            resume(*resumable == Some(true))
        ),
        JobState::Cancelled { state_now } => {
            format!("{named} was cancelled. {}", state(state_now))
        }
        JobState::Interrupted { reason } => {
            format!("{named} was interrupted: {reason}.{}", resume(true))
        }
        JobState::Paused => format!("{named} is paused.{}", resume(true)),
        _ => return None,
    })
}

fn offer(
    reader: ReaderView,
    source: RecoverySource,
    job: &Job,
    file: &ImageFile,
    mut known: Vec<String>,
) -> RecoveryOffer {
    let summary = &job.summary;
    known.push(match source {
        RecoverySource::Verified => format!(
            "{} was verified at {} on {} by job {}; the file is unchanged. Whether the same reader was there is not recorded.",
            file.file_name, reader.destination, summary.changed, summary.id
        ),
        RecoverySource::Saved => format!(
            "{} is what job {} read from the reader before it wrote; the file is unchanged. Whether it is a whole image is not known.",
            file.file_name, summary.id
        ),
    });
    RecoveryOffer {
        source,
        path: file.path.display().to_string(),
        file_name: file.file_name.clone(),
        version: file.inspection.identity.version.clone(),
        sha256: file.expected.sha256,
        job: summary.id.clone(),
        at: summary.changed,
        options: options(&job.plan.options, source),
        reader,
        known,
    }
}

/// The options by which the image reaches the same place. What was saved says itself where it belongs, and what
/// lies there now is not worth saving.
fn options(of_job: &DeliveryOptions, source: RecoverySource) -> DeliveryOptions {
    let mut options = DeliveryOptions {
        own: of_job.own.clone(),
        ..DeliveryOptions::default()
    };
    options.own.remove("save");
    match source {
        RecoverySource::Verified => options.address = of_job.address,
        RecoverySource::Saved => drop(options.own.remove("load_address")),
    }
    options
}

fn nothing(reader: &ReaderView, why: String) -> Diagnosis {
    let name = &reader.reader.name;
    Diagnosis::new(Code::NoRecovery, format!("{name} was not recovered."), why)
        .state("Nothing was sent.")
        .remedy(Remedy::advice("Deliver a file of your own to the reader."))
}
