//! Opens a device, and the open link.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use btleplug::api::{CharPropFlags, Characteristic as Native, Peripheral as _, WriteType};
use btleplug::platform::Peripheral;
use tokio::time::Instant;

use super::address::BleAddress;
use super::air::Air;
use super::device::Device;
use super::errors::failed;
use super::hold::DeviceHold;
use super::notified;
use super::threads::within;
use super::timing::{CONNECT, HEARD, HEARD_AGAIN};
use crate::{
    ATT_HEADER_BYTES, Characteristic, Gatt, GattUuid, LEAST_MTU_BYTES, LinkError, Notifications,
    Properties, WriteKind,
};

/// Largest ATT MTU: a value has at most 512 bytes (volume 3, part F, 3.2.9), with opcode, handle and offset.
const LARGEST_MTU_BYTES: usize = 517;

/// A connected device.
#[derive(Debug)]
pub(super) struct OpenDevice {
    peripheral: Peripheral,
    name: Option<String>,
    characteristics: Vec<Characteristic>,
    natives: Vec<Native>,
    mtu_bytes: usize,
    place: String,
    hold: DeviceHold,
}

impl OpenDevice {
    /// Waits until the device is heard, and connects.
    pub(super) async fn open(air: Arc<Air>, wanted: BleAddress) -> Result<Self, LinkError> {
        let place = wanted.to_link().to_string();
        let device = advertised(&air, &wanted, &place).await?;
        let peripheral = device.peripheral.clone();
        // Disconnects when what follows fails, or is waited for no more.
        let hold = DeviceHold::take(&peripheral, Arc::clone(&air), &place).await?;
        let connecting = connect(peripheral.clone(), air, place.clone());
        let (natives, mtu_bytes) = within(CONNECT, &place, connecting).await?;
        Ok(Self {
            characteristics: (0..).zip(&natives).map(described).collect(),
            mtu_bytes,
            natives,
            name: device.name,
            peripheral,
            place,
            hold,
        })
    }

    fn native(&self, characteristic: &Characteristic) -> Result<Native, LinkError> {
        let same = |one: &Characteristic| one == characteristic;
        let at = self.characteristics.iter().position(same);
        let native = at.and_then(|at| self.natives.get(at)).cloned();
        native
            .ok_or_else(|| self.unsupported(format!("the characteristic {}", characteristic.uuid)))
    }

    fn unsupported(&self, what: String) -> LinkError {
        LinkError::NotSupported {
            place: self.place.clone(),
            what,
        }
    }

    fn gone(&self) -> LinkError {
        LinkError::Lost {
            place: self.place.clone(),
        }
    }

    /// Does something with the device, which may disconnect meanwhile.
    async fn request<T: Send + 'static>(
        &self,
        deadline: Duration,
        work: impl Future<Output = Result<T, LinkError>> + Send + 'static,
    ) -> Result<T, LinkError> {
        let mut lost = self.hold.lost.clone();
        let done = tokio::select! {
            biased;
            _ = lost.wait_for(|lost| *lost) => return Err(self.gone()),
            done = within(deadline, &self.place, work) => done,
        };
        match done {
            // Its disconnection may be reported after the failure.
            Err(LinkError::Io { .. }) if *self.hold.lost.borrow() => Err(self.gone()),
            done => done,
        }
    }
}

/// The device that is meant, once it is heard.
async fn advertised(air: &Air, wanted: &BleAddress, place: &str) -> Result<Device, LinkError> {
    let began = Instant::now();
    let _opening = Opening::begin(air);
    let found = air.until(|known| {
        if let Some(error) = known.unusable_since(began, place) {
            return Some(Err(error));
        }
        let all = known.devices.values();
        let fitting: Vec<&Device> = all
            .filter(|device| wanted.means(&device.identity, device.name.as_deref()))
            .collect();
        match fitting.as_slice() {
            [] => None,
            [one] => {
                let again = one.heard.is_some_and(|at| at >= began.into_std());
                let long = began.elapsed() > HEARD_AGAIN && one.heard.is_some();
                (again || long).then(|| Ok((*one).clone()))
            }
            several => Some(Err(LinkError::Ambiguous {
                place: place.to_owned(),
                choices: several
                    .iter()
                    .map(|one| one.identity.to_link().to_string())
                    .collect(),
            })),
        }
    });
    let nobody = || LinkError::NotFound {
        place: place.to_owned(),
    };
    let found = tokio::time::timeout(HEARD, found).await;
    found.unwrap_or_else(|_| Err(nobody()))
}

