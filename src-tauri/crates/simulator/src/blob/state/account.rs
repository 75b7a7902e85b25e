//! The account, and what changes its containers and blobs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::PathBuf,
};

use firmdrop_core::Moment;

use super::{
    Blob, Code, Committed, Container, Listed, Part, Properties, Refusal, Storage, block,
    contents::Contents, names, saved,
};
use crate::timeline::Timeline;

/// Under which conditions a request is carried out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
}

/// A blob that is to be written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Write {
    pub(crate) properties: Properties,
    pub(crate) conditions: Conditions,
}

/// The storage account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(super) contents: Contents,
    pub(super) storage: Storage,
    timeline: Timeline,
}

impl Conditions {
    /// Whether a blob with this tag, or none, may be written.
    fn check_write(&self, there: Option<&str>) -> Result<(), Refusal> {
        let names = |wanted: &str| there.is_some_and(|etag| wanted == "*" || wanted == etag);
        if self.if_none_match.as_deref().is_some_and(names) {
            return Err(match self.if_none_match.as_deref() {
                Some("*") => Code::BlobAlreadyExists.into(),
                _ => Code::ConditionNotMet.into(),
            });
        }
        if self
            .if_match
            .as_deref()
            .is_some_and(|wanted| !names(wanted))
        {
            return Err(Code::ConditionNotMet.into());
        }
        Ok(())
    }
}

impl Account {
    /// The account as the folder of its storage holds it.
    pub(crate) fn open(storage: Storage, timeline: Timeline) -> io::Result<Self> {
        storage.prepare()?;
        let contents = saved::read(&storage)?;
        let account = Self {
            contents,
            storage,
            timeline,
        };
        let named: BTreeSet<PathBuf> = account.files().collect();
        account.storage.tidy(|path| named.contains(path))?;
        Ok(account)
    }

    pub(crate) fn now(&self) -> Moment {
        self.timeline.now()
    }

