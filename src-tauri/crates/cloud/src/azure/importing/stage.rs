//! The files and manifests of an import, in the storage.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::run::Run;
use super::{ImportError, ImportFact, ImportRecord};
use crate::azure::staging::{
    BlockReceipt, FileState, RecordError, StagedFile, StagingRecord, stage,
};

/// Stages everything, or continues; addresses are made anew.
pub(super) async fn stage_all(run: &mut Run<'_>) -> Result<Vec<StagedFile>, ImportError> {
    let request = run.request.staging();
    let record = Staging {
        record: run.record,
        learned: Mutex::default(),
    };
    let state = run.state.staging.clone();
    let staging = stage(run.store, &request, &state, &record, run.events, run.cancel);
    let staged = Box::pin(staging).await;
    for fact in record.learned.into_inner().unwrap_or_default() {
        run.state.learn(&fact, Duration::ZERO);
    }
    staged.map_err(|source| ImportError::Staging {
        source: Box::new(source),
    })
}

/// The record of the import, as staging writes into it.
struct Staging<'a> {
    record: &'a dyn ImportRecord,
    learned: Mutex<Vec<ImportFact>>,
}

impl Staging<'_> {
    async fn fact(&self, fact: ImportFact) -> Result<(), RecordError> {
        {
            let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
            learned.push(fact.clone());
        }
        self.record.fact(fact).await
    }
}

#[async_trait]
impl StagingRecord for Staging<'_> {
    async fn named(&self, files: &[FileState]) -> Result<(), RecordError> {
        let files = files.to_vec();
        self.fact(ImportFact::Named { files }).await
    }

    async fn block_confirmed(
        &self,
        file: usize,
        receipt: &BlockReceipt,
    ) -> Result<(), RecordError> {
        self.record.block_confirmed(file, receipt).await
    }

    async fn committing(&self, file: usize) -> Result<(), RecordError> {
        self.fact(ImportFact::Committing { file }).await
    }

    async fn staged(&self, file: usize) -> Result<(), RecordError> {
        self.fact(ImportFact::Staged { file }).await
    }
}