/// Has it listened while a device is waited for.
struct Opening<'a>(&'a Air);

impl<'a> Opening<'a> {
    fn begin(air: &'a Air) -> Self {
        air.known().openings += 1;
        air.want();
        air.opening.notify_one();
        Self(air)
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.0.known().openings -= 1;
        self.0.asked.notify_one();
    }
}

/// Connects; returns what the device offers, and the MTU.
async fn connect(
    peripheral: Peripheral,
    air: Arc<Air>,
    place: String,
) -> Result<(Vec<Native>, usize), LinkError> {
    let failed = |error| failed(&place, &error);
    peripheral.connect().await.map_err(failed)?;
    air.begins(&peripheral.id());
    if !peripheral.is_connected().await.map_err(failed)? {
        return Err(LinkError::Lost { place });
    }
    peripheral.discover_services().await.map_err(failed)?;
    let natives = peripheral.characteristics().into_iter().collect();
    let mtu_bytes = usize::from(peripheral.mtu()).clamp(LEAST_MTU_BYTES, LARGEST_MTU_BYTES);
    Ok((natives, mtu_bytes))
}

/// A characteristic in the words of the trait. The driver hides handles: their order stands for them.
fn described((handle, native): (u16, &Native)) -> Characteristic {
    let all = [
        (CharPropFlags::READ, Properties::READ),
        (
            CharPropFlags::WRITE_WITHOUT_RESPONSE,
            Properties::WRITE_WITHOUT_RESPONSE,
        ),
        (CharPropFlags::WRITE, Properties::WRITE),
        (CharPropFlags::NOTIFY, Properties::NOTIFY),
        (CharPropFlags::INDICATE, Properties::INDICATE),
    ];
    let has = all
        .iter()
        .filter(|(flag, _)| native.properties.contains(*flag));
    Characteristic {
        service: GattUuid(native.service_uuid.as_u128()),
        uuid: GattUuid(native.uuid.as_u128()),
        handle,
        properties: has.fold(Properties(0), |all, (_, property)| all.and(*property)),
    }
}

#[async_trait]
impl Gatt for OpenDevice {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn characteristics(&self) -> &[Characteristic] {
        &self.characteristics
    }

    fn mtu_bytes(&self) -> usize {
        self.mtu_bytes
    }

    async fn read(
        &self,
        characteristic: &Characteristic,
        deadline: Duration,
    ) -> Result<Vec<u8>, LinkError> {
        let (native, peripheral) = (self.native(characteristic)?, self.peripheral.clone());
        let place = self.place.clone();
        let read = async move {
            let read = peripheral.read(&native).await;
            read.map_err(|error| failed(&place, &error))
        };
        self.request(deadline, read).await
    }

    async fn write(
        &self,
        characteristic: &Characteristic,
        value: &[u8],
        kind: WriteKind,
        deadline: Duration,
    ) -> Result<(), LinkError> {
        let native = self.native(characteristic)?;
        let too_long = || self.unsupported(format!("a write of {} bytes", value.len()));
        let native_kind = match kind {
            WriteKind::WithResponse => WriteType::WithResponse,
            WriteKind::WithoutResponse if value.len() > self.largest_write_bytes() => {
                return Err(too_long());
            }
            WriteKind::WithoutResponse => WriteType::WithoutResponse,
        };
        let (peripheral, place, bytes) =
            (self.peripheral.clone(), self.place.clone(), value.to_vec());
        let write = async move {
            let written = peripheral.write(&native, &bytes, native_kind).await;
            written.map_err(|error| failed(&place, &error))
        };
        match self.request(deadline, write).await {
            // What was not taken though the device is there may be too long for the MTU in use, which BlueZ checks and
            // does not name. What every MTU carries failed for another reason.
            Err(LinkError::Io { .. })
                if kind == WriteKind::WithoutResponse
                    && value.len() > LEAST_MTU_BYTES - ATT_HEADER_BYTES =>
            {
                Err(too_long())
            }
            written => written,
        }
    }

    async fn subscribe(
        &self,
        characteristic: &Characteristic,
        deadline: Duration,
    ) -> Result<Box<dyn Notifications>, LinkError> {
        let (native, peripheral) = (self.native(characteristic)?, self.peripheral.clone());
        let (lost, place) = (self.hold.lost.clone(), self.place.clone());
        let subscribe = notified::subscribe(peripheral, native, lost, place);
        Ok(Box::new(self.request(deadline, subscribe).await?))
    }
}
