//! Nordic's init packets: what a package's `.dat` file says about its `.bin` file.
//!
//! Field numbers of `dfu-cc.proto` of Nordic's nRF5 SDK 17 (secure DFU) and the layout of the older
//! SDK 11 (legacy DFU). Whether the signature is right is asked elsewhere.

use crate::bytes::Fields;
use crate::format::protobuf::{Message, Value, number};

/// `SoftDevices` listed in one packet that are looked at.
const SOFTDEVICES: usize = 64;

/// A secure init packet.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct InitPacket {
    /// The algorithm of its signature, when there is one.
    pub(crate) signature: Option<&'static str>,
    /// Version of the firmware; an application's or a bootloader's number.
    pub(crate) firmware_version: Option<u64>,
    /// Version of the hardware it is for.
    pub(crate) hardware_version: Option<u64>,
    /// Ids of the `SoftDevices` one of which must be there.
    pub(crate) softdevices: Vec<u64>,
    /// `FwType`: 0 application, 1 `SoftDevice`, 2 bootloader, 3 both, 4 external application.
    pub(crate) kind: Option<u64>,
    /// Sizes of `SoftDevice`, bootloader and application, bytes.
    pub(crate) sizes_bytes: [u64; 3],
    /// `HashType` (3 is SHA-256) and the hash as it is stored.
    pub(crate) hash: Option<(u64, Vec<u8>)>,
    /// Accepted by debugging bootloaders without checks.
    pub(crate) debug: bool,
}

impl InitPacket {
    /// Reads a packet.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut packet = Self::default();
        let mut command = None;
        for field in Message(bytes) {
            match field? {
                (1, Value::Bytes(bytes)) => command = Some(bytes),
                (2, Value::Bytes(signed)) => {
                    packet.signature = Some("of unknown kind");
                    for field in Message(signed) {
                        match field? {
                            (1, Value::Bytes(bytes)) => command = Some(bytes),
                            (2, Value::Number(0)) => packet.signature = Some("ECDSA P-256"),
                            (2, Value::Number(1)) => packet.signature = Some("Ed25519"),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        let command = command.ok_or("there is no command in it")?;
        let mut found = false;
        for field in Message(command) {
            if let (2, Value::Bytes(init)) = field? {
                packet.init(init)?;
                found = true;
            }
        }
        found
            .then_some(packet)
            .ok_or_else(|| "there is no init command in it".to_owned())
    }

    fn init(&mut self, bytes: &[u8]) -> Result<(), String> {
        for field in Message(bytes) {
            match field? {
                (1, Value::Number(version)) => self.firmware_version = Some(version),
                (2, Value::Number(version)) => self.hardware_version = Some(version),
                (3, Value::Number(id)) => self.softdevice(id),
                (3, Value::Bytes(mut packed)) => {
                    while let Some(id) = number(&mut packed) {
                        self.softdevice(id);
                    }
                }
                (4, Value::Number(kind)) => self.kind = Some(kind),
                (number @ 5..=7, Value::Number(size)) => {
                    let index = usize::try_from(number - 5).unwrap_or_default();
                    if let Some(slot) = self.sizes_bytes.get_mut(index) {
                        *slot = size;
                    }
                }
                (8, Value::Bytes(hash)) => self.hash = Some(parse_hash(hash)?),
                (9, Value::Number(debug)) => self.debug = debug != 0,
                _ => {}
            }
        }
        Ok(())
    }

    fn softdevice(&mut self, id: u64) {
        if self.softdevices.len() < SOFTDEVICES {
            self.softdevices.push(id);
        }
    }

    /// Size of the firmware it is for, bytes.
    pub(crate) fn firmware_bytes(&self) -> u64 {
        let [softdevice, bootloader, application] = self.sizes_bytes;
        softdevice
            .saturating_add(bootloader)
            .saturating_add(application)
    }
}

fn parse_hash(bytes: &[u8]) -> Result<(u64, Vec<u8>), String> {
    let (mut kind, mut value) = (0, Vec::new());
    for field in Message(bytes) {
        match field? {
            (1, Value::Number(number)) => kind = number,
            (2, Value::Bytes(bytes)) => value = bytes.to_vec(),
            _ => {}
        }
    }
    Ok((kind, value))
}

/// The bytes of the init command, over which a packet's signature was made, and the signature.
pub(crate) fn signature_of(packet: &[u8]) -> Option<(&[u8], &[u8])> {
    let signed = only(packet, 2)?;
    let command = only(signed, 1)?;
    Some((only(command, 2)?, only(signed, 3)?))
}

/// The bytes of this field of a message.
fn only(message: &[u8], number: u64) -> Option<&[u8]> {
    Message(message).find_map(|field| match field {
        Ok((found, Value::Bytes(bytes))) if found == number => Some(bytes),
        _ => None,
    })
}

/// A legacy init packet: fixed fields, no signature.
#[derive(Debug, PartialEq)]
pub(crate) struct LegacyPacket {
    /// Kind of device.
    pub(crate) device_type: u16,
    /// Its revision.
    pub(crate) device_revision: u16,
    /// Version of the application.
    pub(crate) application_version: u32,
    /// Ids of the `SoftDevices` one of which must be there.
    pub(crate) softdevices: Vec<u16>,
    /// CRC-16 of the firmware, where the packet ends with it.
    pub(crate) crc: Option<u16>,
}

impl LegacyPacket {
    /// Reads a packet.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut fields = Fields(bytes);
        let packet = (|| {
            let (device_type, device_revision) = (fields.u16()?, fields.u16()?);
            let application_version = fields.u32()?;
            let count = usize::from(fields.u16()?);
            if count > SOFTDEVICES {
                return None;
            }
            let softdevices = (0..count).map(|_| fields.u16()).collect::<Option<_>>()?;
            let rest = fields.0.len();
            Some(Self {
                device_type,
                device_revision,
                application_version,
                softdevices,
                crc: if rest == 2 { fields.u16() } else { None },
            })
        })();
        packet.ok_or_else(|| "it is shorter than its fields".to_owned())
    }
}
