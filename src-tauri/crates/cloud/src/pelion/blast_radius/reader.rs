//! Reads the service's lists for a blast radius: counts its requests, and repeats those that fail.

use std::time::Duration;

use firmdrop_net::retry::{Decision, Idempotency, Patience, RetryPolicy};

use super::{BlastManifest, ManifestFacts};
use crate::pelion::{Campaign, CampaignDevice, Device, ListQuery, Page, Pelion, PelionError};

/// Longest time for a failing service: a user looks at the screen.
const GIVE_UP_AFTER: Duration = Duration::from_secs(30);

/// Reads, and counts its requests.
pub(super) struct Reader<'a> {
    pelion: &'a Pelion,
    requests: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(pelion: &'a Pelion) -> Self {
        Self {
            pelion,
            requests: 0,
        }
    }

    /// Requests so far.
    pub(super) fn requests(&self) -> u32 {
        self.requests
    }

    pub(super) async fn facts(
        &mut self,
        manifest: &BlastManifest,
    ) -> Result<ManifestFacts, PelionError> {
        match manifest {
            BlastManifest::Missing => Ok(ManifestFacts::default()),
            BlastManifest::Facts(facts) | BlastManifest::ToBeMade(facts) => Ok(facts.clone()),
            BlastManifest::Id(id) => {
                let pelion = self.pelion;
                let manifest = self.patiently(|| pelion.firmware_manifest(id)).await?;
                Ok(ManifestFacts::from(&manifest))
            }
        }
    }

    pub(super) async fn devices(&mut self, query: &ListQuery) -> Result<Page<Device>, PelionError> {
        let pelion = self.pelion;
        self.patiently(|| pelion.devices(query)).await
    }

    pub(super) async fn campaigns(
        &mut self,
        query: &ListQuery,
    ) -> Result<Page<Campaign>, PelionError> {
        let pelion = self.pelion;
        self.patiently(|| pelion.update_campaigns(query)).await
    }

    pub(super) async fn campaign_devices(
        &mut self,
        id: &str,
        query: &ListQuery,
    ) -> Result<Page<CampaignDevice>, PelionError> {
        let pelion = self.pelion;
        self.patiently(|| pelion.campaign_devices(id, query)).await
    }

    async fn patiently<T, Answer>(&mut self, ask: impl Fn() -> Answer) -> Result<T, PelionError>
    where
        Answer: Future<Output = Result<T, PelionError>>,
    {
        let policy = self.pelion.retry;
        let mut patience = Patience::new(RetryPolicy {
            give_up_after: policy.give_up_after.min(GIVE_UP_AFTER),
            ..policy
        });
        loop {
            self.requests = self.requests.saturating_add(1);
            let error = match ask().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if error.decision(Idempotency::Repeatable) == Decision::Final {
                return Err(error);
            }
            let Some(wait) = patience.next_wait(error.retry_after()) else {
                return Err(error);
            };
            tokio::time::sleep(wait).await;
        }
    }
}
