//! Lists of an account, page by page, and deleting what they show.

use firmdrop_cloud::pelion::{
    Collection, DeviceGroup, FilterText, FirmwareImage, FirmwareManifest, ListQuery, Page,
    SavedQuery, UploadJob,
};
use firmdrop_core::Diagnosis;

use super::{CloudKind, PageQuery, Service};

/// Most saved queries and groups that are fetched: what a user can choose from.
const MOST_CHOICES: u32 = 1000;

impl Service {
    /// One page of the upload jobs.
    pub async fn upload_jobs(&self, query: &PageQuery) -> Result<Page<UploadJob>, Diagnosis> {
        let pelion = self.client().await?;
        Ok(pelion
            .upload_jobs(&list_query(query, Collection::UploadJobs)?)
            .await?)
    }

    /// One page of the firmware images.
    pub async fn images(&self, query: &PageQuery) -> Result<Page<FirmwareImage>, Diagnosis> {
        let pelion = self.client().await?;
        Ok(pelion
            .firmware_images(&list_query(query, Collection::FirmwareImages)?)
            .await?)
    }

    /// One page of the manifests.
    pub async fn manifests(&self, query: &PageQuery) -> Result<Page<FirmwareManifest>, Diagnosis> {
        let pelion = self.client().await?;
        Ok(pelion
            .firmware_manifests(&list_query(query, Collection::FirmwareManifests)?)
            .await?)
    }

    /// The saved device queries, the first thousand.
    pub async fn queries(&self) -> Result<Vec<SavedQuery>, Diagnosis> {
        let pelion = self.client().await?;
        let all = ListQuery::default().limit(MOST_CHOICES);
        Ok(pelion.device_queries(&all).await?.data)
    }

    /// Saves a device query under a new name.
    pub async fn save_query(&self, name: &str, query: &str) -> Result<SavedQuery, Diagnosis> {
        let pelion = self.client().await?;
        Ok(pelion.create_device_query(name, query).await?)
    }

    /// The device groups, the first thousand.
    pub async fn groups(&self) -> Result<Vec<DeviceGroup>, Diagnosis> {
        let pelion = self.client().await?;
        let all = ListQuery::default().limit(MOST_CHOICES);
        Ok(pelion.device_groups(&all).await?.data)
    }

    /// Deletes one object. It cannot be undone.
    pub async fn delete(&self, kind: CloudKind, id: &str) -> Result<(), Diagnosis> {
        let pelion = self.client().await?;
        Ok(match kind {
            CloudKind::UploadJob => pelion.delete_upload_job(id).await,
            CloudKind::FirmwareImage => pelion.delete_firmware_image(id).await,
            CloudKind::Manifest => pelion.delete_firmware_manifest(id).await,
            CloudKind::Campaign => pelion.delete_campaign(id).await,
            CloudKind::SavedQuery => pelion.delete_device_query(id).await,
        }?)
    }
}

/// The query of a list; a filter that is none is refused here.
pub(super) fn list_query(
    query: &PageQuery,
    collection: Collection,
) -> Result<ListQuery, Diagnosis> {
    let filter = FilterText::parse(&query.filter, collection)?;
    let list = ListQuery {
        limit: query.limit,
        after: query.after.clone(),
        total_count: query.count,
        ..ListQuery::default()
    };
    let list = list.matching(&filter);
    Ok(if query.newest_first {
        list.newest_first()
    } else {
        list
    })
}
