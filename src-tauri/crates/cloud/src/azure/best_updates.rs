//! The newest update that fits the devices of a group.

use super::{AzureError, BestUpdate, DeviceUpdate, List, UpdateInfo, address::Area};

impl DeviceUpdate {
    /// The best update of each subgroup that has one.
    pub fn best_updates(&self, group: &str) -> Result<List<BestUpdate>, AzureError> {
        self.list(Area::Management, &["groups", group, "bestUpdates"], &[])
    }

    /// The best update of one subgroup. May be repeated.
    pub async fn best_update_of_subgroup(
        &self,
        group: &str,
        class: &str,
    ) -> Result<BestUpdate, AzureError> {
        self.ensure_current("subgroups")?;
        let path = [
            "groups",
            group,
            "deviceClassSubgroups",
            class,
            "bestUpdates",
        ];
        self.get(Area::Management, &path).await
    }

    /// How many devices of a group an update is the best one for, subgroup by subgroup, as the
    /// service counts them. Devices that have it already are not among them.
    pub async fn devices_it_is_best_for(
        &self,
        group: &str,
        update: &UpdateInfo,
    ) -> Result<Vec<BestUpdate>, AzureError> {
        let all = self.all(&self.best_updates(group)?).await?;
        let fits = all.into_iter();
        Ok(fits
            .filter(|best| best.update.update_id.is_same(&update.update_id))
            .collect())
    }
}
