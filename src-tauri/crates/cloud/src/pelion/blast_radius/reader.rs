//! Reads the service's lists for a blast radius: counts its requests, and repeats those that fail.

use std::time::Duration;

use firmdrop_net::retry::RetryPolicy;
use tokio_util::sync::CancellationToken;

use super::{BlastManifest, ManifestFacts};
use crate::pelion::{Campaign, CampaignDevice, Device, ListQuery, Page, Pelion, PelionError};
use crate::session::Session;

/// Longest time for a failing service: a user looks at the screen.
const GIVE_UP_AFTER: Duration = Duration::from_secs(30);

/// Reads, and counts its requests.
pub(super) struct Reader<'a> {
    pelion: Pelion,
    session: Session<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(pelion: &'a Pelion) -> Self {
        let policy = RetryPolicy {
            give_up_after: pelion.retry.give_up_after.min(GIVE_UP_AFTER),
            ..pelion.retry
        };
        Self {
            pelion: pelion.clone().in_a_task(),
            session: Session::new(policy, CancellationToken::new(), None),
        }
    }

    /// Requests so far.
    pub(super) fn requests(&self) -> u32 {
        self.session.attempts()
    }

    pub(super) async fn facts(
        &mut self,
        manifest: &BlastManifest,
    ) -> Result<ManifestFacts, PelionError> {
        match manifest {
            BlastManifest::Missing => Ok(ManifestFacts::default()),
            BlastManifest::Facts(facts) | BlastManifest::ToBeMade(facts) => Ok(facts.clone()),
            BlastManifest::Id(id) => {
                let pelion = self.pelion.clone();
                let manifest = self.repeat(|| pelion.firmware_manifest(id)).await?;
                Ok(ManifestFacts::from(&manifest))
            }
        }
    }

    pub(super) async fn devices(&mut self, query: &ListQuery) -> Result<Page<Device>, PelionError> {
        let pelion = self.pelion.clone();
        self.repeat(|| pelion.devices(query)).await
    }

    pub(super) async fn campaigns(
        &mut self,
        query: &ListQuery,
    ) -> Result<Page<Campaign>, PelionError> {
        let pelion = self.pelion.clone();
        self.repeat(|| pelion.update_campaigns(query)).await
    }

    pub(super) async fn campaign_devices(
        &mut self,
        id: &str,
        query: &ListQuery,
    ) -> Result<Page<CampaignDevice>, PelionError> {
        let pelion = self.pelion.clone();
        self.repeat(|| pelion.campaign_devices(id, query)).await
    }

    /// Each question has the whole time: the walk over a large fleet takes longer.
    async fn repeat<T, Exchange>(&mut self, ask: impl Fn() -> Exchange) -> Result<T, PelionError>
    where
        Exchange: Future<Output = Result<T, PelionError>>,
    {
        self.session.progressed();
        self.session.repeat_unstopped(ask).await
    }
}
