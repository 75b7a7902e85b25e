//! Nordic DFU packages: a zip archive with firmware and an init packet for each part.
//!
//! Form of Nordic's `nrfutil` (secure) and of Adafruit's `adafruit-nrfutil` (legacy). Whether a
//! device takes a version is judged by the device.

use std::collections::BTreeMap;

use crc::{CRC_16_IBM_3740, Crc};
use firmdrop_core::{Sha256Hasher, grouped};
use serde_json::{Map, Value};

use crate::archive::Archive;
use crate::bytes::{hex, shown};
use crate::format::nordic_init_packet::{InitPacket, LegacyPacket};
use crate::limits::ARCHIVE_SMALL_ENTRY_BYTES;
use crate::{CheckResult, Format, ImageError, Inspection, Signature};

/// Parts in the order in which they must be delivered: the application runs on the others.
pub(crate) const PARTS: [(&str, &str); 4] = [
    ("softdevice_bootloader", "SoftDevice and bootloader"),
    ("softdevice", "SoftDevice"),
    ("bootloader", "bootloader"),
    ("application", "application"),
];

/// `HASH_TYPE_SHA256` of `dfu-cc.proto`.
const HASH_SHA256: u64 = 3;

/// Any version, in legacy packets.
const ANY: u16 = 0xFFFF;

const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);

/// Whether a manifest lists a part of such a package. Web pages and browser extensions have a file of this
/// name as well.
pub(crate) fn has_parts(manifest: &Map<String, Value>) -> bool {
    PARTS.iter().any(|(key, _)| manifest.contains_key(*key))
}

/// Describes a package whose manifest lists `parts`.
pub(crate) fn inspect(
    size_bytes: u64,
    archive: &mut Archive<'_>,
    parts: &Map<String, Value>,
) -> Result<Inspection, ImageError> {
    let mut package = Package {
        archive,
        inspection: Inspection::new(Format::NordicPackage, size_bytes),
        signatures: Vec::new(),
        firmware: BTreeMap::new(),
        packets: BTreeMap::new(),
    };
    let legacy_version = parts.get("dfu_version");
    let mut names = Vec::new();
    for (key, title) in PARTS {
        if let Some(part) = parts.get(key) {
            let legacy = part.get("init_packet_data").is_some() || legacy_version.is_some();
            package.part(title, part, legacy)?;
            names.push(title);
        }
    }
    let Package {
        mut inspection,
        signatures,
        ..
    } = package;
    if let Some(version) = legacy_version {
        inspection.fact("Legacy DFU", version.to_string());
    }
    inspection.summary = format!("Nordic DFU package: {}", names.join(", "));
    // A package is signed when all its parts are.
    let unsigned = signatures.iter().position(Option::is_none);
    inspection.signature = match (signatures.first(), unsigned) {
        (Some(Some(algorithm)), None) => Signature::Present {
            algorithm: (*algorithm).to_owned(),
            key_hash: None,
        },
        _ => Signature::Absent,
    };
    Ok(inspection)
}

struct Package<'a, 'b> {
    archive: &'a mut Archive<'b>,
    inspection: Inspection,
    signatures: Vec<Option<&'static str>>,
    /// Firmware files unpacked so far: several parts may name one file, and each is unpacked once.
    firmware: BTreeMap<String, Result<Firmware, String>>,
    /// Init packets unpacked so far.
    packets: BTreeMap<String, Result<Vec<u8>, String>>,
}

/// What was computed while a part's firmware was unpacked.
#[derive(Debug, Clone, Copy)]
struct Firmware {
    size_bytes: u64,
    sha256: [u8; 32],
    crc16: u16,
}

impl Package<'_, '_> {
    fn part(&mut self, title: &str, part: &Value, legacy: bool) -> Result<(), ImageError> {
        let file = |key| part.get(key).and_then(Value::as_str);
        let (Some(bin), Some(dat)) = (file("bin_file"), file("dat_file")) else {
            let why = format!("the {title} names no bin_file or no dat_file");
            self.inspection.check("Manifest", CheckResult::Failed, why);
            self.signatures.push(None);
            return Ok(());
        };
        let firmware = self.firmware(bin)?;
        let packet = self.packet(dat)?;
        let name = format!("Files of the {title}");
        let (firmware, packet) = match (firmware, packet) {
            (Ok(firmware), Ok(packet)) => (firmware, packet),
            (Err(why), _) | (_, Err(why)) => {
                self.inspection.check(&name, CheckResult::Failed, why);
                self.signatures.push(None);
                return Ok(());
            }
        };
        let why = format!(
            "{} and {} are whole",
            shown(bin.as_bytes()),
            shown(dat.as_bytes())
        );
        self.inspection.check(&name, CheckResult::Passed, why);
        self.inspection.segment(title, None, firmware.size_bytes);
        let read = if legacy {
            LegacyPacket::parse(&packet).map(|packet| self.legacy(title, &packet, part, &firmware))
        } else {
            InitPacket::parse(&packet).map(|packet| self.secure(title, &packet, &firmware))
        };
        if let Err(why) = read {
            let why = format!("{}: {why}", shown(dat.as_bytes()));
            let name = format!("Init packet of the {title}");
            self.inspection.check(&name, CheckResult::Failed, why);
            self.signatures.push(None);
        }
        Ok(())
    }

