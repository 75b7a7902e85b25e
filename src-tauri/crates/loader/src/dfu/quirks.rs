//! What devices say wrongly of their memory, by their ids.

use firmdrop_link::UsbDevice;

use super::memory::Memory;
use crate::UsbIds;

/// `GigaDevice`'s GD32VF103.
const GD32VF103: (u16, u16) = (0x28E9, 0x0189);
const GD32VF103_SAID: u64 = 2048;
const GD32VF103_SECTOR: u64 = 1024;

/// Atmel's bootloaders: the ids that dfu-programmer lists for them (`arguments.c`), and those between.
const ATMEL: (u16, std::ops::RangeInclusive<u16>) = (0x03EB, 0x2FD6..=0x2FFF);

/// Why a device with an interface of this class cannot be loaded by its protocol; `None` when it can.
///
/// The blocks of Atmel's bootloaders, and of those that are compatible with them, begin with a command: bytes of an image
/// would be carried out (`qmk_firmware` #22050, dfu-programmer #59, #83).
pub(super) fn other_protocol(ids: UsbIds) -> Option<&'static str> {
    let (vendor, products) = ATMEL;
    (ids.vendor == vendor && products.contains(&ids.product)).then_some(
        "The reader has one of Atmel's bootloaders, which speak FLIP, a protocol of their own. Use dfu-programmer or FLIP for it.",
    )
}

/// Corrects a memory map that is known to be wrong.
///
/// The ROM of a GD32VF103 lists sectors of 2 KiB, and each erase empties 1 KiB: half of an image would be
/// written onto the old one (`qmk_toolbox` PR 376, gd32-dfu-utils #5, fwupd PR 2815).
pub(super) fn mend(device: &UsbDevice, memories: &mut [Memory]) {
    if (device.vendor, device.product) != GD32VF103 {
        return;
    }
    let groups = memories.iter_mut().flat_map(|memory| &mut memory.groups);
    for group in groups.filter(|group| group.is_erasable && group.sector_bytes == GD32VF103_SAID) {
        group.sectors *= GD32VF103_SAID / GD32VF103_SECTOR;
        group.sector_bytes = GD32VF103_SECTOR;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sectors_of_a_gd32vf103_are_half_of_what_it_says() {
        let device = |vendor| UsbDevice {
            vendor,
            product: 0x0189,
            release: 0x1000,
            port_chain: "1-1".into(),
            manufacturer: None,
            product_name: None,
            serial: None,
        };
        let mut memories = vec![Memory::read(0, "@Internal Flash  /0x08000000/512*002Kg").unwrap()];
        let end = memories[0].groups[0].end();
        mend(&device(0x0483), &mut memories);
        assert_eq!(memories[0].groups[0].sector_bytes, 2048);
        mend(&device(0x28E9), &mut memories);
        assert_eq!(memories[0].groups[0].sector_bytes, 1024);
        assert_eq!(memories[0].groups[0].end(), end);
    }
}
