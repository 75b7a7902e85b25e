//! The operations of groups and their subgroups. Groups come from the tag `ADUGroup` of the devices'
//! twins; they are not created here.

use firmdrop_net::Method;

use super::{AzureError, DeviceUpdate, Group, List, Subgroup, address::Area};

impl DeviceUpdate {
    /// The groups of the instance, `$default` first unless `order_by` says otherwise: `groupId`,
    /// `deviceCount`, `createdDate`, with `asc` or `desc` behind it.
    pub fn groups(&self, order_by: Option<&str>) -> Result<List<Group>, AzureError> {
        let pairs: Vec<_> = order_by
            .map(|order| ("orderby", order))
            .into_iter()
            .collect();
        if !pairs.is_empty() {
            self.ensure_current("an order of groups")?;
        }
        self.list(Area::Management, &["groups"], &pairs)
    }

    /// One group. May be repeated.
    pub async fn group(&self, group: &str) -> Result<Group, AzureError> {
        self.get(Area::Management, &["groups", group]).await
    }

    /// Deletes a group that has no devices any more, and its deployments. May be repeated.
    pub async fn delete_group(&self, group: &str) -> Result<(), AzureError> {
        let call = self.call(Method::Delete, Area::Management, &["groups", group], &[])?;
        self.exchange(call).await?;
        Ok(())
    }

    /// The subgroups of a group. `property` leaves those whose devices report this value of it.
    pub fn subgroups(
        &self,
        group: &str,
        property: Option<(&str, &str)>,
    ) -> Result<List<Subgroup>, AzureError> {
        self.ensure_current("subgroups")?;
        let filter =
            property.map(|(name, value)| format!("compatProperties/{name} eq {}", quoted(value)));
        let pairs: Vec<_> = filter
            .as_deref()
            .map(|filter| ("filter", filter))
            .into_iter()
            .collect();
        self.list(
            Area::Management,
            &["groups", group, "deviceClassSubgroups"],
            &pairs,
        )
    }

    /// One subgroup. May be repeated.
    pub async fn subgroup(&self, group: &str, class: &str) -> Result<Subgroup, AzureError> {
        self.ensure_current("subgroups")?;
        self.get(
            Area::Management,
            &["groups", group, "deviceClassSubgroups", class],
        )
        .await
    }

    /// Deletes a subgroup that has no devices any more. May be repeated.
    pub async fn delete_subgroup(&self, group: &str, class: &str) -> Result<(), AzureError> {
        self.ensure_current("subgroups")?;
        let path = ["groups", group, "deviceClassSubgroups", class];
        self.exchange(self.call(Method::Delete, Area::Management, &path, &[])?)
            .await?;
        Ok(())
    }
}

/// A text in a filter, its quotes doubled (`OData` 4.01, section 5.1.1.6.1).
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
