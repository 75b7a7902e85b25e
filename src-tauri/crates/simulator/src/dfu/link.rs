//! A pretend device behind the trait of USB links.

use std::time::Duration;

use async_trait::async_trait;
use firmdrop_link::{ControlRequest, Direction, LinkError, Usb, UsbDevice};
use tokio::time::sleep;

use super::descriptors;
use super::device::SimulatedDfu;
use super::request::Reply;

/// An open way to a pretend device. Dropping it gives back the interface that it has.
#[derive(Debug)]
pub(super) struct OpenUsb {
    model: SimulatedDfu,
    appearance: u32,
    /// Which of the programs that opened it this is.
    program: u64,
    place: String,
    device: UsbDevice,
    configuration: Vec<u8>,
    transfer: Duration,
}

/// What it says of itself now.
pub(super) fn device(model: &SimulatedDfu) -> UsbDevice {
    let state = model.state();
    let identity = descriptors::identity(&state.settings, state.mode);
    UsbDevice {
        vendor: identity.vendor,
        product: identity.product,
        release: identity.release,
        port_chain: state.settings.port_chain.clone(),
        manufacturer: Some("Pretend Works".into()),
        product_name: Some(identity.name.clone()),
        serial: (!identity.serial.is_empty()).then(|| identity.serial.clone()),
    }
}

impl OpenUsb {
    pub(super) fn new(model: &SimulatedDfu, place: String) -> Self {
        let device = device(model);
        let mut state = model.state();
        state.opened += 1;
        Self {
            appearance: state.appearance,
            program: state.opened,
            configuration: descriptors::configuration(&state.settings, state.mode),
            transfer: state.settings.pace.transfer,
            model: model.clone(),
            place,
            device,
        }
    }

    async fn transfer(
        &self,
        setup: [u8; 8],
        data: &[u8],
        deadline: Duration,
    ) -> Result<Vec<u8>, LinkError> {
        if !self.transfer.is_zero() {
            sleep(self.transfer).await;
        }
        let place = || self.place.clone();
        match self.model.control(self.appearance, setup, data) {
            Reply::Data(bytes) => Ok(bytes),
            Reply::Stall => Err(LinkError::Stalled { place: place() }),
            Reply::Gone => Err(LinkError::Lost { place: place() }),
            Reply::Broken => Err(self.broken()),
            Reply::Silent => {
                sleep(deadline).await;
                Err(LinkError::Timeout { place: place() })
            }
        }
    }

    fn broken(&self) -> LinkError {
        LinkError::Io {
            place: self.place.clone(),
            source: std::io::Error::other("Input/Output Error"),
        }
    }

    fn not_supported(&self, what: &str) -> LinkError {
        LinkError::NotSupported {
            place: self.place.clone(),
            what: what.into(),
        }
    }
}

fn setup(request: ControlRequest, direction: Direction, length: u16) -> [u8; 8] {
    let [value_low, value_high] = request.value.to_le_bytes();
    let [index_low, index_high] = request.index.to_le_bytes();
    let [length_low, length_high] = length.to_le_bytes();
    let kind = request.request_type(direction);
    [
        kind,
        request.request,
        value_low,
        value_high,
        index_low,
        index_high,
        length_low,
        length_high,
    ]
}

#[async_trait]
impl Usb for OpenUsb {
    fn device(&self) -> &UsbDevice {
        &self.device
    }

    fn configuration(&self) -> &[u8] {
        &self.configuration
    }

    async fn claim(&self, _interface: u8) -> Result<(), LinkError> {
        let place = self.place.clone();
        let mut state = self.model.state();
        if !state.is_here() || state.appearance != self.appearance {
            return Err(LinkError::Lost { place });
        }
        if state.claimed_by.is_some_and(|by| by != self.program) {
            return Err(LinkError::Busy { place });
        }
        state.claimed_by = Some(self.program);
        Ok(())
    }

    async fn set_alternate(&self, interface: u8, alternate: u8) -> Result<(), LinkError> {
        let setup = [0x01, 11, alternate, 0, interface, 0, 0, 0];
        self.transfer(setup, &[], Duration::ZERO).await.map(drop)
    }

    async fn control_in(
        &self,
        request: ControlRequest,
        most_bytes: u16,
        deadline: Duration,
    ) -> Result<Vec<u8>, LinkError> {
        let setup = setup(request, Direction::In, most_bytes);
        self.transfer(setup, &[], deadline).await
    }

    async fn control_out(
        &self,
        request: ControlRequest,
        data: &[u8],
        deadline: Duration,
    ) -> Result<(), LinkError> {
        let Ok(length) = u16::try_from(data.len()) else {
            return Err(self.not_supported("a control transfer this long"));
        };
        let setup = setup(request, Direction::Out, length);
        self.transfer(setup, data, deadline).await.map(drop)
    }

    async fn bulk_in(&self, _: u8, _: usize, _: Duration) -> Result<Vec<u8>, LinkError> {
        Err(self.not_supported("bulk transfers"))
    }

    async fn bulk_out(&self, _: u8, _: &[u8], _: Duration) -> Result<(), LinkError> {
        Err(self.not_supported("bulk transfers"))
    }

    async fn reset(&self) -> Result<(), LinkError> {
        if self.model.state().faults.reset_hangs {
            std::future::pending::<()>().await;
        }
        if self.model.reset(self.appearance) {
            return Ok(());
        }
        if self.model.state().faults.breaks_off_when_leaving {
            return Err(self.broken());
        }
        Err(LinkError::Lost {
            place: self.place.clone(),
        })
    }
}

impl Drop for OpenUsb {
    fn drop(&mut self) {
        let mut state = self.model.state();
        if state.claimed_by == Some(self.program) {
            state.claimed_by = None;
        }
    }
}
