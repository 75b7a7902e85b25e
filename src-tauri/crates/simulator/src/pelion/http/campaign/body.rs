//! The body of a request that makes or changes a campaign.

use firmdrop_core::Moment;
use serde::Deserialize;

use crate::pelion::state::{
    Id, Refusal,
    campaign::{Campaign, State, Strategy},
    check_length, device,
    filter::Filter,
};

/// Longest name and description, characters: vendor's API reference.
const LONGEST_NAME: usize = 128;
const LONGEST_DESCRIPTION: usize = 2000;

/// The body of a POST and of a PUT; what is missing or null stays as it is.
#[derive(Debug, Deserialize)]
pub(crate) struct CampaignBody {
    pub(crate) name: Option<String>,
    description: Option<String>,
    device_filter: Option<String>,
    root_manifest_id: Option<String>,
    campaign_strategy: Option<Strategy>,
    autostop: Option<bool>,
    autostop_success_percent: Option<f64>,
    approval_required: Option<bool>,
    when: Option<Moment>,
    pub(crate) state: Option<State>,
}

impl CampaignBody {
    pub(crate) fn checked(self) -> Result<Self, Refusal> {
        check_length("name", self.name.as_deref(), LONGEST_NAME)?;
        let description = self.description.as_deref();
        check_length("description", description, LONGEST_DESCRIPTION)?;
        let filter = self.device_filter.as_deref().unwrap_or_default();
        if Id::read(filter).is_none() && Filter::read(&device::FIELDS, filter).is_err() {
            let message = "This is no filter for devices.";
            return Err(Refusal::invalid("device_filter", message));
        }
        let manifest = self.root_manifest_id.as_deref().unwrap_or_default();
        if !manifest.is_empty() && Id::read(manifest).is_none() {
            return Err(Refusal::invalid("root_manifest_id", "This is no id."));
        }
        if self
            .autostop_success_percent
            .is_some_and(|percent| !(0.0..=100.0).contains(&percent))
        {
            let message = "This is no percentage.";
            return Err(Refusal::invalid("autostop_success_percent", message));
        }
        Ok(self)
    }

    /// Whether it says more than may be changed outside of a draft.
    pub(crate) const fn needs_draft(&self) -> bool {
        self.device_filter.is_some()
            || self.root_manifest_id.is_some()
            || self.campaign_strategy.is_some()
            || self.autostop.is_some()
            || self.autostop_success_percent.is_some()
            || self.approval_required.is_some()
            || self.when.is_some()
    }

    /// Writes what a new campaign may have and a changed one may not.
    pub(crate) const fn apply_first(&self, campaign: &mut Campaign) {
        if let Some(strategy) = self.campaign_strategy {
            campaign.strategy = strategy;
        }
    }

    pub(crate) fn apply(self, campaign: &mut Campaign) {
        if let Some(name) = self.name {
            campaign.name = name;
        }
        if let Some(description) = self.description {
            campaign.description = description;
        }
        if let Some(filter) = self.device_filter {
            campaign.device_filter = filter;
        }
        if let Some(manifest) = self.root_manifest_id {
            campaign.root_manifest = Id::read(&manifest);
        }
        if let Some(autostop) = self.autostop {
            campaign.autostop = autostop;
        }
        if let Some(percent) = self.autostop_success_percent {
            campaign.autostop_success_percent = percent;
        }
        if let Some(required) = self.approval_required {
            campaign.approval_required = required;
        }
        campaign.when = self.when.or(campaign.when);
    }
}
