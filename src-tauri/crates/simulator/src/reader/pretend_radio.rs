//! The link to a pretend reader over a pretend radio, inside this process.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use firmdrop_link::{
    Characteristic, Gatt, GattUuid, LinkError, Notifications, Properties, WriteKind,
};

use super::{
    SimulatedReader,
    gatt::{GattConnection, GattWriter, NotTaken, Radio, connect},
};

/// Zephyr, "SMP over Bluetooth".
const CHARACTERISTIC: Characteristic = Characteristic {
    service: GattUuid(0x8D53_DC1D_1DB7_4CD3_868B_8A52_7460_AA84),
    uuid: GattUuid(0xDA2E_7828_FBCE_4E01_AE9E_2611_7499_7C48),
    handle: 0x000B,
    properties: Properties::WRITE_WITHOUT_RESPONSE.and(Properties::NOTIFY),
};

/// A connected reader; dropping it lets the reader go.
#[derive(Debug)]
pub(super) struct HeldRadio {
    writer: GattWriter,
    /// Until it is subscribed to.
    connection: Mutex<Option<GattConnection>>,
    says_mtu_bytes: usize,
    characteristics: [Characteristic; 1],
    place: String,
    held: Arc<AtomicBool>,
}

impl HeldRadio {
    /// Connects; `None` while the reader is away.
    pub(super) fn to(
        reader: &SimulatedReader,
        radio: &Radio,
        place: String,
        held: Arc<AtomicBool>,
    ) -> Option<Self> {
        let (writer, connection) = connect(reader, radio)?;
        Some(Self {
            writer,
            connection: Mutex::new(Some(connection)),
            says_mtu_bytes: radio.says_mtu_bytes,
            characteristics: [CHARACTERISTIC],
            place,
            held,
        })
    }

    fn not_supported(&self, what: &str) -> LinkError {
        LinkError::NotSupported {
            place: self.place.clone(),
            what: what.into(),
        }
    }
}

impl Drop for HeldRadio {
    fn drop(&mut self) {
        self.held.store(false, Ordering::Release);
    }
}

#[async_trait]
impl Gatt for HeldRadio {
    fn name(&self) -> Option<&str> {
        None
    }

    fn characteristics(&self) -> &[Characteristic] {
        &self.characteristics
    }

    fn mtu_bytes(&self) -> usize {
        self.says_mtu_bytes
    }

    async fn read(&self, _: &Characteristic, _: Duration) -> Result<Vec<u8>, LinkError> {
        Err(self.not_supported("reading"))
    }

    async fn write(
        &self,
        _: &Characteristic,
        value: &[u8],
        _: WriteKind,
        _: Duration,
    ) -> Result<(), LinkError> {
        self.writer.write(value).map_err(|why| match why {
            NotTaken::TooLong => self.not_supported("a write of this length"),
            NotTaken::Disconnected => LinkError::Lost {
                place: self.place.clone(),
            },
        })
    }

    async fn subscribe(
        &self,
        _: &Characteristic,
        _: Duration,
    ) -> Result<Box<dyn Notifications>, LinkError> {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let connection = connection.take();
        let connection = connection.ok_or_else(|| self.not_supported("a second subscription"))?;
        Ok(Box::new(Notified {
            connection,
            place: self.place.clone(),
        }))
    }
}

#[derive(Debug)]
struct Notified {
    connection: GattConnection,
    place: String,
}

#[async_trait]
impl Notifications for Notified {
    async fn next(&mut self) -> Result<Vec<u8>, LinkError> {
        let value = self.connection.notified().await;
        value.ok_or_else(|| LinkError::Lost {
            place: self.place.clone(),
        })
    }
}
