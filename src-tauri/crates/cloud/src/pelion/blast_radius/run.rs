//! The walk: the first page of devices, then running campaigns if there is a device, then the rest.

use firmdrop_core::grouped;

use super::{
    BlastManifest, BlastProgress, BlastRadius, BlastRequest, ManifestFacts,
    complete::completed,
    judge::judge,
    notes::{judge_numbers, note},
    overlap::Running,
    reader::Reader,
};
use crate::pelion::{
    Collection, FilterText, ListQuery, Pelion, PelionError, cursor::Cursor, filter::parts,
};

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
    let mut reader = Reader::new(pelion);
    let facts = reader.facts(&request.manifest).await?;
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
        walk.part(&mut reader, &part).await?;
    }
    Ok(walk.finish(reader.requests()))
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
        reader: &mut Reader<'_>,
        filter: &FilterText,
    ) -> Result<(), PelionError> {
        let list = ListQuery::default().matching(filter).counted();
        let mut cursor = Cursor::default();
        let mut stated = None;
        let before = self.radius.matching.count;
        while let Some(query) = cursor.next(&list) {
            let page = reader.devices(&query).await?;
            stated = stated.or(page.total_count);
            let devices = match stated {
                Some(_) => cursor.take(page),
                None => cursor.take_uncounted(page),
            };
            if self.completes_facts && !devices.is_empty() {
                self.facts = completed(&self.facts, &devices);
                self.completes_facts = false;
            }
            let running = match &mut self.running {
                Some(running) => running,
                None if devices.is_empty() => break,
                none => none.insert(Running::read(reader, self.but_not, self.new_name).await?),
            };
            for device in &devices {
                let sample = judge(&mut self.radius, device, &self.facts);
                running.count(&mut self.radius, device, &sample);
            }
            (self.progress)(BlastProgress {
                devices: self.radius.matching.count,
                of: stated,
            });
        }
        let counted = self.radius.matching.count - before;
        if cursor.is_full() {
            let text = format!(
                "More than {} devices match; only these were looked at.",
                grouped(counted)
            );
            self.radius.warnings.push(note("too_many", text));
        } else if let Some(stated) = stated.filter(|stated| *stated != counted) {
            let text = format!(
                "The service speaks of {} devices, but lists {}.",
                grouped(stated),
                grouped(counted)
            );
            self.radius.warnings.push(note("count_differs", text));
        } else if stated.is_none() && !cursor.is_complete() && counted > 0 {
            let text = format!(
                "The service lists {} devices and speaks of more, but does not list them: how many the campaign would touch is not known.",
                grouped(counted)
            );
            self.radius.blockers.push(note("count_unknown", text));
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
                format!("Which devices are in the running campaign “{name}” is not known yet.");
            note("campaign_not_known", text)
        }));
        radius
    }
}
