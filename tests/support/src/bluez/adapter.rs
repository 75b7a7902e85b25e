//! The radio: `org.bluez.Adapter1`.

use std::collections::HashMap;

use zbus::interface;
use zbus::zvariant::{ObjectPath, OwnedValue};

use super::problem::Problem;
use super::world::{ADAPTER, World};

pub(super) struct Adapter(pub(super) World);

#[interface(name = "org.bluez.Adapter1")]
impl Adapter {
    #[zbus(property)]
    fn address(&self) -> &'static str {
        "00:11:22:33:44:55"
    }

    #[zbus(property)]
    fn address_type(&self) -> &'static str {
        "public"
    }

    #[zbus(property)]
    fn name(&self) -> &'static str {
        "stand-in"
    }

    #[zbus(property)]
    fn alias(&self) -> &'static str {
        "stand-in"
    }

    #[zbus(property)]
    fn modalias(&self) -> &'static str {
        "usb:v1D6Bp0246d0542"
    }

    #[zbus(property)]
    fn roles(&self) -> Vec<&'static str> {
        vec!["central", "peripheral"]
    }

    #[zbus(property)]
    fn class(&self) -> u32 {
        0
    }

    #[zbus(property, name = "UUIDs")]
    fn uuids(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(property)]
    fn discoverable(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn pairable(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn powered(&self) -> bool {
        self.0.state().on
    }

    #[zbus(property)]
    fn set_powered(&self, on: bool) {
        self.0.state().on = on;
    }

    #[zbus(property)]
    fn discovering(&self) -> bool {
        self.0.is_listening()
    }

    fn set_discovery_filter(&self, _filter: HashMap<String, OwnedValue>) {}

    async fn start_discovery(
        &self,
        #[zbus(header)] header: zbus::message::Header<'_>,
    ) -> Result<(), Problem> {
        let who = sender(&header);
        {
            let mut state = self.0.state();
            if !state.on {
                return Err(Problem::NotReady("Resource Not Ready".into()));
            }
            if !state.listeners.insert(who) {
                return Err(Problem::InProgress("Operation already in progress".into()));
            }
        }
        let (path, of) = (ADAPTER, "Adapter1");
        self.0.changed(path, of, "Discovering", true.into()).await;
        Ok(())
    }

    async fn stop_discovery(&self, #[zbus(header)] header: zbus::message::Header<'_>) {
        self.0.listens_no_more(&sender(&header));
        let (path, of) = (ADAPTER, "Adapter1");
        self.0.changed(path, of, "Discovering", false.into()).await;
    }

    fn remove_device(&self, _device: ObjectPath<'_>) {}
}

fn sender(header: &zbus::message::Header<'_>) -> String {
    header.sender().map(ToString::to_string).unwrap_or_default()
}
