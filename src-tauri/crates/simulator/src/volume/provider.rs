//! Pretend drives as the channel of mounted drives.

use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_link::{
    Access, Channel, Link, LinkAddress, LinkError, Provider, Reader, WATCH_PERIOD, Watch,
};

use super::SimulatedDrive;

/// The drives of a pretend computer.
#[derive(Debug, Default)]
pub struct SimulatedDrives(Vec<SimulatedDrive>);

impl SimulatedDrives {
    /// With one more drive.
    #[must_use]
    pub fn with(mut self, drive: &SimulatedDrive) -> Self {
        self.0.push(drive.clone());
        self
    }
}

#[async_trait]
impl Provider for SimulatedDrives {
    fn channel(&self) -> &'static str {
        "volume"
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::polling(self, WATCH_PERIOD)
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        let here = self.0.iter().filter(|drive| drive.is_here());
        let readers = here.map(|drive| {
            let state = drive.state();
            let address = LinkAddress::new(self.channel(), &state.folder);
            let id = match &state.port {
                Some(port) => format!("usb:{port}:1.0#-"),
                None => address.to_string(),
            };
            Reader {
                id,
                name: "Bootloader drive".into(),
                serial: Some(state.id.clone()),
                place: state.folder.clone(),
                channel: Channel::Usb,
                address,
                access: Access::Ready,
                simulated: true,
            }
        });
        Ok(readers.collect())
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let is_it = |drive: &&SimulatedDrive| {
            drive.is_here() && drive.state().folder == address.on_channel()
        };
        match self.0.iter().find(is_it) {
            Some(drive) => Ok(Link::Drive(Box::new(drive.open()))),
            None => Err(LinkError::NotFound {
                place: address.to_string(),
            }),
        }
    }
}
