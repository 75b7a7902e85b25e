//! The rows of the account as they are saved: which changed, and how they come back.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Table,
    account::Account,
    campaign::{Campaign, SavedCampaign, SavedMember},
    id::Id,
    row::{Kind, Row, Unreadable},
    upload_job::{Chunk, Job},
};

/// An upload job and those of its chunks that are new; a job of ten thousand is not written ten
/// thousand times.
#[derive(Debug, Serialize, Deserialize)]
struct SavedJob<J, C> {
    job: J,
    chunks_before: usize,
    chunks: C,
}

/// The rows of a table that changed.
fn changed<K: Ord + Clone + ToString, V: Serialize>(
    kind: Kind,
    table: &Table<K, V>,
    rows: &mut Vec<Row>,
) -> serde_json::Result<()> {
    for (key, row) in table.unsaved() {
        rows.push(Row::new(kind, key, row)?);
    }
    Ok(())
}

impl Account {
    /// Watches for changes from now on.
    pub(super) fn watch(&mut self) {
        self.directory.devices.watch();
        self.directory.groups.watch();
        self.directory.queries.watch();
        self.directory.events.watch();
        self.jobs.watch();
        self.images.watch();
        self.manifests.watch();
        self.campaigns.watch();
    }

    /// Every row that changed since the last save.
    pub(super) fn changed_rows(&mut self) -> serde_json::Result<Vec<Row>> {
        let mut rows = Vec::new();
        changed(Kind::Device, &self.directory.devices, &mut rows)?;
        changed(Kind::Group, &self.directory.groups, &mut rows)?;
        changed(Kind::Query, &self.directory.queries, &mut rows)?;
        changed(Kind::Event, &self.directory.events, &mut rows)?;
        changed(Kind::Image, &self.images, &mut rows)?;
        changed(Kind::Manifest, &self.manifests, &mut rows)?;
        for (id, job) in self.jobs.unsaved() {
            let saved = job.map(|job| SavedJob {
                job,
                chunks_before: job.saved_chunks,
                chunks: job.chunks.get(job.saved_chunks..).unwrap_or_default(),
            });
            rows.push(Row::new(Kind::UploadJob, id, saved)?);
        }
        let changed: Vec<Id> = self.campaigns.unsaved().map(|(id, _)| *id).collect();
        for id in changed {
            self.changed_campaign(id, &mut rows)?;
        }
        Ok(rows)
    }

    fn changed_campaign(&mut self, id: Id, rows: &mut Vec<Row>) -> serde_json::Result<()> {
        let timeline = self.timeline;
        if let Some(campaign) = self.campaigns.get_mut(&id)
            && !campaign.members.all.is_watched()
        {
            campaign.members.all.watch_all();
        }
        let campaign = self.campaigns.get(&id);
        let saved = campaign.map(|campaign| SavedCampaign::new(campaign, &timeline));
        rows.push(Row::new(Kind::Campaign, &id, saved)?);
        for (member, row) in campaign.iter().flat_map(|one| one.members.all.unsaved()) {
            let row = row.map(|row| SavedMember::new(row, &timeline));
            rows.push(Row::new(Kind::Member, &format!("{id}/{member}"), row)?);
        }
        Ok(())
    }

    /// The changed rows are saved.
    pub(super) fn rows_saved(&mut self) {
        let jobs: Vec<_> = self.jobs.unsaved().map(|(id, _)| id.clone()).collect();
        for id in jobs {
            if let Some(job) = self.jobs.get_mut(&id) {
                job.saved_chunks = job.chunks.len();
            }
        }
        let campaigns: Vec<_> = self.campaigns.unsaved().map(|(id, _)| *id).collect();
        for id in campaigns {
            if let Some(campaign) = self.campaigns.get_mut(&id) {
                campaign.members.all.saved();
            }
        }
        self.directory.devices.saved();
        self.directory.groups.saved();
        self.directory.queries.saved();
        self.directory.events.saved();
        self.jobs.saved();
        self.images.saved();
        self.manifests.saved();
        self.campaigns.saved();
    }

