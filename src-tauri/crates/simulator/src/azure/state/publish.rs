//! The end of an import: the rules that concern what is there already, and the new updates.

use super::{
    FetchedItem, Inner, Problem, Status, Store, Update, UpdateFile, UpdateId, batch,
    manifest::ManifestFile,
};

/// Quotas of the standard tier: limits page.
const MOST_PROVIDERS: usize = 25;
const MOST_NAMES: usize = 25;
const MOST_VERSIONS: usize = 100;
const MOST_UPDATES: usize = 100;

impl Store {
    /// Whether this identity may be imported by this operation.
    pub(crate) fn check_identity(&self, operation: &str, id: &UpdateId) -> Result<(), Problem> {
        if self.updates.contains_key(id) {
            let message = format!("Update {id} already exists.");
            return Err(Problem::new("UpdateAlreadyExists", message).target("updateId"));
        }
        let mut others = self.operations.values();
        let is_importing = others.any(|other| {
            other.id != operation
                && other.status == Status::Running
                && other.update.as_ref() == Some(id)
        });
        if is_importing {
            let message = format!("Update {id} is being imported at this moment.");
            return Err(Problem::new("DuplicateContentImport", message).target("updateId"));
        }
        Ok(())
    }

    /// Makes updates of what was downloaded; all of them, or none.
    pub(crate) fn publish(
        &mut self,
        operation: &str,
        items: &[FetchedItem],
        loses: bool,
    ) -> Result<(), Problem> {
        let manifests: Vec<_> = items.iter().map(|item| item.manifest.clone()).collect();
        batch::check_family(&manifests, |id| self.updates.contains_key(id))?;
        for item in items {
            self.check_identity(operation, &item.manifest.id)?;
            self.check_quota(&item.manifest.id)?;
            self.check_compatibility(item)?;
        }
        for item in items {
            let update = self.made_of(item, loses);
            self.updates.insert(update.id.clone(), update);
        }
        Ok(())
    }

    fn check_quota(&self, id: &UpdateId) -> Result<(), Problem> {
        let mut providers: Vec<&str> = self.updates.keys().map(|one| &*one.provider).collect();
        providers.dedup();
        let of_provider = || {
            self.updates
                .keys()
                .filter(|one| one.provider == id.provider)
        };
        let mut names: Vec<&str> = of_provider().map(|one| &*one.name).collect();
        names.dedup();
        let versions = of_provider().filter(|one| one.name == id.name).count();
        let inner = if !providers.contains(&&*id.provider) && providers.len() >= MOST_PROVIDERS {
            "UpdateProvider"
        } else if !names.contains(&&*id.name) && names.len() >= MOST_NAMES {
            "UpdateName"
        } else if versions >= MOST_VERSIONS || self.updates.len() >= MOST_UPDATES {
            "UpdateVersion"
        } else {
            return Ok(());
        };
        let message = "A limit of the instance on updates is reached.";
        let inner = Inner::new(inner, "There are as many of these as there may be.");
        Err(Problem::new("UpdateLimitExceeded", message).because(inner))
    }

    /// A set of properties belongs to the provider and name that first had it.
    fn check_compatibility(&self, item: &FetchedItem) -> Result<(), Problem> {
        let (id, sets) = (&item.manifest.id, &item.manifest.compatibility);
        if !item.manifest.is_deployable {
            return Ok(());
        }
        let deployable = self.updates.values().filter(|one| one.is_deployable);
        for other in deployable.filter(|one| one.compatibility.iter().any(|set| sets.contains(set)))
        {
            let code = if other.id.provider != id.provider {
                "UpdateProviderCompatibility"
            } else if other.id.name != id.name {
                "UpdateNameCompatibility"
            } else {
                continue;
            };
            let message = format!("Update {} has the same compatibility properties.", other.id);
            return Err(Problem::new(code, message).target("compatibility"));
        }
        Ok(())
    }

    fn made_of(&mut self, item: &FetchedItem, is_lost: bool) -> Update {
        let manifest = &item.manifest;
        let files = manifest.files.iter();
        Update {
            id: manifest.id.clone(),
            description: manifest.description.clone(),
            friendly_name: item.friendly_name.clone(),
            is_deployable: manifest.is_deployable,
            kind: manifest.update_type.clone(),
            installed_criteria: manifest.installed_criteria.clone(),
            compatibility: manifest.compatibility.clone(),
            steps: manifest.steps.clone(),
            references: manifest.references.clone(),
            files: files.map(|file| self.file_of(file)).collect(),
            manifest_version: manifest.version.clone(),
            created: manifest.created.clone(),
            imported: self.now(),
            etag: self.next_etag(),
            is_lost,
        }
    }

    fn file_of(&mut self, file: &ManifestFile) -> UpdateFile {
        UpdateFile {
            id: format!("f{}", self.next_guid().replace('-', "")),
            name: file.name.clone(),
            size_bytes: file.size_bytes,
            sha256: file.sha256.clone(),
            properties: file.properties.clone(),
            related: file.related.iter().map(|one| self.file_of(one)).collect(),
            download_handler: file.download_handler.clone(),
            etag: self.next_etag(),
        }
    }
}
