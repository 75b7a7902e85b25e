//! The DFU interface in a configuration: its alternate settings and its functional descriptor. No I/O.
//!
//! Layout of USB 2.0, 9.6, and DFU 1.1, 4.1 and 4.2. The bytes are foreign: a length that does not fit ends
//! the reading.

/// Class and subclass of the interface, table 4.1.
const CLASS: [u8; 2] = [0xFE, 0x01];
/// Protocol of the bootloader's interface, table 4.4. Everything else is taken for run-time.
const BOOTLOADER_PROTOCOL: u8 = 2;
const INTERFACE_DESCRIPTOR: u8 = 4;
/// The functional descriptor. A human interface has one of the same number.
const FUNCTIONAL_DESCRIPTOR: u8 = 0x21;
/// DFU 1.0 has no version in it.
const SHORTEST_FUNCTIONAL_BYTES: usize = 7;
/// Versions that are in use.
const VERSIONS: [u16; 4] = [0x0100, 0x0101, 0x0110, ST_VERSION];
/// Class of human interfaces.
const HUMAN_INTERFACE: u8 = 3;
/// ST's extensions, UM0424, table 10.
const ST_VERSION: u16 = 0x011A;

/// What a device can do, table 4.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "bits of a descriptor do not exclude each other"
)]
pub(super) struct Functional {
    pub(super) can_download: bool,
    pub(super) can_upload: bool,
    pub(super) will_detach: bool,
    /// It says that it neither answers nor leaves the bus after it stored an image: the host resets it then. DFU 1.1,
    /// 7 and A.1.
    pub(super) waits_for_reset: bool,
    pub(super) detach_milliseconds: u16,
    /// As the device says it: 0 and more than a system transfers occur.
    pub(super) transfer_bytes: u16,
    pub(super) version: u16,
    /// The device said all of this; otherwise it is assumed.
    pub(super) is_described: bool,
}

impl Default for Functional {
    /// What is assumed of a device without such a descriptor.
    fn default() -> Self {
        Self {
            can_download: true,
            can_upload: false,
            will_detach: false,
            waits_for_reset: false,
            detach_milliseconds: 1000,
            transfer_bytes: 0,
            version: 0x0100,
            is_described: false,
        }
    }
}

/// One alternate setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alternate {
    pub(super) number: u8,
    /// Number of its name; 0 is none.
    pub(super) text: u8,
}

/// The DFU interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) number: u8,
    /// Its own word: the bootloader's interface.
    pub(super) is_bootloader: bool,
    pub(super) alternates: Vec<Alternate>,
    pub(super) functional: Functional,
}

impl Interface {
    /// Number of the alternate setting of the first image, where one has to be chosen: an only one with number 0 is left
    /// alone, and an only one with another number has others of another kind beside it (devanlai/dapboot PR 43).
    pub(super) fn first_alternate(&self) -> Option<u8> {
        let first = self.alternates.first()?.number;
        (self.alternates.len() > 1 || first != 0).then_some(first)
    }

    /// Whether it speaks ST's extensions.
    pub(super) fn is_st(&self) -> bool {
        self.functional.version == ST_VERSION
    }
}

/// The interface of a configuration; that of a bootloader comes first.
pub(super) fn find(configuration: &[u8]) -> Option<Interface> {
    let all = all(configuration);
    let bootloader = all.iter().find(|one| one.is_bootloader);
    bootloader.or_else(|| all.first()).cloned()
}