    /// Makes everything unsaved that differs from what the account begins with.
    pub(super) fn save_all_anew(&mut self, began: impl Fn(&Id) -> bool + Copy) {
        self.directory.devices.save_anew(began);
        self.directory.groups.save_anew(began);
        self.directory.queries.save_anew(began);
        self.directory.events.save_anew(|_| false);
        self.images.save_anew(|_| false);
        self.manifests.save_anew(|_| false);
        self.jobs.save_anew(|_| false);
        self.campaigns.save_anew(|_| false);
        let jobs: Vec<_> = self.jobs.keys().cloned().collect();
        for id in jobs {
            if let Some(job) = self.jobs.get_mut(&id) {
                job.saved_chunks = 0;
            }
        }
        let campaigns: Vec<_> = self.campaigns.keys().copied().collect();
        for id in campaigns {
            if let Some(campaign) = self.campaigns.get_mut(&id) {
                campaign.members.all.watch_all();
            }
        }
    }

    /// Puts a saved row in place.
    pub(super) fn restore_row(&mut self, row: Row) -> Result<(), Unreadable> {
        let Row {
            kind,
            key,
            value: row,
        } = row;
        match kind {
            Kind::Device => restore(&mut self.directory.devices, id_of(&key)?, row),
            Kind::Group => restore(&mut self.directory.groups, id_of(&key)?, row),
            Kind::Query => restore(&mut self.directory.queries, id_of(&key)?, row),
            Kind::Event => restore(&mut self.directory.events, id_of(&key)?, row),
            Kind::Manifest => restore(&mut self.manifests, id_of(&key)?, row),
            Kind::Image => restore(&mut self.images, key, row),
            Kind::UploadJob => self.restore_job(key, row),
            Kind::Campaign => self.restore_campaign(id_of(&key)?, row),
            Kind::Member => self.restore_member(&key, row),
        }
    }

    fn restore_job(&mut self, id: String, row: Option<Value>) -> Result<(), Unreadable> {
        let before = self.jobs.remove(&id);
        if let Some(row) = row {
            let saved: SavedJob<Job, Vec<Chunk>> = Row::read(row)?;
            let mut job = saved.job;
            let mut chunks = before.map(|before| before.chunks).unwrap_or_default();
            if saved.chunks_before > chunks.len() {
                return Err(Unreadable);
            }
            chunks.truncate(saved.chunks_before);
            chunks.extend(saved.chunks);
            job.chunks = chunks;
            self.recorder.opened(&id);
            self.jobs.insert(id, job);
        }
        Ok(())
    }

    fn restore_campaign(&mut self, id: Id, row: Option<Value>) -> Result<(), Unreadable> {
        let before = self.campaigns.remove(&id);
        if let Some(row) = row {
            let saved: SavedCampaign<Campaign> = Row::read(row)?;
            let campaign = saved.restore(before, &self.timeline);
            self.campaigns.insert(id, campaign);
        }
        Ok(())
    }

    fn restore_member(&mut self, key: &str, row: Option<Value>) -> Result<(), Unreadable> {
        let (campaign, member) = key.split_once('/').ok_or(Unreadable)?;
        let campaign = self.campaigns.get_mut(&id_of(campaign)?);
        let saved: SavedMember = Row::read(row.ok_or(Unreadable)?)?;
        let campaign = campaign.ok_or(Unreadable)?;
        saved.restore(id_of(member)?, campaign, &self.timeline);
        Ok(())
    }

    /// Finds again what is derived from the rows.
    pub(super) fn index(&mut self) {
        self.directory.index_events();
        let campaigns: Vec<_> = self.campaigns.keys().copied().collect();
        for id in campaigns {
            if let Some(campaign) = self.campaigns.get_mut(&id) {
                campaign.members.index();
            }
        }
    }
}

fn restore<K: Ord + Clone, V: DeserializeOwned>(
    table: &mut Table<K, V>,
    key: K,
    row: Option<Value>,
) -> Result<(), Unreadable> {
    match row {
        Some(row) => table.insert(key, Row::read(row)?),
        None => drop(table.remove(&key)),
    }
    Ok(())
}

fn id_of(text: &str) -> Result<Id, Unreadable> {
    Id::read(text).ok_or(Unreadable)
}
