//! The verdict on a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use firmdrop_core::{Code, Diagnosis, Fit, Remedy, read_file};
use firmdrop_engine::{Account, ConfirmationAbout, FileSource, blocking, inspect};
use firmdrop_image::{Inspection, Integrity, PublicKey, Source, check_signatures};
use firmdrop_link::Access;
use firmdrop_loader::Options;

use super::versions::of_versions;
use super::{Firmdrop, hold, manifest_file};
use crate::{DestinationOffer, OfferGroup, ReaderView, Verdict};

/// Size of a file with a public key. An RSA key of 8192 bits has 1.5 KiB as text.
const KEY_BYTES: u64 = 64 * 1024;

impl Firmdrop {
    /// What a file is and where it may go. Hashes follow by [`Firmdrop::digests`].
    pub async fn inspect(&self, path: &str) -> Result<Verdict, Diagnosis> {
        let began = Instant::now();
        let path = PathBuf::from(path);
        let inspection = self.read(&path).await?;
        Ok(self.verdict(path, inspection, began).await)
    }

    /// As [`Firmdrop::inspect`], with the signatures checked by public keys in these files, PEM or DER. What was found is a check named
    /// "Signature", or "Signature of" and the part; `integrity` counts it. For a firmware manifest a certificate does as well.
    pub async fn inspect_with_keys(
        &self,
        path: &str,
        keys: &[String],
    ) -> Result<Verdict, Diagnosis> {
        let began = Instant::now();
        let (path, keys) = (PathBuf::from(path), keys.to_vec());
        let opened = path.clone();
        let inspection = blocking(move || {
            let keys: Vec<_> = keys
                .iter()
                .map(|key| key_file(key))
                .collect::<Result<_, _>>()?;
            let (source, mut inspection) = inspect(&opened)?;
            if let Some(manifest) = manifest_file::manifest(&source, &inspection) {
                manifest_file::describe(&manifest, &keys, &mut inspection);
                return Ok(Arc::new(inspection));
            }
            let keys: Vec<_> = keys
                .iter()
                .map(|(name, bytes)| public_key(name, bytes))
                .collect::<Result<_, _>>()?;
            let source: Arc<dyn Source> = Arc::new(source);
            check_signatures(&source, &mut inspection, &keys)?;
            Ok(Arc::new(inspection))
        })
        .await?;
        Ok(self.verdict(path, inspection, began).await)
    }

    async fn verdict(&self, path: PathBuf, inspection: Arc<Inspection>, began: Instant) -> Verdict {
        let seconds = began.elapsed().as_secs_f32();
        let destinations = self.offers(&inspection).await;
        Verdict {
            file_name: file_name(&path),
            path: std::path::absolute(&path)
                .unwrap_or(path)
                .display()
                .to_string(),
            integrity: inspection.integrity(),
            advice: inspection.advice(),
            inspection: Arc::unwrap_or_clone(inspection),
            seconds,
            destinations,
        }
    }

    /// Where a file can go now. One that was inspected and has not changed since is not read again.
    pub async fn offers_for(&self, path: &str) -> Result<Vec<DestinationOffer>, Diagnosis> {
        let path = PathBuf::from(path);
        let (this, opened) = (self.clone(), path.clone());
        let known = blocking(move || {
            let source = FileSource::open(&opened)?;
            Ok(hold(&this.inner.inspections).of(&opened, source.identity()))
        })
        .await?;
        let inspection = match known {
            Some(inspection) => inspection,
            None => self.read(&path).await?,
        };
        Ok(self.offers(&inspection).await)
    }

    async fn read(&self, path: &Path) -> Result<Arc<Inspection>, Diagnosis> {
        let (this, path) = (self.clone(), path.to_owned());
        blocking(move || {
            let (source, mut inspection) = inspect(&path)?;
            if let Some(manifest) = manifest_file::manifest(&source, &inspection) {
                manifest_file::describe(&manifest, &[], &mut inspection);
            }
            let inspection = Arc::new(inspection);
            let of = (path, source.identity(), Arc::clone(&inspection));
            hold(&this.inner.inspections).add(of);
            Ok(inspection)
        })
        .await
    }

    async fn offers(&self, inspection: &Inspection) -> Vec<DestinationOffer> {
        let readers = self.readers().await;
        let mut offers: Vec<DestinationOffer> = readers
            .iter()
            .map(|reader| self.reader_offer(inspection, reader))
            .collect();
        // An accounts' file that cannot be read is reported where accounts are shown.
        let accounts = self.inner.engine.accounts().list().unwrap_or_default();
        let of_account = |account: &Account| self.account_offer(inspection, account);
        offers.extend(accounts.iter().filter_map(of_account));
        offers
    }

