//! Loading firmware into one reader by a request. `docs/load-firmware.md` is the contract.
//!
//! Everything that can be refused is refused before the answer; the transfer itself is an ordinary job.

use std::path::PathBuf;
use std::time::Duration;

use firmdrop_core::{Code, Diagnose as _, Diagnosis, Remedy, grouped};
use firmdrop_engine::{
    Confirmation, ConfirmationAbout, Destination, DownloadError, DownloadRules, FileSource, Files,
    ImageFile, Plan, Received, blocking, download, receive,
};
use firmdrop_image::Source as _;
use tokio::time::{Instant, sleep, timeout_at};

use super::Firmdrop;
use super::load_stage::{Stage, too_slow};
use super::named_reader::named_reader;
use super::not_accepted::{in_use, in_use_elsewhere};
use crate::load_firmware::{Source, decode};
use crate::{LARGEST_FIRMWARE_BYTES, LoadBegun, LoadFirmware, LoadMessage, LoadRefusal, LoadRules};

/// Longest deadline. Nobody waits longer for an answer, and an instant has to be found for it.
const LONGEST_DEADLINE: Duration = Duration::from_hours(24);

/// How long a place is waited for that another process has: it may only look at it, or identify what is there.
const GLANCES: Duration = Duration::from_secs(2);
/// How often it is looked whether the place is free.
const LOOK: Duration = Duration::from_millis(50);

/// Name of a file that came without one.
const BLOB_NAME: &str = "firmware.bin";

/// A load that nothing speaks against. Nothing was sent to the reader yet; dropping it removes what was
/// downloaded.
#[derive(Debug)]
pub struct CheckedLoad {
    pub(super) device: String,
    pub(super) plan: Plan,
    pub(super) received: Option<Received>,
    /// What is left of the deadline.
    pub(super) left: Duration,
}

impl CheckedLoad {
    /// What the load will do.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What of it has to be confirmed.
    pub fn confirmations(&self) -> &[Confirmation] {
        &self.plan.confirmations
    }

    /// What has to be confirmed and was not.
    pub(super) fn unconfirmed(&self, confirmed: &[ConfirmationAbout]) -> Vec<Confirmation> {
        let missing = self.plan.confirmations.iter();
        let missing = missing.filter(|each| !confirmed.contains(&each.about));
        missing.cloned().collect()
    }
}

/// A file that is there, and what has to be removed when it is not needed.
struct LocalFile {
    path: PathBuf,
    received: Option<Received>,
}

impl Firmdrop {
    /// Loads firmware into a reader: checks the request, brings the firmware here, inspects it, identifies
    /// the reader, and waits until the reader accepted the first bytes, all within the deadline of the rules.
    /// The transfer is a job from then on.
    ///
    /// `device` is an id or a name as [`Firmdrop::readers`] lists it, or a destination. Dropping the future
    /// removes what was downloaded and cancels a load that was not accepted yet. After a deadline the load is
    /// cancelled, and the answer comes within five seconds.
    pub async fn load_firmware(
        &self,
        device: &str,
        firmware: LoadFirmware,
        rules: &LoadRules,
    ) -> Result<LoadBegun, LoadRefusal> {
        let checked = self.check_firmware(device, firmware, rules).await?;
        self.begin_load(checked, &rules.confirmed).await
    }

    /// The first half of [`Firmdrop::load_firmware`], for a face that asks its user for confirmations: all
    /// that can be done without changing the reader. The time between the halves is not part of the deadline.
    pub async fn check_firmware(
        &self,
        device: &str,
        firmware: LoadFirmware,
        rules: &LoadRules,
    ) -> Result<CheckedLoad, LoadRefusal> {
        let end = Instant::now() + rules.deadline.min(LONGEST_DEADLINE);
        let source = Source::of(firmware, rules).map_err(LoadRefusal::of)?;
        let finding = timeout_at(end, self.free_device(device)).await;
        let (destination, name) = finding.map_err(|_| too_slow(Stage::Finding, rules))??;
        let brought = self.bring(source, rules, end).await?;
        let reading = self.loadable(brought.path.clone());
        let image = timeout_at(end, reading).await;
        let image = image.map_err(|_| too_slow(Stage::Reading, rules))?;
        let image = image.map_err(LoadRefusal::of)?;
        image.refuse_damaged().map_err(LoadRefusal::of)?;
        let files = Files::from(image);
        let identified = timeout_at(end, self.inner.readers.identify(&destination)).await;
        identified
            .map_err(|_| too_slow(Stage::Identifying, rules))?
            .map_err(|failure| LoadRefusal::of_reader(LoadMessage::NotAvailable, failure))?;
        let to = (destination, name);
        let options = firmdrop_engine::DeliveryOptions::default();
        let planning = self.plan_one(&files, &to, &options);
        let plan = timeout_at(end, planning).await;
        let plan = plan
            .map_err(|_| too_slow(Stage::Planning, rules))?
            .map_err(LoadRefusal::of)?;
        Ok(CheckedLoad {
            device: device.to_owned(),
            plan,
            received: brought.received,
            left: end.saturating_duration_since(Instant::now()),
        })
    }

