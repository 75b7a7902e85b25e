//! The operations of device classes: devices that report the same properties.

use firmdrop_net::Method;
use serde_json::json;

use super::{
    AzureError, DeviceClass, DeviceUpdate, List, UpdateInfo, address::Area,
    bounds::DEVICE_CLASS_NAME_CHARACTERS, groups::quoted,
};

impl DeviceUpdate {
    /// The device classes of the instance, or the one of this friendly name.
    pub fn device_classes(
        &self,
        friendly_name: Option<&str>,
    ) -> Result<List<DeviceClass>, AzureError> {
        let filter = friendly_name.map(|name| format!("friendlyName eq {}", quoted(name)));
        if filter.is_some() {
            self.ensure_current("a filter of device classes")?;
        }
        let pairs: Vec<_> = filter
            .as_deref()
            .map(|filter| ("filter", filter))
            .into_iter()
            .collect();
        self.list(Area::Management, &[self.classes()], &pairs)
    }

    /// One device class. May be repeated.
    pub async fn device_class(&self, class: &str) -> Result<DeviceClass, AzureError> {
        self.get(Area::Management, &[self.classes(), class]).await
    }

    /// Gives a device class a name of 1 to 100 letters, digits, dots and dashes. May be repeated.
    pub async fn rename_device_class(
        &self,
        class: &str,
        friendly_name: &str,
    ) -> Result<DeviceClass, AzureError> {
        self.ensure_current("a name of a device class")?;
        let is_plain = friendly_name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
        if !is_plain || !(1..=DEVICE_CLASS_NAME_CHARACTERS).contains(&friendly_name.len()) {
            return Err(AzureError::Argument {
                what: "the friendly name of a device class".to_owned(),
                why: "it must have 1 to 100 letters, digits, dots and dashes".to_owned(),
            });
        }
        let path = [self.classes(), class];
        let call = self.call(Method::Patch, Area::Management, &path, &[])?;
        self.execute(call.merge_patch(json!({ "friendlyName": friendly_name })))
            .await
    }

    /// Deletes a device class that has no devices any more. May be repeated.
    pub async fn delete_device_class(&self, class: &str) -> Result<(), AzureError> {
        self.ensure_current("the deletion of a device class")?;
        let path = [self.classes(), class];
        self.exchange(self.call(Method::Delete, Area::Management, &path, &[])?)
            .await?;
        Ok(())
    }

    /// The updates that fit a device class.
    pub fn installable_updates(&self, class: &str) -> Result<List<UpdateInfo>, AzureError> {
        let last = self.segment("installableUpdates", "installableupdates");
        self.list(Area::Management, &[self.classes(), class, last], &[])
    }

    fn classes(&self) -> &'static str {
        self.segment("deviceClasses", "deviceclasses")
    }
}
