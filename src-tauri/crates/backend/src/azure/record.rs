//! Writes the acts of an import and a deployment into the job's journal before the service is asked
//! for them.

use async_trait::async_trait;
use firmdrop_cloud::azure::deploying::{DeployFact, DeployRecord};
use firmdrop_cloud::azure::importing::{ImportFact, ImportRecord};
use firmdrop_cloud::azure::staging::{BlockReceipt, RecordError};
use firmdrop_core::NotDurable;
use firmdrop_engine::{JobContext, PieceRecord, PieceState};

use super::facts::Fact;

/// The journal of one job.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) context: &'a JobContext,
}

impl Record<'_> {
    async fn write(&self, fact: &Fact) -> Result<(), RecordError> {
        self.context.fact(fact).await.map_err(not_durable)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "errors end here, by `map_err`"
)]
fn not_durable(error: NotDurable) -> RecordError {
    RecordError(error.to_string())
}

#[async_trait]
impl ImportRecord for Record<'_> {
    async fn fact(&self, fact: ImportFact) -> Result<(), RecordError> {
        if matches!(fact, ImportFact::Named { .. }) {
            // What other blobs held is not in these.
            self.context.pieces_gone();
        }
        let is_accepted = matches!(fact, ImportFact::Accepted { .. });
        self.write(&Fact::Import(fact)).await?;
        if is_accepted {
            // What follows only watches: the next job may have the account.
            self.context.release_destination();
        }
        Ok(())
    }

    async fn block_confirmed(
        &self,
        file: usize,
        receipt: &BlockReceipt,
    ) -> Result<(), RecordError> {
        let piece = PieceRecord {
            file: u32::try_from(file).unwrap_or(u32::MAX),
            number: receipt.number,
            offset_bytes: receipt.offset_bytes,
            length_bytes: receipt.length_bytes,
            digest: Some(format!("crc64:{}", receipt.crc64)),
            state: PieceState::Confirmed,
            sent_again: false,
        };
        self.context.pieces(vec![piece]).await.map_err(not_durable)
    }
}

#[async_trait]
impl DeployRecord for Record<'_> {
    async fn fact(&self, fact: DeployFact) -> Result<(), RecordError> {
        self.write(&Fact::Deploy(fact)).await
    }
}
