//! Descriptors of a pretend device: USB 2.0, 9.6, and DFU 1.1, 4.1 and 4.2.

use super::settings::{DfuSettings, FunctionalDescriptor, Identity};

/// Time in which a detached device waits for a reset, milliseconds.
const DETACH_MILLISECONDS: u16 = 1000;
const LANGUAGE: u16 = 0x0409;
/// Index of the first name of an alternate setting; 1 to 3 are manufacturer, product and serial number.
const FIRST_ALTERNATE: u8 = 4;

/// Whether the application or the bootloader shows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Application,
    Bootloader,
}

/// Who it is on the bus in this mode.
pub(super) fn identity(settings: &DfuSettings, mode: Mode) -> &Identity {
    match (mode, &settings.application) {
        (Mode::Application, Some(application)) => application,
        _ => &settings.bootloader,
    }
}

/// The device descriptor.
pub(super) fn device(settings: &DfuSettings, mode: Mode) -> Vec<u8> {
    let identity = identity(settings, mode);
    let mut bytes = vec![18, 1, 0x00, 0x02, 0, 0, 0, 64];
    for id in [identity.vendor, identity.product, identity.release] {
        bytes.extend(id.to_le_bytes());
    }
    let serial = if identity.serial.is_empty() { 0 } else { 3 };
    bytes.extend([1, 2, serial, 1]);
    bytes
}

/// The one configuration with its interface, its alternate settings and the functional descriptor.
pub(super) fn configuration(settings: &DfuSettings, mode: Mode) -> Vec<u8> {
    let mut functional = vec![9, 0x21, settings.attributes];
    functional.extend(DETACH_MILLISECONDS.to_le_bytes());
    functional.extend(settings.transfer_bytes.to_le_bytes());
    functional.extend(settings.dfu_version.to_le_bytes());
    let place = match mode {
        Mode::Application => FunctionalDescriptor::InItsPlace,
        Mode::Bootloader => settings.functional_descriptor,
    };
    let mut body = Vec::new();
    if place == FunctionalDescriptor::InFront {
        body.extend(&functional);
    }
    match mode {
        // A human interface beside it, whose own descriptor has the number of the functional one.
        Mode::Application => {
            body.extend([9, 4, 0, 0, 0, 3, 0, 0, 0]);
            body.extend([9, 0x21, 0x11, 0x01, 0, 1, 0x22, 63, 0]);
            body.extend([9, 4, 1, 0, 0, 0xFE, 1, 1, 0]);
        }
        Mode::Bootloader => {
            let others = settings.other_alternates;
            for number in 0..others {
                body.extend([9, 4, 0, number, 0, 0xFF, 0, 0, 0]);
            }
            for (alternate, _) in (0_u8..).zip(&settings.alternates) {
                let (number, text) = (others + alternate, FIRST_ALTERNATE + alternate);
                let protocol = settings.bootloader_protocol;
                body.extend([9, 4, 0, number, 0, 0xFE, 1, protocol, text]);
            }
        }
    }
    if place == FunctionalDescriptor::InItsPlace {
        body.extend(&functional);
    }
    let length = u16::try_from(9 + body.len()).unwrap_or(u16::MAX);
    let interfaces = if mode == Mode::Application { 2 } else { 1 };
    let mut bytes = vec![9, 2];
    bytes.extend(length.to_le_bytes());
    bytes.extend([interfaces, 1, 0, 0x80, 50]);
    bytes.extend(body);
    bytes
}

/// A text of the device.
pub(super) fn text(settings: &DfuSettings, mode: Mode, index: u8) -> Option<Vec<u8>> {
    let identity = identity(settings, mode);
    let text = match index {
        0 => {
            let [low, high] = LANGUAGE.to_le_bytes();
            return Some(vec![4, 3, low, high]);
        }
        1 => "Pretend Works",
        2 => &identity.name,
        3 if !identity.serial.is_empty() => &identity.serial,
        _ => {
            let alternate = usize::from(index.checked_sub(FIRST_ALTERNATE)?);
            settings.alternates.get(alternate)?
        }
    };
    let mut bytes = vec![0, 3];
    // A descriptor has at most 255 bytes, two for each letter.
    bytes.extend(text.encode_utf16().take(126).flat_map(u16::to_le_bytes));
    let length = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    if let Some(first) = bytes.first_mut() {
        *first = length;
    }
    Some(bytes)
}