    /// A number that was not given before.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.contents.last_number += 1;
        self.contents.last_number
    }

    fn next_etag(&mut self) -> String {
        format!("\"0x8DE{:012X}\"", self.next_number())
    }

    pub(crate) fn containers(&self) -> &BTreeMap<String, Container> {
        &self.contents.containers
    }

    pub(crate) fn container(&self, name: &str) -> Result<&Container, Refusal> {
        let container = self.contents.containers.get(name);
        container.ok_or_else(|| Code::ContainerNotFound.into())
    }

    fn container_mut(&mut self, name: &str) -> Result<&mut Container, Refusal> {
        let container = self.contents.containers.get_mut(name);
        container.ok_or_else(|| Code::ContainerNotFound.into())
    }

    pub(crate) fn create_container(&mut self, name: &str) -> Result<(), Refusal> {
        names::check_container(name)?;
        if self.contents.containers.contains_key(name) {
            return Err(Code::ContainerAlreadyExists.into());
        }
        let container = Container {
            etag: self.next_etag(),
            modified: self.now(),
            blobs: BTreeMap::new(),
        };
        self.contents.containers.insert(name.to_owned(), container);
        self.save(&[])
    }

    pub(crate) fn delete_container(&mut self, name: &str) -> Result<(), Refusal> {
        self.container(name)?;
        let gone = self.contents.containers.remove(name);
        let blobs = gone.into_iter().flat_map(|one| one.blobs.into_values());
        let parts: Vec<Part> = blobs.flat_map(Blob::into_parts).collect();
        self.save(&parts)
    }

    /// A blob that can be read.
    pub(crate) fn committed(&self, container: &str, name: &str) -> Result<&Committed, Refusal> {
        let blob = self.container(container)?.blobs.get(name);
        let committed = blob.and_then(|blob| blob.committed.as_ref());
        committed.ok_or_else(|| Code::BlobNotFound.into())
    }

    /// A blob, or the blocks of one that is none yet.
    pub(crate) fn blob(&self, container: &str, name: &str) -> Result<&Blob, Refusal> {
        let blob = self.container(container)?.blobs.get(name);
        blob.ok_or_else(|| Code::BlobNotFound.into())
    }

    /// Whether a block may come, before its bytes are read.
    pub(crate) fn check_block(&self, container: &str, name: &str, id: &str) -> Result<(), Refusal> {
        names::check_blob(name)?;
        block::check_id(id)?;
        let blob = self.container(container)?.blobs.get(name);
        blob.map_or(Ok(()), |blob| blob.check_block(id))
    }

    /// Stores a block that arrived whole. It replaces an uncommitted one of its id.
    pub(crate) fn put_block(
        &mut self,
        container: &str,
        name: &str,
        id: &str,
        part: Part,
    ) -> Result<(), Refusal> {
        self.check_block(container, name, id)?;
        let blobs = &mut self.container_mut(container)?.blobs;
        let blob = blobs.entry(name.to_owned()).or_default();
        let replaced = blob.uncommitted.insert(id.to_owned(), part);
        self.save(replaced.as_slice())
    }

    /// Makes the listed blocks the blob; what is not listed goes.
    pub(crate) fn put_block_list(
        &mut self,
        container: &str,
        name: &str,
        list: &[Listed],
        write: Write,
    ) -> Result<Committed, Refusal> {
        self.container(container)?;
        let none = Blob::default();
        let blob = self.blob(container, name).unwrap_or(&none);
        write.conditions.check_write(blob.etag())?;
        let blocks = blob.listed(list)?;
        self.replace(container, name, blocks, write.properties)
    }

    /// Whether a whole blob may come, before its bytes are read.
    pub(crate) fn check_put(
        &self,
        container: &str,
        name: &str,
        conditions: &Conditions,
    ) -> Result<(), Refusal> {
        names::check_blob(name)?;
        let blob = self.container(container)?.blobs.get(name);
        conditions.check_write(blob.and_then(Blob::etag))
    }

    /// Stores a blob that came in one request.
    pub(crate) fn put_blob(
        &mut self,
        container: &str,
        name: &str,
        part: Part,
        write: Write,
    ) -> Result<Committed, Refusal> {
        self.check_put(container, name, &write.conditions)?;
        self.replace(
            container,
            name,
            vec![(String::new(), part)],
            write.properties,
        )
    }

    fn replace(
        &mut self,
        container: &str,
        name: &str,
        blocks: Vec<(String, Part)>,
        properties: Properties,
    ) -> Result<Committed, Refusal> {
        let (etag, now) = (self.next_etag(), self.now());
        let blobs = &mut self.container_mut(container)?.blobs;
        let blob = blobs.entry(name.to_owned()).or_default();
        let created = blob.committed.as_ref().map_or(now, |before| before.created);
        let committed = Committed {
            size_bytes: blocks.iter().map(|(_, part)| part.size_bytes).sum(),
            blocks,
            etag,
            created,
            modified: now,
            properties,
        };
        let before = std::mem::take(blob);
        blob.committed = Some(committed.clone());
        let parts: Vec<Part> = before.into_parts().collect();
        self.save(&parts)?;
        Ok(committed)
    }

    pub(crate) fn set_metadata(
        &mut self,
        container: &str,
        name: &str,
        metadata: BTreeMap<String, String>,
    ) -> Result<Committed, Refusal> {
        self.committed(container, name)?;
        let (etag, now) = (self.next_etag(), self.now());
        let blob = self.container_mut(container)?.blobs.get_mut(name);
        let committed = blob.and_then(|blob| blob.committed.as_mut());
        let committed = committed.ok_or_else(|| Refusal::from(Code::BlobNotFound))?;
        (committed.etag, committed.modified) = (etag, now);
        committed.properties.metadata = metadata;
        let committed = committed.clone();
        self.save(&[])?;
        Ok(committed)
    }

    /// Deletes a blob with its uncommitted blocks. One that has only those is not found: they end
    /// by themselves after a week.
    pub(crate) fn delete_blob(
        &mut self,
        container: &str,
        name: &str,
        conditions: &Conditions,
    ) -> Result<(), Refusal> {
        let etag = self.committed(container, name)?.etag.clone();
        conditions.check_write(Some(&etag))?;
        let gone = self.container_mut(container)?.blobs.remove(name);
        let parts: Vec<Part> = gone.into_iter().flat_map(Blob::into_parts).collect();
        self.save(&parts)
    }

    /// Saves, and removes the files of parts that nothing names any more.
    fn save(&mut self, gone: &[Part]) -> Result<(), Refusal> {
        saved::write(&self.storage, &self.contents).map_err(|error| Refusal::disk(&error))?;
        if gone.iter().all(|part| self.storage.path(part).is_none()) {
            return Ok(());
        }
        let named: BTreeSet<PathBuf> = self.files().collect();
        let paths = gone.iter().filter_map(|part| self.storage.path(part));
        for path in paths.filter(|path| !named.contains(path)) {
            // What stays is removed when the folder is opened again.
            let _ = fs::remove_file(path);
        }
        Ok(())
    }

    fn files(&self) -> impl Iterator<Item = PathBuf> {
        let containers = self.contents.containers.values();
        let blobs = containers.flat_map(|one| one.blobs.values());
        blobs
            .flat_map(Blob::parts)
            .filter_map(|part| self.storage.path(part))
    }
}

impl Blob {
    fn etag(&self) -> Option<&str> {
        self.committed.as_ref().map(|blob| &*blob.etag)
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        let committed = self.committed.iter().flat_map(|blob| &blob.blocks);
        let committed = committed.map(|(_, part)| part);
        committed.chain(self.uncommitted.values())
    }

    fn into_parts(self) -> impl Iterator<Item = Part> {
        let committed = self.committed.into_iter().flat_map(|blob| blob.blocks);
        let committed = committed.map(|(_, part)| part);
        committed.chain(self.uncommitted.into_values())
    }
}
