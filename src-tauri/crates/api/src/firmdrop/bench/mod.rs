//! The bench of this home: set up, opened, armed.

mod handle;
mod run;
mod scan;
mod start;
mod state;

use std::path::Path;
use std::sync::Arc;

use firmdrop_core::Diagnosis;
use firmdrop_engine::{Files, JobState, blocking};
use firmdrop_image::Signature;

pub use handle::Bench;

use self::state::{Shared, Unfinished};
use super::Firmdrop;
use crate::bench::{BenchLane, BenchSetup, Board, Lot, LotImage, UnitResult, refused};

/// Largest file with a bench that is read.
const LARGEST_SETUP_BYTES: u64 = 1 << 20;

impl Firmdrop {
    /// The bench as it was stored last. One that cannot be read counts as none: its lanes are taught again.
    pub fn bench_setup(&self) -> BenchSetup {
        let path = self.inner.engine.home().bench();
        let is_small = std::fs::metadata(&path).is_ok_and(|it| it.len() <= LARGEST_SETUP_BYTES);
        let text = is_small.then(|| std::fs::read(&path).ok()).flatten();
        let setup = text.and_then(|text| serde_json::from_slice(&text).ok());
        setup.unwrap_or_default()
    }

    /// Stores a bench.
    pub fn save_bench_setup(&self, setup: &BenchSetup) -> Result<(), Diagnosis> {
        let text = serde_json::to_vec_pretty(setup).unwrap_or_default();
        self.inner.engine.home().write_bench(&text)
    }

    /// A lane for a reader that is named: by its id, its name or its address. Nothing is sent to it.
    pub async fn bench_lane(&self, name: &str, reader: &str) -> Result<BenchLane, Diagnosis> {
        let views = self.readers().await;
        let listed = super::named_reader::named_reader(&views, reader).ok();
        let by_place = || views.iter().find(|view| view.reader.place == reader);
        if let Some(view) = listed.or_else(by_place).filter(|view| !view.added) {
            return Ok(BenchLane {
                name: name.to_owned(),
                place: Some(view.reader.place_key().to_owned()),
                place_name: view.reader.place.clone(),
                destination: None,
            });
        }
        let added = listed.map_or(reader, |view| view.destination.as_str());
        let destination = self.reader_destination(added)?;
        let text = destination.to_string();
        let seen = views.iter().find(|view| view.destination == text);
        let unseen = self.inner.readers.unseen(&destination);
        let reader = seen.map(|view| view.reader.clone());
        let reader = reader.or_else(|| unseen.map(|unseen| unseen.reader));
        let reader = reader.ok_or_else(|| {
            refused(
                format!("{text} is no reader."),
                "A lane is the place of a reader.",
                "Name a reader.",
            )
        })?;
        Ok(BenchLane {
            name: name.to_owned(),
            place: Some(reader.place_key().to_owned()),
            place_name: reader.place,
            destination: Some(text),
        })
    }

    /// Opens the bench: reads the image, opens the lot, and begins to look for readers. Nothing is written to
    /// any before [`Bench::arm`]. A bench that is open is closed before; one that is busy stays.
    pub async fn open_bench(&self, mut setup: BenchSetup) -> Result<Bench, Diagnosis> {
        for lane in &mut setup.lanes {
            // The place of a lane with an address is that of the address, whatever was said.
            if let Some(destination) = &lane.destination {
                *lane = self.bench_lane(&lane.name, destination).await?;
            }
        }
        let label = setup.check()?;
        self.close_bench()?;
        let image = self.image_at(setup.recipe.file.clone().into()).await?;
        image.refuse_damaged()?;
        let unsigned = firmdrop_engine::ConfirmationAbout::Unsigned;
        if image.inspection.signature == Signature::Absent
            && !setup.recipe.confirmed.contains(&unsigned)
        {
            return Err(refused(
                format!("The image {} has no signature.", image.file_name),
                "That is confirmed once for the whole lot.",
                "Confirm that the image is unsigned (`--confirm unsigned`), or choose another.",
            ));
        }
        let lot_image = LotImage {
            name: image.file_name.clone(),
            sha256: image.expected.sha256,
            version: image.inspection.identity.version.clone(),
        };
        let (folder, name) = (self.inner.engine.home().lots()?, setup.lot.clone());
        let record = setup.record.clone();
        let lot = blocking(move || {
            let mut lot = Lot::open(&folder, &name, lot_image, label)?;
            if let Some(record) = record {
                lot.write_record(Path::new(&record))?;
            }
            Ok(lot)
        });
        let mut lot = lot.await?;
        let left = self.settle_left(&mut lot, &setup)?;
        let board = Board::new(&setup);
        let shared = Shared::new(setup, Files::from(image), lot, self.inner.engine.now());
        let bench = run::open(self.clone(), Arc::new(shared), board, left).await;
        *super::hold(&self.inner.bench) = Some(bench.clone());
        Ok(bench)
    }

    /// The bench that is open in this process.
    pub fn bench(&self) -> Option<Bench> {
        super::hold(&self.inner.bench).clone()
    }

    /// Closes the bench. One that is busy stays open.
    pub fn close_bench(&self) -> Result<(), Diagnosis> {
        let mut open = super::hold(&self.inner.bench);
        if open.as_ref().is_some_and(|bench| !bench.view().idle) {
            return Err(refused(
                "The bench stays as it is.",
                "A lane is busy.",
                "Disarm the bench, and wait until its lanes have ended.",
            ));
        }
        if let Some(bench) = open.take() {
            bench.close();
        }
        Ok(())
    }

    /// What an earlier process left: units whose job ended meanwhile end too, the others wait on their lanes.
    fn settle_left(&self, lot: &mut Lot, setup: &BenchSetup) -> Result<Vec<Unfinished>, Diagnosis> {
        let mut left = Vec::new();
        for begun in lot.unfinished() {
            let job = begun
                .job
                .as_ref()
                .and_then(|job| self.inner.engine.job(job).ok());
            // Killed after the unit was written down and before its job was.
            let Some(job) = job else {
                lot.void(&begun)?;
                continue;
            };
            let summary = job.summary;
            if let Some(result) = UnitResult::of(&summary.state, setup.recipe.accepts_unverified) {
                let (why, at) = (
                    crate::bench::RecordDetails::of(&summary.state),
                    summary.changed,
                );
                lot.end(&begun, result, why, at)?;
                continue;
            }
            let why = match summary.state {
                JobState::Interrupted { reason } => reason,
                _ => "Firmdrop was closed".to_owned(),
            };
            left.push(Unfinished { begun, why });
        }
        Ok(left)
    }
}
