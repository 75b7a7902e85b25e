//! The operations of update campaigns, one request each.
//!
//! What a phase allows is the service's decision; it refuses with 409 or 403. Beginning, ending and
//! archiving are only asked for here: the phase tells later what came of it.

use firmdrop_net::Method;

use super::{
    Campaign, CampaignChange, CampaignDevice, CampaignDraft, EventTypeCount, ListQuery, Page,
    Pelion, PelionError, SummaryStatus,
    exchange::{as_json, checked_id},
};

const CAMPAIGNS: &str = "v3/update-campaigns";

impl Pelion {
    /// One page of the update campaigns.
    pub async fn update_campaigns(&self, query: &ListQuery) -> Result<Page<Campaign>, PelionError> {
        self.list(CAMPAIGNS, query).await
    }

    /// One update campaign.
    pub async fn update_campaign(&self, id: &str) -> Result<Campaign, PelionError> {
        let path = format!("{CAMPAIGNS}/{}", checked_id(id)?);
        self.execute(self.call(Method::Get, &path)?).await
    }

    /// Creates a draft. Nothing is sent to a device. 409 when the name is taken; after an unknown
    /// answer look for the name before creating again.
    pub async fn create_campaign(&self, draft: &CampaignDraft) -> Result<Campaign, PelionError> {
        let body = as_json(draft);
        let call = self.call(Method::Post, CAMPAIGNS)?;
        self.execute(call.map(|request| request.json(&body))).await
    }

    /// Changes what is given, and nothing else. 403 outside the draft, except for name and
    /// description.
    pub async fn change_campaign(
        &self,
        id: &str,
        change: &CampaignChange,
    ) -> Result<Campaign, PelionError> {
        let path = format!("{CAMPAIGNS}/{}", checked_id(id)?);
        let body = as_json(change);
        let call = self.call(Method::Put, &path)?;
        self.execute(call.map(|request| request.json(&body))).await
    }

    /// Deletes a campaign. Cannot be undone. 409 while it is starting, active or stopping.
    pub async fn delete_campaign(&self, id: &str) -> Result<(), PelionError> {
        let path = format!("{CAMPAIGNS}/{}", checked_id(id)?);
        self.exchange(self.call(Method::Delete, &path)?).await?;
        Ok(())
    }

    /// Asks to start a draft. Whether it becomes active shows in its phase: it may fall back to
    /// `draft` or end `stopped`, with the reason. 409 from any other phase.
    pub async fn start_campaign(&self, id: &str) -> Result<(), PelionError> {
        self.act(id, "start").await
    }

    /// Asks to stop a starting or active campaign. What a device has begun is not called back. 409
    /// from any other phase.
    pub async fn stop_campaign(&self, id: &str) -> Result<(), PelionError> {
        self.act(id, "stop").await
    }

    /// Asks to archive a stopped campaign. 409 from any other phase.
    pub async fn archive_campaign(&self, id: &str) -> Result<(), PelionError> {
        self.act(id, "archive").await
    }

    /// 202 with or without a body.
    async fn act(&self, id: &str, verb: &str) -> Result<(), PelionError> {
        let path = format!("{CAMPAIGNS}/{}/{verb}", checked_id(id)?);
        let call = self.call(Method::Post, &path)?;
        self.exchange(call.map(firmdrop_net::Request::empty_body))
            .await?;
        Ok(())
    }

    /// How many devices ended in which way. 404 is possible before the campaign is active.
    pub async fn campaign_statistics(&self, id: &str) -> Result<Vec<SummaryStatus>, PelionError> {
        let path = format!("{CAMPAIGNS}/{}/statistics", checked_id(id)?);
        let page: Page<SummaryStatus> = self.list(&path, &ListQuery::default()).await?;
        if page.unread > 0 {
            // What is left would count those devices as none.
            let why = format!("{} of its counts cannot be read", page.unread);
            return Err(self.other_shape(&format!("GET /{path}"), why));
        }
        Ok(page.data)
    }

    /// How many devices reported which event, for one way of ending: `fail`, `info`, `skipped`,
    /// `success`.
    pub async fn campaign_event_types(
        &self,
        id: &str,
        status: &str,
    ) -> Result<Vec<EventTypeCount>, PelionError> {
        let path = format!(
            "{CAMPAIGNS}/{}/statistics/{}/event_types",
            checked_id(id)?,
            checked_id(status)?
        );
        let page: Page<EventTypeCount> = self.list(&path, &ListQuery::default()).await?;
        Ok(page.data)
    }

    /// One page of the campaign's devices. Takes no filter.
    pub async fn campaign_devices(
        &self,
        id: &str,
        query: &ListQuery,
    ) -> Result<Page<CampaignDevice>, PelionError> {
        let path = format!("{CAMPAIGNS}/{}/campaign-device-metadata", checked_id(id)?);
        self.list(&path, query).await
    }
}