fn all(configuration: &[u8]) -> Vec<Interface> {
    let mut all: Vec<Interface> = Vec::new();
    // The interface the next functional descriptor belongs to.
    let mut current: Option<usize> = None;
    // One that stands in front of every interface, or behind one of another class.
    let mut stray: Option<Functional> = None;
    let mut is_human = false;
    let mut rest = configuration;
    while let [length, kind, ..] = *rest {
        let length = usize::from(length);
        let Some((descriptor, tail)) = rest.split_at_checked(length).filter(|_| length >= 2) else {
            break;
        };
        rest = tail;
        match (kind, descriptor) {
            (
                INTERFACE_DESCRIPTOR,
                [_, _, number, alternate, _, class, sub, protocol, text, ..],
            ) if [*class, *sub] == CLASS => {
                let is_bootloader = *protocol == BOOTLOADER_PROTOCOL;
                let alternate = Alternate {
                    number: *alternate,
                    text: *text,
                };
                let known = all.iter().position(|one| one.number == *number);
                match known.and_then(|index| all.get_mut(index)) {
                    Some(one) => one.alternates.push(alternate),
                    None => all.push(Interface {
                        number: *number,
                        is_bootloader,
                        alternates: vec![alternate],
                        functional: Functional::default(),
                    }),
                }
                current = known.or(all.len().checked_sub(1));
            }
            (INTERFACE_DESCRIPTOR, _) => {
                current = None;
                is_human = descriptor.get(5) == Some(&HUMAN_INTERFACE);
            }
            (FUNCTIONAL_DESCRIPTOR, _) => {
                let one = current.and_then(|index| all.get_mut(index));
                match (one, functional(descriptor)) {
                    (Some(one), Some(functional)) => one.functional = functional,
                    (None, Some(functional)) if !is_human && is_whole(descriptor) => {
                        stray.get_or_insert(functional);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    if let Some(stray) = stray {
        let mut without = all.iter_mut().filter(|one| !one.functional.is_described);
        if let (Some(one), None) = (without.next(), without.next()) {
            one.functional = stray;
        }
    }
    all
}

/// Whether a descriptor that does not stand where it belongs is one of this class all the same: of its length, with a
/// version that is in use.
fn is_whole(bytes: &[u8]) -> bool {
    let version = bytes.get(7..9).and_then(|bytes| bytes.first_chunk::<2>());
    let version = version.map(|bytes| u16::from_le_bytes(*bytes));
    bytes.len() == 9 && version.is_some_and(|version| VERSIONS.contains(&version))
}

fn functional(bytes: &[u8]) -> Option<Functional> {
    let [
        _,
        _,
        attributes,
        detach_low,
        detach_high,
        size_low,
        size_high,
    ] = *bytes.first_chunk::<SHORTEST_FUNCTIONAL_BYTES>()?;
    let version = bytes.get(7..9).and_then(|bytes| bytes.first_chunk::<2>());
    Some(Functional {
        can_download: attributes & 1 != 0,
        can_upload: attributes & 2 != 0,
        will_detach: attributes & 8 != 0,
        waits_for_reset: attributes & (4 | 8) == 0,
        detach_milliseconds: u16::from_le_bytes([detach_low, detach_high]),
        transfer_bytes: u16::from_le_bytes([size_low, size_high]),
        version: version.map_or(0x0100, |bytes| u16::from_le_bytes(*bytes)),
        is_described: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEAD: [u8; 9] = [9, 2, 0, 0, 1, 1, 0, 0x80, 50];

    fn configuration(parts: &[&[u8]]) -> Vec<u8> {
        HEAD.iter()
            .chain(parts.iter().copied().flatten())
            .copied()
            .collect()
    }

    #[test]
    fn alternates_and_what_the_device_can_do_are_read() {
        let bytes = configuration(&[
            &[9, 4, 0, 0, 0, 0xFE, 1, 2, 4],
            &[9, 4, 0, 1, 0, 0xFE, 1, 2, 5],
            &[9, 0x21, 0x0B, 0xFF, 0x00, 0x00, 0x08, 0x1A, 0x01],
        ]);
        let found = find(&bytes).unwrap();
        assert!(found.is_bootloader && found.is_st());
        let texts: Vec<_> = found.alternates.iter().map(|one| one.text).collect();
        assert_eq!(texts, [4, 5]);
        assert_eq!(found.functional.transfer_bytes, 2048);
        assert!(found.functional.can_upload);
    }

    #[test]
    fn only_a_descriptor_says_that_a_device_waits_for_a_reset() {
        const INTERFACE: &[u8] = &[9, 4, 0, 0, 0, 0xFE, 1, 2, 4];
        for (attributes, waits) in [(0x01, true), (0x03, true), (0x05, false), (0x09, false)] {
            let functional = [9, 0x21, attributes, 0xFF, 0x00, 0x00, 0x08, 0x10, 0x01];
            let found = find(&configuration(&[INTERFACE, &functional])).unwrap();
            assert_eq!(found.functional.waits_for_reset, waits, "{attributes:#x}");
        }
        let silent = find(&configuration(&[INTERFACE])).unwrap();
        assert!(!silent.functional.waits_for_reset);
    }

    // betaflight-configurator PR 5300: the descriptor of a human interface has the same number.
    #[test]
    fn the_descriptor_of_a_human_interface_is_not_taken_for_it() {
        let bytes = configuration(&[
            &[9, 4, 0, 0, 0, 0xFE, 1, 1, 0],
            &[7, 0x21, 0x09, 0xE8, 0x03, 0x40, 0x00],
            &[9, 4, 1, 0, 0, 3, 0, 0, 0],
            &[9, 0x21, 0x11, 0x01, 0, 1, 0x22, 63, 0],
        ]);
        let found = find(&bytes).unwrap();
        assert!(!found.is_bootloader);
        assert_eq!(found.functional.transfer_bytes, 64);
        assert_eq!(found.functional.version, 0x0100);
    }

    // fwupd #1152, PR 1153: a dock with other interfaces in front, and descriptors of its maker behind the interface.
    #[test]
    fn descriptors_of_a_maker_between_interface_and_functional_descriptor_are_passed_over() {
        let bytes = configuration(&[
            &[9, 4, 0, 0, 1, 1, 2, 0, 0],
            &[8, 37, 1, 0, 0, 0, 0, 0],
            &[9, 4, 6, 0, 0, 0xFE, 1, 1, 0],
            &[5, 0xFF, 1, 2, 3],
            &[12, 0x21, 0x0B, 0xE8, 0x03, 0x00, 0x04, 0x10, 0x01, 7, 7, 7],
            &[9, 0x21, 0x0B],
        ]);
        let found = find(&bytes).unwrap();
        assert_eq!((found.number, found.is_bootloader), (6, false));
        assert_eq!(found.functional.transfer_bytes, 1024);
        assert_eq!(found.functional.version, 0x0110);
    }

    // dfu-util looks for it in front of the interfaces too; a composite device may have it behind another interface.
    #[test]
    fn a_functional_descriptor_in_the_wrong_place_is_found_unless_it_is_of_a_human_interface() {
        const DFU: &[u8] = &[9, 4, 3, 0, 0, 0xFE, 1, 2, 4];
        const COMMUNICATION: &[u8] = &[9, 4, 0, 0, 1, 2, 2, 1, 0];
        const HUMAN: &[u8] = &[9, 4, 1, 0, 1, 3, 0, 0, 0];
        const FUNCTIONAL: &[u8] = &[9, 0x21, 0x0B, 0xFF, 0x00, 0x00, 0x08, 0x1A, 0x01];
        const OF_ANOTHER_VERSION: &[u8] = &[9, 0x21, 0x11, 0x01, 0, 1, 0x22, 63, 0];
        const CARD_READER: &[u8] = &[54, 0x21];
        let card_reader = [CARD_READER, &[0; 52]].concat();
        for (parts, is_found) in [
            (&[FUNCTIONAL, COMMUNICATION, DFU][..], true),
            (&[DFU, COMMUNICATION, FUNCTIONAL], true),
            (&[COMMUNICATION, FUNCTIONAL, DFU], true),
            (&[HUMAN, FUNCTIONAL, DFU], false),
            (&[COMMUNICATION, OF_ANOTHER_VERSION, DFU], false),
            (&[COMMUNICATION, &card_reader, DFU], false),
            (&[DFU], false),
        ] {
            let found = find(&configuration(parts)).unwrap();
            assert_eq!(found.number, 3);
            assert_eq!(
                (found.is_st(), found.functional.is_described),
                (is_found, is_found)
            );
        }
    }

    #[test]
    fn a_configuration_without_such_an_interface_has_none() {
        assert_eq!(find(&configuration(&[&[9, 4, 0, 0, 0, 3, 0, 0, 0]])), None);
        assert_eq!(find(&[]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = find(&bytes);
        }
    }
}