    fn packet(&mut self, name: &str) -> Result<Result<Vec<u8>, String>, ImageError> {
        if let Some(known) = self.packets.get(name) {
            return Ok(known.clone());
        }
        let packet = self.archive.read(name, ARCHIVE_SMALL_ENTRY_BYTES)?;
        self.packets.insert(name.to_owned(), packet.clone());
        Ok(packet)
    }

    fn firmware(&mut self, name: &str) -> Result<Result<Firmware, String>, ImageError> {
        if let Some(known) = self.firmware.get(name) {
            return Ok(known.clone());
        }
        let mut sha256 = Sha256Hasher::default();
        let mut crc16 = CRC.digest();
        let outcome = self.archive.unpack(name, &mut |piece| {
            sha256.update(piece);
            crc16.update(piece);
        })?;
        let firmware = outcome.map(|size_bytes| Firmware {
            size_bytes,
            sha256: *sha256.finish().as_bytes(),
            crc16: crc16.finalize(),
        });
        self.firmware.insert(name.to_owned(), firmware.clone());
        Ok(firmware)
    }

    fn secure(&mut self, title: &str, packet: &InitPacket, firmware: &Firmware) {
        self.signatures.push(packet.signature);
        let inspection = &mut self.inspection;
        if let Some(version) = packet.firmware_version {
            inspection.identity.version = Some(version.to_string());
            inspection.fact(format!("Version of the {title}"), version.to_string());
        }
        if let Some(version) = packet.hardware_version {
            inspection.identity.target = Some(format!("hardware version {version}"));
        }
        if !packet.softdevices.is_empty() {
            let ids: Vec<_> = packet
                .softdevices
                .iter()
                .map(|id| format!("0x{id:02X}"))
                .collect();
            inspection.fact(format!("SoftDevices the {title} needs"), ids.join(", "));
        }
        let kind = match packet.kind {
            None | Some(0) => "application",
            Some(1) => "SoftDevice",
            Some(2) => "bootloader",
            Some(3) => "SoftDevice and bootloader",
            Some(4) => "external application",
            Some(_) => "unknown",
        };
        inspection.fact(format!("Kind of the {title}"), kind);
        if packet.debug {
            inspection.fact(format!("Debug mark of the {title}"), "set");
        }
        let said = packet.firmware_bytes();
        let size = if said == firmware.size_bytes {
            Ok(format!(
                "{said} bytes, as the init packet says",
                said = grouped(said)
            ))
        } else {
            Err(format!(
                "the init packet says {said} bytes, the firmware has {}",
                grouped(firmware.size_bytes),
                said = grouped(said)
            ))
        };
        inspection.verdict(&format!("Size of the {title}"), size);
        check_hash(inspection, title, packet, firmware);
    }

    fn legacy(&mut self, title: &str, packet: &LegacyPacket, part: &Value, firmware: &Firmware) {
        self.signatures.push(None);
        let inspection = &mut self.inspection;
        let version = packet.application_version;
        if version != u32::MAX {
            inspection.identity.version = Some(version.to_string());
        }
        let id = |value| match value {
            ANY => "any".to_owned(),
            value => format!("0x{value:04X}"),
        };
        inspection.identity.target = Some(format!(
            "device type {}, revision {}",
            id(packet.device_type),
            id(packet.device_revision)
        ));
        let ids: Vec<_> = packet
            .softdevices
            .iter()
            .map(|value| format!("0x{value:04X}"))
            .collect();
        if !ids.is_empty() {
            inspection.fact(format!("SoftDevices the {title} needs"), ids.join(", "));
        }
        let listed = part
            .pointer("/init_packet_data/firmware_crc16")
            .and_then(Value::as_u64);
        let said = packet.crc.map(u64::from).or(listed);
        let name = format!("CRC of the {title}");
        let Some(said) = said else {
            let why = "the init packet carries none";
            inspection.check(&name, CheckResult::NotMade, why);
            return;
        };
        let found = u64::from(firmware.crc16);
        let crc = if said != found {
            Err(format!(
                "the init packet says CRC-16 {said:04X}, the firmware gives {found:04X}"
            ))
        } else if listed.is_some_and(|listed| listed != said) {
            Err("manifest and init packet say different CRCs".to_owned())
        } else {
            Ok(format!("CRC-16 {found:04X}, recomputed here"))
        };
        inspection.verdict(&name, crc);
    }
}

/// The hash is SHA-256 of the firmware, stored with its bytes in reverse.
fn check_hash(inspection: &mut Inspection, title: &str, packet: &InitPacket, firmware: &Firmware) {
    let name = format!("Hash of the {title}");
    let Some((HASH_SHA256, stored)) = &packet.hash else {
        let why = "the init packet carries no SHA-256";
        inspection.check(&name, CheckResult::NotMade, why);
        return;
    };
    let said: Vec<u8> = stored.iter().rev().copied().collect();
    let hash = if said == firmware.sha256 {
        Ok("SHA-256 over the firmware, recomputed here".to_owned())
    } else {
        Err(format!(
            "the init packet says SHA-256 {}, the firmware gives {}",
            hex(said.get(..32).unwrap_or(&said)),
            hex(&firmware.sha256)
        ))
    };
    inspection.verdict(&name, hash);
}

#[cfg(test)]
#[path = "nordic_package_tests.rs"]
mod tests;
