//! What a connected reader offers: `org.bluez.GattService1` and `org.bluez.GattCharacteristic1`.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use zbus::interface;
use zbus::zvariant::{Fd, ObjectPath, OwnedValue};

use super::peer::Peer;
use super::problem::Problem;
use super::world::{World, path};

/// Zephyr, "SMP over Bluetooth".
pub(super) const SERVICE: &str = "8d53dc1d-1db7-4cd3-868b-8a527460aa84";
const CHARACTERISTIC: &str = "da2e7828-fbce-4e01-ae9e-261174997c48";

/// The service of the device at this path.
pub(super) struct Service(pub(super) String);

#[interface(name = "org.bluez.GattService1")]
impl Service {
    #[zbus(property, name = "UUID")]
    fn uuid(&self) -> &'static str {
        SERVICE
    }

    #[zbus(property)]
    fn primary(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn device(&self) -> ObjectPath<'_> {
        ObjectPath::from_str_unchecked(&self.0)
    }

    #[zbus(property)]
    fn includes(&self) -> Vec<ObjectPath<'_>> {
        Vec::new()
    }
}

/// The characteristic that takes requests and sends answers.
pub(super) struct Characteristic {
    pub(super) world: World,
    pub(super) peer: Peer,
    pub(super) service: String,
}

#[interface(name = "org.bluez.GattCharacteristic1")]
impl Characteristic {
    #[zbus(property, name = "UUID")]
    fn uuid(&self) -> &'static str {
        CHARACTERISTIC
    }

    #[zbus(property)]
    fn service(&self) -> ObjectPath<'_> {
        ObjectPath::from_str_unchecked(&self.service)
    }

    #[zbus(property)]
    fn value(&self) -> Vec<u8> {
        Vec::new()
    }

    #[zbus(property)]
    fn notifying(&self) -> bool {
        self.world.known(self.peer.address, |known| known.notifies)
    }

    #[zbus(property)]
    fn flags(&self) -> Vec<&'static str> {
        vec!["write-without-response", self.peer.answers_by]
    }

    #[zbus(property, name = "MTU")]
    fn mtu(&self) -> u16 {
        u16::try_from(self.peer.radio.says_mtu_bytes).unwrap()
    }

    fn write_value(
        &self,
        value: Vec<u8>,
        _options: HashMap<String, OwnedValue>,
    ) -> Result<(), Problem> {
        use firmdrop_simulator::reader::NotTaken;
        let writer = self
            .world
            .known(self.peer.address, |known| known.writer.clone());
        let writer = writer.ok_or_else(|| Problem::failed("Not connected"))?;
        writer.write(&value).map_err(|why| match why {
            NotTaken::TooLong => Problem::failed("Failed to initiate write"),
            NotTaken::Disconnected => Problem::failed("Not connected"),
        })
    }

    fn read_value(&self, _options: HashMap<String, OwnedValue>) -> Vec<u8> {
        Vec::new()
    }

    /// Some programs learn the MTU by this.
    fn acquire_write(
        &self,
        _options: HashMap<String, OwnedValue>,
    ) -> Result<(Fd<'static>, u16), Problem> {
        let (theirs, ours) =
            UnixStream::pair().map_err(|error| Problem::Failed(error.to_string()))?;
        drop(ours);
        Ok((Fd::from(OwnedFd::from(theirs)), self.mtu()))
    }

    async fn start_notify(&self) -> Result<(), Problem> {
        let connected = self.world.known(self.peer.address, |known| {
            known.notifies = known.connected;
            known.connected
        });
        if !connected {
            return Err(Problem::failed("Not connected"));
        }
        if self.peer.disconnects_late {
            let path = path(self.peer.address);
            self.world
                .changed(&path, "Device1", "Connected", false.into())
                .await;
        }
        Ok(())
    }

    fn stop_notify(&self) {
        self.world
            .known(self.peer.address, |known| known.notifies = false);
    }
}
