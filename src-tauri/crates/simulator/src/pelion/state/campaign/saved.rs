//! A campaign and its devices as they are saved: what happens next is written as a moment, because
//! the instants of a process end with it.

use std::sync::Arc;

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::{
    Campaign,
    member::{Member, Plan},
};
use crate::pelion::state::{Id, Timeline, manifest::Contents};

/// A campaign without its devices.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedCampaign<C> {
    campaign: C,
    moves_at: Option<Moment>,
    /// The manifest it brings, which may have been deleted since.
    plan: Option<(Id, Contents)>,
}

/// A device of a campaign.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedMember {
    member: Member,
    acts_at: Option<Moment>,
}

impl<'a> SavedCampaign<&'a Campaign> {
    pub(crate) fn new(campaign: &'a Campaign, timeline: &Timeline) -> Self {
        let plan = campaign.members.plan.as_deref();
        Self {
            campaign,
            moves_at: campaign.moves_at.map(|at| timeline.at(at)),
            plan: plan.map(|plan| (plan.manifest, plan.contents.clone())),
        }
    }
}

impl SavedCampaign<Campaign> {
    /// The campaign; its devices are those of `before`, when it was read already.
    pub(crate) fn restore(self, before: Option<Campaign>, timeline: &Timeline) -> Campaign {
        let mut campaign = self.campaign;
        campaign.members = before.map(|before| before.members).unwrap_or_default();
        campaign.moves_at = self.moves_at.map(|at| timeline.instant(at));
        let plan = self.plan.map(|(id, contents)| Plan::new(id, contents));
        campaign.members.plan = plan.map(Arc::new);
        campaign
    }
}

impl SavedMember {
    pub(crate) fn new(member: &Member, timeline: &Timeline) -> Self {
        Self {
            member: *member,
            acts_at: member.acts_at.map(|at| timeline.at(at)),
        }
    }

    /// Puts the device into its campaign.
    pub(crate) fn restore(mut self, id: Id, campaign: &mut Campaign, timeline: &Timeline) {
        self.member.acts_at = self.acts_at.map(|at| timeline.instant(at));
        campaign.members.restore(id, self.member);
    }
}