    fn reader_offer(&self, inspection: &Inspection, view: &ReaderView) -> DestinationOffer {
        let fit = match &view.reader.access {
            Access::Denied { why, .. } => Fit::cannot_tell(why.clone()),
            Access::InUse { by } if view.job.is_none() => Fit::cannot_tell(match by {
                Some(by) => format!("Held by {by}"),
                None => "Another program holds it".to_owned(),
            }),
            Access::Gone => Fit::cannot_tell("It is not plugged in"),
            Access::NoAnswer => Fit::cannot_tell("It did not answer"),
            Access::NotIdentified | Access::Ready | Access::InUse { .. } => {
                self.fit(inspection, &view.destination)
            }
        };
        let fit = refuse_damaged(inspection, fit);
        let confirms = match fit {
            Fit::Fits { .. } => self.version_confirmations(inspection, view),
            Fit::DoesNotFit { .. } | Fit::CannotTell { .. } => Vec::new(),
        };
        DestinationOffer {
            destination: view.destination.clone(),
            name: view.reader.name.clone(),
            detail: view.reader.place.clone(),
            group: OfferGroup::Readers,
            fit,
            confirms,
            simulated: view.reader.simulated,
            production: false,
        }
    }

    /// What the plan for a reader, without options of its own, asks about the versions.
    fn version_confirmations(
        &self,
        inspection: &Inspection,
        view: &ReaderView,
    ) -> Vec<ConfirmationAbout> {
        let Some(target) = &view.target else {
            return Vec::new();
        };
        let Ok(to) = self.inner.engine.destination(&view.destination) else {
            return Vec::new();
        };
        let readers = &self.inner.readers;
        let sent = readers.sent_images(&to, inspection, &Options::new());
        of_versions(&view.reader.name, target, inspection, &sent)
            .into_iter()
            .map(|confirmation| confirmation.about)
            .collect()
    }

    /// Whether the image may go there, by the backend of the destination.
    fn fit(&self, inspection: &Inspection, destination: &str) -> Fit {
        let engine = &self.inner.engine;
        let fit = engine
            .destination(destination)
            .map_err(Diagnosis::from)
            .and_then(|to| Ok(engine.backends().of(&to)?.fit(inspection, &to)));
        fit.unwrap_or_else(|diagnosis| Fit::cannot_tell(diagnosis.why))
    }

    /// The account as a destination; none when its kind is not known here.
    fn account_offer(
        &self,
        inspection: &Inspection,
        account: &Account,
    ) -> Option<DestinationOffer> {
        let backends = self.inner.engine.backends();
        let destination = backends.of_account(account).ok()?.destination_of(account)?;
        Some(DestinationOffer {
            fit: ask_if_damaged(inspection, self.fit(inspection, &destination.to_string())),
            destination: destination.to_string(),
            name: account.name.clone(),
            detail: account.host.clone(),
            group: OfferGroup::Clouds,
            confirms: Vec::new(),
            simulated: account.simulated,
            production: account.production,
        })
    }
}

/// A file with a key: its name, which is how answers call the key, and its bytes.
fn key_file(path: &str) -> Result<(String, Vec<u8>), Diagnosis> {
    let path = Path::new(path);
    Ok((file_name(path), read_file(path, KEY_BYTES)?))
}

fn public_key(name: &str, bytes: &[u8]) -> Result<PublicKey, Diagnosis> {
    PublicKey::read(name, bytes).map_err(|error| {
        Diagnosis::new(
            Code::ManifestKeyUnreadable,
            "No signature was checked.",
            format!("The key {error}"),
        )
        .state("Nothing was sent.")
        .remedy(Remedy::advice(
            "Give a public key as PEM or DER: RSA, ECDSA on P-256 or P-384, or Ed25519.",
        ))
    })
}

/// A damaged image fits no reader, whatever else agrees.
fn refuse_damaged(inspection: &Inspection, fit: Fit) -> Fit {
    if inspection.integrity() == Integrity::Damaged && fit.is_fit() {
        return Fit::does_not_fit("The file is damaged");
    }
    fit
}

/// A service that stores bytes stores damaged ones too, once the person has confirmed it.
fn ask_if_damaged(inspection: &Inspection, fit: Fit) -> Fit {
    if inspection.integrity() == Integrity::Damaged && fit.is_fit() {
        return Fit::cannot_tell("The file is damaged; it is stored only after that is confirmed");
    }
    fit
}

/// A path's last part, as text.
fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
