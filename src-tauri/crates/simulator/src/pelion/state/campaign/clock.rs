//! The campaigns of the account in time: what is due happens in its order, devices come and go.

use tokio::time::Instant;

use super::{Campaign, Phase, Strategy, member::Removal};
use crate::pelion::state::{
    Account, Id, Refusal,
    device::{self, Device},
    filter::Filter,
};

impl Account {
    /// Lets everything happen that is due.
    pub(crate) fn settle(&mut self) {
        let now = Instant::now();
        loop {
            let dues = self.campaigns.iter();
            let mut dues: Vec<_> = dues.filter_map(|(id, c)| Some((c.due()?, *id))).collect();
            dues.sort_unstable();
            let Some((_, id)) = dues.first().copied().filter(|(due, _)| *due <= now) else {
                return;
            };
            // As far as no other campaign comes before it.
            let until = dues.get(1).map_or(now, |(due, _)| (*due).min(now));
            self.with_campaign(id, |account, campaign| {
                while let Some(due) = campaign.due().filter(|due| *due <= until) {
                    campaign.step(account, id, due);
                }
            });
        }
    }

    /// Lends a campaign out together with everything else.
    pub(crate) fn with_campaign<T>(
        &mut self,
        id: Id,
        act: impl FnOnce(&mut Self, &mut Campaign) -> T,
    ) -> Option<T> {
        let mut campaign = self.campaigns.remove(&id)?;
        let result = act(self, &mut campaign);
        self.campaigns.insert(id, campaign);
        Some(result)
    }

    /// A device came or changed: continuous campaigns that it matches take it in.
    pub(crate) fn join_campaigns(&mut self, device: Id) {
        let open = self.campaigns.iter().filter(|(_, campaign)| {
            campaign.phase == Phase::Active && campaign.strategy == Strategy::Continuous
        });
        let open: Vec<_> = open.map(|(id, _)| *id).collect();
        for id in open {
            self.with_campaign(id, |account, campaign| {
                let matches = account.matching(&campaign.device_filter, Some(device));
                if !campaign.members.has(device) && matches.is_ok_and(|found| !found.is_empty()) {
                    campaign.take_in(account, id, device, Instant::now());
                }
            });
        }
    }

    /// A device is gone: its campaign loses it.
    pub(crate) fn leave_campaign(&mut self, id: Id, device: &Device) {
        let now = self.now();
        let campaign = device.campaign.and_then(|id| self.campaigns.get_mut(&id));
        if let Some(campaign) = campaign {
            campaign.members.leave(id, Removal::Deregistered, now);
        }
    }

    /// The devices a filter names, or whether it names the one. The filter may be the id of a
    /// saved query.
    pub(super) fn matching(&self, filter: &str, only: Option<Id>) -> Result<Vec<Id>, Refusal> {
        let text = match Id::read(filter) {
            Some(id) => {
                let query = self.directory.queries.get(&id);
                let query = query.ok_or_else(|| Refusal::not_found("The saved query"))?;
                &*query.query
            }
            None => filter,
        };
        let filter = Filter::read(&device::FIELDS, text)?;
        let devices = &self.directory.devices;
        Ok(match only {
            Some(id) => devices.get_key_value(&id).into_iter().collect(),
            None => devices.iter().collect::<Vec<_>>(),
        }
        .into_iter()
        .filter(|(id, device)| filter.passes(**id, *device))
        .map(|(id, _)| *id)
        .collect())
    }
}
