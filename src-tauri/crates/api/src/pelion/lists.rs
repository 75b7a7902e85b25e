//! Lists of an account, page by page, and deleting what they show.

use firmdrop_cloud::pelion::{
    Collection, DeviceGroup, FilterText, FirmwareImage, FirmwareManifest, ListQuery, Page,
    SavedQuery, UploadJob,
};
use firmdrop_core::Diagnosis;

use super::{CloudAsk, CloudKind, Service};

/// Most saved queries and groups that are fetched: what a user can choose from.
const MOST_CHOICES: u32 = 1000;

impl Service {
    /// One page of the upload jobs.
    pub async fn upload_jobs(&self, ask: &CloudAsk) -> Result<Page<UploadJob>, Diagnosis> {
        let pelion = self.client().await?;
        Ok(pelion
            .upload_jobs(&query(ask, Collection::UploadJobs)?)
            .await?)
    }

    /// One page of the firmware images.
    pub async fn images(&self, ask: &CloudAsk) -> Result<Page<FirmwareImage>, Diagnosis> {
        let pelion = self.client().await?;
        Ok(pelion
            .firmware_images(&query(ask, Collection::FirmwareImages)?)
            .await?)
    }

    /// One page of the manifests.
    pub async fn manifests(&self, ask: &CloudAsk) -> Result<Page<FirmwareManifest>, Diagnosis> {
        let pelion = self.client().await?;
        Ok(pelion
            .firmware_manifests(&query(ask, Collection::FirmwareManifests)?)
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
pub(super) fn query(ask: &CloudAsk, collection: Collection) -> Result<ListQuery, Diagnosis> {
    let filter = FilterText::parse(&ask.filter, collection)?;
    let query = ListQuery {
        limit: ask.limit,
        after: ask.after.clone(),
        total_count: ask.count,
        ..ListQuery::default()
    };
    let query = query.matching(&filter);
    Ok(if ask.newest_first {
        query.newest_first()
    } else {
        query
    })
}
