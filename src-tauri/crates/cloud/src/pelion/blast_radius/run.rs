//! The walk: the first page of devices, then running campaigns if there is a device, then the rest.

use std::time::Duration;

use firmdrop_core::grouped;
use firmdrop_net::retry::{Decision, Idempotency, Patience, RetryPolicy};

use super::{
    BlastManifest, BlastProgress, BlastRadius, BlastRequest, ManifestFacts,
    complete::completed,
    cursor::Cursor,
    judge::judge,
    notes::{judge_numbers, note},
    overlap::Running,
};
use crate::pelion::{
    Campaign, CampaignDevice, Collection, Device, Filter, FilterText, ListQuery, Operator, Page,
    Pelion, PelionError,
};

/// Ids in one question. Each takes 35 characters of an address that must stay below 4,096.
const IDS_AT_ONCE: usize = 100;

/// Longest patience with a failing service: a person looks at the screen.
const PATIENCE: Duration = Duration::from_secs(30);

/// Finds out whom this campaign would touch. Only reads. Makes no request that its data does not
/// need: none at all without a filter, none for the manifest when its facts are given, none for
/// campaigns when no device matches, none for campaigns' devices when no campaign runs. A page that
/// cannot be had is asked for again for up to 30 s. Dropping the future stops it.
pub async fn blast_radius(
    pelion: &Pelion,
    request: &BlastRequest,
    progress: &(dyn Fn(BlastProgress) + Send + Sync),
) -> Result<BlastRadius, PelionError> {
    let filter = FilterText::parse(&request.filter, Collection::Devices)?;
    let mut radius = BlastRadius {
        filter: filter.to_string(),
        strategy: request.strategy,
        ..BlastRadius::default()
    };
    if request.manifest == BlastManifest::Missing {
        let text = "The campaign has no firmware manifest; it would fail to start.";
        radius.blockers.push(note("manifest_missing", text));
    }
    if filter.is_empty() {
        let text = "The campaign has no device filter; it would fail to start.";
        radius.blockers.push(note("filter_missing", text));
        return Ok(radius);
    }
    let doubts = filter.warnings.iter();
    radius
        .warnings
        .extend(doubts.map(|doubt| note("filter_doubtful", doubt.text.clone())));
    let mut asking = Asking {
        pelion,
        requests: 0,
    };
    let facts = asking.facts(&request.manifest).await?;
    let mut walk = Walk {
        radius,
        running: None,
        but_not: request.campaign_id.as_deref(),
        new_name: request.new_name.as_deref(),
        facts,
        completes_facts: matches!(request.manifest, BlastManifest::ToBeMade(_)),
        progress,
    };
    for part in parts(&filter) {
        walk.part(&mut asking, &part).await?;
    }
    Ok(walk.finish(asking.requests))
}

struct Walk<'a> {
    radius: BlastRadius,
    running: Option<Running>,
    but_not: Option<&'a str>,
    new_name: Option<&'a str>,
    facts: ManifestFacts,
    completes_facts: bool,
    progress: &'a (dyn Fn(BlastProgress) + Send + Sync),
}

impl Walk<'_> {
    async fn part(
        &mut self,
        asking: &mut Asking<'_>,
        filter: &FilterText,
    ) -> Result<(), PelionError> {
        let list = ListQuery::default().matching(filter).counted();
        let mut cursor = Cursor::default();
        let mut told = None;
        let before = self.radius.matching.count;
        while let Some(query) = cursor.next(&list) {
            let page = asking.devices(&query).await?;
            told = told.or(page.total_count);
            let devices = cursor.take(page);
            if self.completes_facts && !devices.is_empty() {
                self.facts = completed(&self.facts, &devices);
                self.completes_facts = false;
            }
            let running = match &mut self.running {
                Some(running) => running,
                None if devices.is_empty() => break,
                none => none.insert(Running::read(asking, self.but_not, self.new_name).await?),
            };
            for device in &devices {
                let sample = judge(&mut self.radius, device, &self.facts);
                running.count(&mut self.radius, device, &sample);
            }
            (self.progress)(BlastProgress {
                devices: self.radius.matching.count,
                of: told,
            });
        }
        let counted = self.radius.matching.count - before;
        if cursor.is_full() {
            let text = format!(
                "More than {} devices match; only these were looked at.",
                grouped(counted)
            );
            self.radius.warnings.push(note("too_many", text));
        } else if let Some(told) = told.filter(|told| *told != counted) {
            let text = format!(
                "The service speaks of {} devices, but lists {}.",
                grouped(told),
                grouped(counted)
            );
            self.radius.warnings.push(note("count_differs", text));
        }
        Ok(())
    }

    fn finish(self, requests: u32) -> BlastRadius {
        let mut radius = self.radius;
        let running = self.running.unwrap_or_default();
        if running.name_is_taken {
            let name = self.new_name.unwrap_or_default();
            let text = format!("A campaign named “{name}” exists; an archived one counts as well.");
            radius.blockers.push(note("name_taken", text));
        }
        let (campaigns, not_known) = running.finish();
        radius.campaigns = campaigns;
        radius.expected_devices = radius.matching.count;
        radius.requests = requests;
        radius.facts = self.facts;
        judge_numbers(&mut radius);
        radius.warnings.extend(not_known.into_iter().map(|name| {
            let text =
                format!("Which devices are in the running campaign “{name}” cannot be told yet.");
            note("campaign_not_known", text)
        }));
        radius
    }
}

/// The filter, cut into several where it names more ids than one address can hold.
pub(in crate::pelion) fn parts(filter: &FilterText) -> Vec<FilterText> {
    let is_ids = |one: &Filter| one.field == "id" && one.operator == Operator::In;
    let Some(at) = filter.conditions.iter().position(is_ids) else {
        return vec![filter.clone()];
    };
    let mut others = filter.conditions.clone();
    let mut ids: Vec<&str> = filter
        .conditions
        .get(at)
        .map_or("", |ids| &ids.value)
        .split(',')
        .collect();
    others.remove(at);
    ids.sort_unstable();
    ids.dedup();
    let parts = ids.chunks(IDS_AT_ONCE).map(|ids| {
        let mut conditions = others.clone();
        conditions.insert(0, Filter::devices(ids));
        FilterText::from(conditions)
    });
    parts.collect()
}

/// Asks, counts the questions, and has some patience.
pub(super) struct Asking<'a> {
    pelion: &'a Pelion,
    requests: u32,
}

impl Asking<'_> {
    async fn facts(&mut self, manifest: &BlastManifest) -> Result<ManifestFacts, PelionError> {
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

    async fn devices(&mut self, query: &ListQuery) -> Result<Page<Device>, PelionError> {
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
            give_up_after: policy.give_up_after.min(PATIENCE),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_of_ids_is_asked_for_in_parts_each_once() {
        let ids: Vec<String> = (0..250).chain(0..3).map(|n| format!("{n:032x}")).collect();
        let filter = FilterText::from(vec![
            Filter::new("state", Operator::Equal, "registered"),
            Filter::devices(&ids),
        ]);
        let parts = parts(&filter);
        let counts: Vec<_> = parts
            .iter()
            .map(|part| part.conditions[0].value.split(',').count())
            .collect();
        assert_eq!(counts, [100, 100, 50]);
        assert!(parts.iter().all(|part| part.conditions[1].field == "state"));
    }
}
