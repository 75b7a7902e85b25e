//! Which devices are in campaigns that run now.

use std::collections::HashMap;

use super::{BlastRadius, CampaignOverlap, DeviceSample, local_match::matches, reader::Reader};
use crate::pelion::{
    Campaign, Collection, Device, FilterText, ListQuery, PelionError,
    campaign::{CampaignPhase, DeploymentProgress, deployment_meaning},
    cursor::{Cursor, Key},
};

/// Most devices of running campaigns that are noted: they take about 80 MiB.
const MOST_LISTED: usize = 1_000_000;

/// What is known about the devices of one running campaign.
enum Members {
    /// The service lists them.
    Listed,
    /// It does not yet; its filter is read instead.
    Estimated(FilterText),
    /// Neither is readable.
    NotKnown,
}

/// The campaigns that run now, and their devices.
#[derive(Default)]
pub(super) struct Running {
    campaigns: Vec<(CampaignOverlap, Members)>,
    /// Another campaign has the name of the new one.
    pub(super) name_is_taken: bool,
    listed: HashMap<Key, Vec<u16>>,
}

impl Running {
    /// Reads them: the list of campaigns, then the devices of those that run, if any do.
    pub(super) async fn read(
        reader: &mut Reader<'_>,
        but_not: Option<&str>,
        new_name: Option<&str>,
    ) -> Result<Self, PelionError> {
        let mut running = Self::default();
        let mut cursor = Cursor::default();
        let list = ListQuery::default().newest_first();
        let mut found = Vec::new();
        while let Some(query) = cursor.next(&list) {
            let page = reader.campaigns(&query).await?;
            let fresh = cursor.take(page);
            running.name_is_taken |= fresh
                .iter()
                .any(|campaign| new_name == Some(&campaign.name));
            found.extend(fresh.into_iter().filter(|campaign| {
                CampaignPhase::of(campaign).holds_devices() && but_not != Some(&campaign.id)
            }));
        }
        for campaign in found {
            running.add(reader, campaign).await?;
        }
        Ok(running)
    }

    async fn add(
        &mut self,
        reader: &mut Reader<'_>,
        campaign: Campaign,
    ) -> Result<(), PelionError> {
        let Ok(number) = u16::try_from(self.campaigns.len()) else {
            return Ok(());
        };
        let mut has_list = false;
        let mut cursor = Cursor::default();
        let list = ListQuery::default();
        while let Some(query) = cursor.next(&list) {
            let page = match reader.campaign_devices(&campaign.id, &query).await {
                Ok(page) => page,
                // A campaign that has just begun has no list yet.
                Err(error) if error.status() == Some(404) => break,
                Err(error) => return Err(error),
            };
            has_list |= !page.data.is_empty();
            for device in cursor.take(page) {
                let progress = deployment_meaning(&device.deployment_state).progress;
                if progress == DeploymentProgress::Gone || self.listed.len() >= MOST_LISTED {
                    continue;
                }
                let campaigns = self.listed.entry(Key::of(&device.device_id)).or_default();
                if campaigns.last() != Some(&number) {
                    campaigns.push(number);
                }
            }
        }
        let members = if has_list {
            Members::Listed
        } else {
            FilterText::parse(&campaign.device_filter, Collection::Devices)
                .ok()
                .filter(|filter| !filter.is_empty())
                .map_or(Members::NotKnown, Members::Estimated)
        };
        let overlap = CampaignOverlap {
            is_estimate: !matches!(members, Members::Listed)
                || !CampaignPhase::of(&campaign).is_known(),
            campaign_id: campaign.id,
            name: campaign.name,
            phase: campaign.phase,
            ..CampaignOverlap::default()
        };
        self.campaigns.push((overlap, members));
        Ok(())
    }

    /// Counts the device under the campaigns that it is in.
    pub(super) fn count(
        &mut self,
        radius: &mut BlastRadius,
        device: &Device,
        sample: &DeviceSample,
    ) {
        let listed = self.listed.get(&Key::of(&device.id));
        let mut is_in_any = false;
        for (number, (overlap, members)) in self.campaigns.iter_mut().enumerate() {
            let is_in = match members {
                Members::Listed => {
                    listed.is_some_and(|all| all.iter().any(|one| usize::from(*one) == number))
                }
                Members::Estimated(filter) => matches(filter, device) == Some(true),
                Members::NotKnown => false,
            };
            if is_in {
                overlap.devices.add(sample);
                is_in_any = true;
            }
        }
        if is_in_any {
            radius.in_other_campaigns.add(sample);
        }
    }

    /// The campaigns that share devices, and the names of those whose devices are not known.
    pub(super) fn finish(self) -> (Vec<CampaignOverlap>, Vec<String>) {
        let mut shared = Vec::new();
        let mut not_known = Vec::new();
        for (overlap, members) in self.campaigns {
            if matches!(members, Members::NotKnown) {
                not_known.push(overlap.name);
            } else if overlap.devices.count > 0 {
                shared.push(overlap);
            }
        }
        (shared, not_known)
    }
}
