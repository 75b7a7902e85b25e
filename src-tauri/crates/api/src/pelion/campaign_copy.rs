//! A campaign like another one, and the end of one that is still running.

use std::time::Duration;

use firmdrop_cloud::pelion::campaign::{CampaignAct, CampaignPhase};
use firmdrop_cloud::pelion::{Campaign, CampaignDraft, Filter, FilterText, URL_CHARACTERS};
use firmdrop_core::{Code, Diagnosis, Remedy};
use tokio::time::Instant;

use super::{DeviceEnd, PageQuery, Service};

/// How long a stop is waited for. The vendor's own client waits as long.
const STOPS_WITHIN: Duration = Duration::from_mins(1);

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

impl Service {
    /// A draft that says what a campaign says, under another name; with `failed`, for those of its
    /// devices only that did not reach the desired state. Nothing is created yet.
    pub async fn copy_of_campaign(
        &self,
        id: &str,
        name: &str,
        failed: bool,
    ) -> Result<CampaignDraft, Diagnosis> {
        let pelion = self.client().await?;
        let campaign = pelion.update_campaign(id).await?;
        let device_filter = if failed {
            let devices = self.failed_devices(id).await?;
            filter_of(&campaign, &devices)?
        } else {
            campaign.device_filter.clone()
        };
        Ok(CampaignDraft {
            name: name.to_owned(),
            description: campaign.description.clone(),
            device_filter,
            root_manifest_id: Some(campaign.root_manifest_id.clone()).filter(|id| !id.is_empty()),
            campaign_strategy: campaign
                .strategy()
                .ok_or_else(|| strategy_not_known(&campaign))?,
            autostop: campaign.autostop,
            autostop_success_percent: campaign.autostop_success_percent,
            approval_required: campaign.approval_required,
            when: None,
        })
    }

    /// Stops a campaign when it runs, and waits until it has stopped.
    pub async fn stop_and_wait(&self, id: &str) -> Result<(), Diagnosis> {
        let pelion = self.client().await?;
        let begun = Instant::now();
        let mut asked = false;
        loop {
            let campaign = pelion.update_campaign(id).await?;
            let phase = CampaignPhase::of(&campaign);
            if phase.is_at_rest() {
                return Ok(());
            }
            if !asked && phase.allows(CampaignAct::Stop) != Some(false) {
                pelion.stop_campaign(id).await?;
                asked = true;
            }
            if begun.elapsed() > STOPS_WITHIN {
                return Err(still_stopping(id));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn failed_devices(&self, id: &str) -> Result<Vec<String>, Diagnosis> {
        let mut failed = Vec::new();
        let mut query = PageQuery {
            limit: Some(1000),
            ..PageQuery::default()
        };
        loop {
            let page = self.campaign_devices(id, &query).await?;
            let of_page = page.data.iter();
            let of_page = of_page.filter(|row| row.ended == Some(DeviceEnd::Failed));
            failed.extend(of_page.map(|row| row.device_id.clone()));
            let last = page.data.last().map(|row| row.id.clone());
            if !page.may_have_more() || last.is_none() || last == query.after {
                return Ok(failed);
            }
            query.after = last;
        }
    }
}

/// A filter that names these devices one by one.
fn filter_of(campaign: &Campaign, devices: &[String]) -> Result<String, Diagnosis> {
    if devices.is_empty() {
        return Err(Diagnosis::new(
            Code::DoesNotFit,
            format!("No device of the campaign {} has failed.", campaign.name),
            "There is nobody to repeat it for.",
        )
        .titled("No device failed")
        .state("Nothing was created."));
    }
    let filter = FilterText::from(vec![Filter::devices(devices)]).to_string();
    if filter.len() >= URL_CHARACTERS {
        return Err(Diagnosis::new(
            Code::TooLarge,
            format!("{} devices failed; their ids do not fit into one filter.", devices.len()),
            "The service takes addresses of less than 4,096 characters, and a filter is a part of one.",
        )
        .titled("Too many devices for one filter")
        .state("Nothing was created.")
        .remedy(Remedy::Advice {
            text: "Copy the whole campaign: devices that have the version already are skipped.".into(),
        }));
    }
    Ok(filter)
}

/// A copy says what the campaign says: what is not known cannot be copied.
fn strategy_not_known(campaign: &Campaign) -> Diagnosis {
    Diagnosis::new(
        Code::AnswerUnreadable,
        format!(
            "The strategy of the campaign {} is not known.",
            campaign.name
        ),
        format!("The service calls it \"{}\".", campaign.campaign_strategy),
    )
    .titled("The campaign cannot be copied")
    .state("Nothing was created.")
    .remedy(Remedy::Advice {
        text: "Draft a new campaign, and say how it treats devices of other campaigns.".into(),
    })
}

fn still_stopping(id: &str) -> Diagnosis {
    Diagnosis::new(
        Code::ServiceTimeout,
        format!("The campaign {id} had not stopped a minute after it was asked to."),
        "A stop may take long while devices are being served.",
    )
    .titled("The campaign is still stopping")
    .state("It is stopping; nothing was deleted.")
    .remedy(Remedy::Wait { seconds: 60 })
}