    /// The reader that was meant, when nothing on this computer has it at this moment.
    async fn free_device(&self, text: &str) -> Result<(Destination, Option<String>), LoadRefusal> {
        let (destination, name) = self.load_device(text).await.map_err(LoadRefusal::of)?;
        let at_it = self.inner.engine.job_at(&destination).await;
        if let Some(job) = at_it.map_err(LoadRefusal::of)? {
            let refusal = LoadRefusal::of_reader(LoadMessage::NotAvailable, in_use());
            return Err(refusal.with_job(&job));
        }
        if self.is_held_elsewhere(&destination).await {
            let diagnosis = in_use_elsewhere();
            return Err(LoadRefusal::of_reader(LoadMessage::NotAvailable, diagnosis));
        }
        Ok((destination, name))
    }

    /// Whether another process has the place of a reader, and for longer than a glance takes.
    async fn is_held_elsewhere(&self, destination: &Destination) -> bool {
        let simulated = destination.scheme == firmdrop_link::SIMULATED;
        let until = Instant::now() + GLANCES;
        loop {
            let held = self.inner.engine.is_in_use(destination, simulated).await;
            // A home that cannot be locked in is said when the job is to be written.
            let held = held.unwrap_or(false);
            if !held || Instant::now() >= until {
                return held;
            }
            sleep(LOOK).await;
        }
    }

    /// The reader that was meant: an id or a name of one that is seen, or a destination.
    async fn load_device(&self, text: &str) -> Result<(Destination, Option<String>), Diagnosis> {
        let readers = self.readers().await;
        let plain = text.strip_prefix("device:").unwrap_or(text);
        let written = readers.iter().find(|view| view.destination == text);
        match written.map_or_else(|| named_reader(&readers, plain), Ok) {
            Ok(view) => {
                let destination = self.inner.engine.destination(&view.destination)?;
                Ok((destination, Some(view.reader.name.clone())))
            }
            Err(unknown) => Ok((self.written_reader(text, unknown)?, None)),
        }
    }

    /// Brings the firmware onto this computer.
    async fn bring(
        &self,
        source: Source,
        rules: &LoadRules,
        end: Instant,
    ) -> Result<LocalFile, LoadRefusal> {
        let home = self.inner.engine.home().clone();
        let received = match source {
            Source::Local(path) => {
                return Ok(LocalFile {
                    path,
                    received: None,
                });
            }
            Source::Blob(text) => {
                let storing = blocking(move || receive(&home, BLOB_NAME, &decode(&text)?));
                let stored = timeout_at(end, storing).await;
                let stored = stored.map_err(|_| too_slow(Stage::Reading, rules))?;
                stored.map_err(LoadRefusal::of)?
            }
            Source::Remote(address) => {
                let limits = DownloadRules {
                    allowed_hosts: rules.allowed_hosts.clone(),
                    limit_bytes: LARGEST_FIRMWARE_BYTES,
                };
                let downloading = download(&home, &address, limits, &|_, _| {});
                let downloaded = timeout_at(end, downloading).await;
                let downloaded = downloaded.map_err(|_| too_slow(Stage::Downloading, rules))?;
                downloaded.map_err(|error| not_downloaded(&error))?
            }
        };
        Ok(LocalFile {
            path: received.path().to_owned(),
            received: Some(received),
        })
    }

    /// The inspected file, when it is no larger than firmware is.
    async fn loadable(&self, path: PathBuf) -> Result<ImageFile, Diagnosis> {
        let opened = path.clone();
        blocking(move || {
            let size_bytes = FileSource::open(&opened)?.len();
            if size_bytes > LARGEST_FIRMWARE_BYTES {
                return Err(too_large(size_bytes));
            }
            Ok(())
        })
        .await?;
        self.image_at(path).await
    }
}

fn too_large(size_bytes: u64) -> Diagnosis {
    Diagnosis::new(
        Code::TooLarge,
        "The file was not read.",
        format!(
            "It has {} bytes; firmware has at most {}.",
            grouped(size_bytes),
            grouped(LARGEST_FIRMWARE_BYTES)
        ),
    )
    .state("Nothing was sent.")
    .remedy(Remedy::ChooseAnotherFile)
}

fn not_downloaded(error: &DownloadError) -> LoadRefusal {
    let diagnosis = error.diagnose();
    if error.is_local() {
        return LoadRefusal::of(diagnosis);
    }
    let message = match error.status() {
        Some(404) => LoadMessage::FileNotFound,
        Some(401 | 403) => LoadMessage::AccessDenied,
        _ => LoadMessage::DownloadFailed,
    };
    LoadRefusal::called(message, diagnosis)
}
