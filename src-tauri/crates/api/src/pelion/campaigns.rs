//! Campaigns: lists, drafts, start, stop, archive, and what a look at a running one shows.

use firmdrop_cloud::pelion::blast_radius::{BlastRadius, blast_radius, count_changed};
use firmdrop_cloud::pelion::campaign::{CampaignCounts, CampaignPhase, status_of};
use firmdrop_cloud::pelion::{
    Campaign, CampaignChange, CampaignDraft, Collection, FilterText, Page, Pelion, PelionError,
    RepeatedQueries,
};
use firmdrop_core::Diagnosis;

use super::lists::list_query;
use super::{BlastQuery, CampaignLive, CampaignView, Cause, PageQuery, Service};

/// Shortest wait between two looks at a campaign; the vendor's own client waits as long.
const QUICK_SECONDS: u32 = 3;

/// Longest wait between two looks at a campaign.
const SLOW_SECONDS: u32 = 30;

impl Service {
    /// One page of the campaigns, archived ones included: the service cannot leave them out.
    pub async fn campaigns(&self, query: &PageQuery) -> Result<Page<CampaignView>, Diagnosis> {
        let pelion = self.client().await?;
        let asked = list_query(query, Collection::UpdateCampaigns)?;
        let page = pelion.update_campaigns(&asked).await?;
        Ok(page.map(view))
    }

    /// One campaign.
    pub async fn campaign(&self, id: &str) -> Result<CampaignView, Diagnosis> {
        let pelion = self.client().await?;
        Ok(view(pelion.update_campaign(id).await?))
    }

    /// Drafts a campaign. No device is touched.
    pub async fn create_campaign(&self, draft: &CampaignDraft) -> Result<CampaignView, Diagnosis> {
        FilterText::parse(&draft.device_filter, Collection::Devices)?;
        let pelion = self.client().await?;
        Ok(view(pelion.create_campaign(draft).await?))
    }

    /// Changes a draft, or name and description of any campaign.
    pub async fn change_campaign(
        &self,
        id: &str,
        change: &CampaignChange,
    ) -> Result<CampaignView, Diagnosis> {
        if let Some(filter) = &change.device_filter {
            FilterText::parse(filter, Collection::Devices)?;
        }
        let pelion = self.client().await?;
        Ok(view(pelion.change_campaign(id, change).await?))
    }

    /// Who a campaign would touch. Changes nothing.
    pub async fn blast_radius(&self, query: BlastQuery) -> Result<BlastRadius, Diagnosis> {
        let pelion = self.client().await?;
        Ok(blast_radius(&pelion, &query.request(), &|_| ()).await?)
    }

    /// Starts a campaign when exactly `expected_devices` match its filter now; refused with
    /// a diagnosis otherwise, and then nothing was started.
    pub async fn start_campaign(
        &self,
        id: &str,
        expected_devices: u64,
    ) -> Result<CampaignView, Diagnosis> {
        let pelion = self.client().await?;
        let campaign = pelion.update_campaign(id).await?;
        let counted = count(&pelion, &campaign).await?;
        if let Some(diagnosis) = count_changed(expected_devices, counted) {
            return Err(diagnosis);
        }
        pelion.start_campaign(id).await?;
        Ok(view(pelion.update_campaign(id).await?))
    }

    /// Stops a campaign. Devices that the service has already served are not called back.
    pub async fn stop_campaign(&self, id: &str) -> Result<CampaignView, Diagnosis> {
        let pelion = self.client().await?;
        pelion.stop_campaign(id).await?;
        Ok(view(pelion.update_campaign(id).await?))
    }

    /// Archives a stopped campaign.
    pub async fn archive_campaign(&self, id: &str) -> Result<CampaignView, Diagnosis> {
        let pelion = self.client().await?;
        pelion.archive_campaign(id).await?;
        Ok(view(pelion.update_campaign(id).await?))
    }

    /// A campaign at this moment, and when to look again. `quiet_seconds` is how long nothing has
    /// moved: the longer, the later the next look.
    pub async fn campaign_live(
        &self,
        id: &str,
        quiet_seconds: u32,
    ) -> Result<CampaignLive, Diagnosis> {
        let pelion = self.client().await?;
        Ok(live(&pelion, id, quiet_seconds).await?)
    }

    /// The same for whoever watches for days: a service or a network that is out is waited for, and
    /// `questions` notes that.
    pub async fn campaign_live_again(
        &self,
        id: &str,
        quiet_seconds: u32,
        queries: &mut RepeatedQueries<'_>,
    ) -> Result<CampaignLive, Diagnosis> {
        // The account as it is now: its key may have been replaced meanwhile.
        let pelion = self.client().await?.in_a_task();
        Ok(queries.query(|| live(&pelion, id, quiet_seconds)).await?)
    }
}

async fn live(pelion: &Pelion, id: &str, quiet_seconds: u32) -> Result<CampaignLive, PelionError> {
    let campaign = pelion.update_campaign(id).await?;
    let phase = CampaignPhase::of(&campaign);
    let mut counts = None;
    let mut causes = Vec::new();
    if phase.has_statistics() {
        match pelion.campaign_statistics(id).await {
            Err(error) if error.is_of_no_count() => {}
            answer => counts = Some(CampaignCounts::of(&answer?)),
        }
    }
    if let Some(counts) = counts {
        for (status, devices) in [("fail", counts.failed), ("skipped", counts.skipped)] {
            if devices > 0 {
                let types = pelion.campaign_event_types(id, status).await?;
                causes.extend(types.into_iter().map(Cause::from));
            }
        }
        causes.sort_by_key(|cause: &Cause| std::cmp::Reverse(cause.count));
    }
    let look_again_seconds = (!phase.is_at_rest()).then(|| look_again(&phase, quiet_seconds));
    Ok(CampaignLive {
        view: view(campaign),
        counts,
        causes,
        look_again_seconds,
    })
}

async fn count(pelion: &Pelion, campaign: &Campaign) -> Result<u64, Diagnosis> {
    let filter = FilterText::parse(&campaign.device_filter, Collection::Devices);
    let filter = filter?;
    Ok(pelion.count_devices(&filter).await?)
}

fn view(campaign: Campaign) -> CampaignView {
    CampaignView {
        standing: status_of(&campaign),
        campaign,
    }
}

/// Often while it starts, stops or is lively; the longer it is quiet, the later.
fn look_again(phase: &CampaignPhase, quiet_seconds: u32) -> u32 {
    if phase.is_passing() {
        QUICK_SECONDS
    } else {
        (quiet_seconds / 10).clamp(QUICK_SECONDS, SLOW_SECONDS)
    }
}
