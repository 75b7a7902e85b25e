//! The operations of updates that are in the instance.

use firmdrop_net::Method;

use super::{
    AzureError, DeviceUpdate, List, OperationLocation, Update, UpdateFile, UpdateId, address::Area,
};

/// Which updates are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateQuery {
    /// Words that are searched for, free text.
    pub search: Option<String>,
    /// Only those that may be deployed on their own, or only those that may not.
    pub deployable: Option<bool>,
}

impl DeviceUpdate {
    /// The updates of the instance. Search and filter exist from the version of 2022 on.
    pub fn updates(&self, query: &UpdateQuery) -> Result<List<Update>, AzureError> {
        let filter = query.deployable.map(|is| format!("isDeployable eq {is}"));
        let mut pairs = Vec::new();
        if let Some(search) = query.search.as_deref().filter(|text| !text.is_empty()) {
            self.ensure_current("a search in updates")?;
            pairs.push(("search", search));
        }
        if let Some(filter) = &filter {
            self.ensure_current("a filter of updates")?;
            pairs.push(("filter", filter));
        }
        self.list(Area::Instance, &["updates"], &pairs)
    }

    /// One update. May be repeated.
    pub async fn update(&self, id: &UpdateId) -> Result<Update, AzureError> {
        let call = self.call(
            Method::Get,
            Area::Instance,
            &UpdatePath::of(id).segments(&[]),
            &[],
        )?;
        let request = call.name();
        let update: Update = self.execute(call).await?;
        if update.update_id == UpdateId::default() {
            return Err(self.other_shape(request, "it has no updateId"));
        }
        if !update.update_id.is_same(id) {
            return Err(self.other_shape(request, "it is another update"));
        }
        Ok(update)
    }

    /// One update unless it still has this tag; then `None`. May be repeated.
    pub async fn update_unless(
        &self,
        id: &UpdateId,
        etag: Option<&str>,
    ) -> Result<Option<Update>, AzureError> {
        self.get_unless(&UpdatePath::of(id).segments(&[]), etag)
            .await
    }

    /// Begins to delete an update. May be repeated; a deletion that is over is answered with 404.
    /// `None` when the answer names no operation. Deletions are in no list of operations.
    pub async fn delete_update(
        &self,
        id: &UpdateId,
    ) -> Result<Option<OperationLocation>, AzureError> {
        let call = self.call(
            Method::Delete,
            Area::Instance,
            &UpdatePath::of(id).segments(&[]),
            &[],
        )?;
        let answer = self.exchange(call).await?;
        Ok(OperationLocation::of(&answer))
    }

    /// Ids of the files of an update.
    pub fn files(&self, id: &UpdateId) -> Result<List<String>, AzureError> {
        self.list(
            Area::Instance,
            &UpdatePath::of(id).segments(&["files"]),
            &[],
        )
    }

    /// One file of an update. May be repeated.
    pub async fn file(&self, id: &UpdateId, file_id: &str) -> Result<UpdateFile, AzureError> {
        let path = UpdatePath::of(id);
        let path = path.segments(&["files", file_id]);
        let call = self.call(Method::Get, Area::Instance, &path, &[])?;
        let request = call.name();
        let file: UpdateFile = self.execute(call).await?;
        if file.file_name.is_empty() {
            return Err(self.other_shape(request, "it has no fileName"));
        }
        Ok(file)
    }

    /// Every file of an update, with size and hashes: one request for the list and one for each file.
    pub async fn files_of(&self, id: &UpdateId) -> Result<Vec<UpdateFile>, AzureError> {
        let mut files = Vec::new();
        for file_id in self.all(&self.files(id)?).await? {
            files.push(self.file(id, &file_id).await?);
        }
        Ok(files)
    }

    /// Every provider.
    pub fn providers(&self) -> Result<List<String>, AzureError> {
        self.list(Area::Instance, &["updates", "providers"], &[])
    }

    /// The names of a provider.
    pub fn names(&self, provider: &str) -> Result<List<String>, AzureError> {
        self.list(
            Area::Instance,
            &["updates", "providers", provider, "names"],
            &[],
        )
    }

    /// The versions of a name.
    pub fn versions(&self, provider: &str, name: &str) -> Result<List<String>, AzureError> {
        let path = ["updates", "providers", provider, "names", name, "versions"];
        self.list(Area::Instance, &path, &[])
    }
}

/// The path of an update. The service drops leading zeros of a version, so that one with them is at no address.
struct UpdatePath<'a> {
    id: &'a UpdateId,
    version: String,
}

impl<'a> UpdatePath<'a> {
    fn of(id: &'a UpdateId) -> Self {
        let version = id.plain_version();
        Self { id, version }
    }

    fn segments<'b>(&'b self, below: &[&'b str]) -> Vec<&'b str> {
        let Self { id, version } = self;
        let mut all = vec!["updates", "providers", &id.provider, "names", &id.name];
        all.extend(["versions", version]);
        all.extend_from_slice(below);
        all
    }
}
