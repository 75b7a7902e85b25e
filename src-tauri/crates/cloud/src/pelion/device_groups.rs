//! The operations of device groups.

use firmdrop_net::Method;
use serde_json::json;

use super::{Device, DeviceGroup, ListQuery, Page, Pelion, PelionError, exchange::checked_id};

const GROUPS: &str = "v3/device-groups";

impl Pelion {
    /// One page of the device groups.
    pub async fn device_groups(&self, query: &ListQuery) -> Result<Page<DeviceGroup>, PelionError> {
        self.list(GROUPS, query).await
    }

    /// One device group.
    pub async fn device_group(&self, id: &str) -> Result<DeviceGroup, PelionError> {
        let path = format!("{GROUPS}/{}", checked_id(id)?);
        self.execute(self.call(Method::Get, &path)?).await
    }

    /// Creates an empty group.
    pub async fn create_device_group(
        &self,
        name: &str,
        description: &str,
    ) -> Result<DeviceGroup, PelionError> {
        let body = json!({ "name": name, "description": description });
        let call = self.call(Method::Post, GROUPS)?;
        self.execute(call.map(|request| request.json(&body))).await
    }

    /// Changes name, description or both.
    pub async fn change_device_group(
        &self,
        id: &str,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<DeviceGroup, PelionError> {
        let path = format!("{GROUPS}/{}", checked_id(id)?);
        let mut body = serde_json::Map::new();
        body.extend(name.map(|name| ("name".to_owned(), json!(name))));
        body.extend(description.map(|text| ("description".to_owned(), json!(text))));
        let call = self.call(Method::Put, &path)?;
        self.execute(call.map(|request| request.json(&body.into())))
            .await
    }

    /// Deletes a group. Its devices stay.
    pub async fn delete_device_group(&self, id: &str) -> Result<(), PelionError> {
        let path = format!("{GROUPS}/{}", checked_id(id)?);
        self.exchange(self.call(Method::Delete, &path)?).await?;
        Ok(())
    }

    /// One page of the devices in a group.
    pub async fn group_devices(
        &self,
        id: &str,
        query: &ListQuery,
    ) -> Result<Page<Device>, PelionError> {
        let path = format!("{GROUPS}/{}/devices", checked_id(id)?);
        self.list(&path, query).await
    }

    /// Puts a device into a group.
    pub async fn add_device_to_group(&self, id: &str, device_id: &str) -> Result<(), PelionError> {
        self.move_device(id, "add", device_id).await
    }

    /// Takes a device out of a group.
    pub async fn remove_device_from_group(
        &self,
        id: &str,
        device_id: &str,
    ) -> Result<(), PelionError> {
        self.move_device(id, "remove", device_id).await
    }

    async fn move_device(&self, id: &str, verb: &str, device_id: &str) -> Result<(), PelionError> {
        let path = format!("{GROUPS}/{}/devices/{verb}", checked_id(id)?);
        let body = json!({ "device_id": checked_id(device_id)? });
        let call = self.call(Method::Post, &path)?;
        self.exchange(call.map(|request| request.json(&body)))
            .await?;
        Ok(())
    }
}
