//! The memory of a device with ST's extensions, as the name of an alternate setting lists it. No I/O.
//!
//! `@Internal Flash  /0x08000000/04*016Kg,01*064Kg`: a name, an address, and groups of equal sectors with what
//! may be done with them (UM0424, 10.3.2). Several addresses may follow each other.

/// Groups that are read. Known devices list at most eight.
const MOST_GROUPS: usize = 64;
/// Addresses of the bus have 32 bits.
const END: u64 = 1 << 32;

/// Equal sectors behind each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) begin: u64,
    pub(super) sector_bytes: u64,
    pub(super) sectors: u64,
    pub(super) is_readable: bool,
    pub(super) is_erasable: bool,
    pub(super) is_writable: bool,
}

impl Group {
    pub(super) fn end(&self) -> u64 {
        self.begin + self.sector_bytes * self.sectors
    }

    pub(super) fn holds(&self, address: u64) -> bool {
        (self.begin..self.end()).contains(&address)
    }

    /// Where the sector of an address of this group begins.
    pub(super) fn sector_of(&self, address: u64) -> u64 {
        let into = address.saturating_sub(self.begin);
        self.begin + into / self.sector_bytes * self.sector_bytes
    }
}

/// The memory behind one alternate setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) alternate: u8,
    pub(super) name: String,
    pub(super) groups: Vec<Group>,
}

impl Memory {
    /// Reads the name of an alternate setting. Whatever stands behind the last group that can be read is
    /// left out; without one there is no map.
    pub(super) fn read(alternate: u8, text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('@')?.split('/');
        let name = parts.next()?.trim().to_owned();
        let mut groups: Vec<Group> = Vec::new();
        while let (Some(address), Some(list)) = (parts.next(), parts.next()) {
            let Some(mut begin) = hexadecimal(address) else {
                break;
            };
            for text in list.split(',') {
                let Some(group) = group(begin, text).filter(|_| groups.len() < MOST_GROUPS) else {
                    break;
                };
                begin = group.end();
                // Some list groups of no sectors (blackmagic's bootloader).
                if group.sectors > 0 {
                    groups.push(group);
                }
            }
        }
        (!groups.is_empty()).then_some(Self {
            alternate,
            name,
            groups,
        })
    }

    pub(super) fn group_at(&self, address: u64) -> Option<&Group> {
        self.groups.iter().find(|group| group.holds(address))
    }

    /// Whether it decides how the processor starts and protects itself, rather than what it runs.
    pub(super) fn is_option_bytes(&self) -> bool {
        self.name.to_ascii_lowercase().contains("option")
    }

    /// Where the first memory begins that can be erased and written.
    pub(super) fn first_writable(&self) -> Option<u64> {
        let flash = |group: &&Group| group.is_erasable && group.is_writable;
        self.groups.iter().find(flash).map(|group| group.begin)
    }
}

fn hexadecimal(text: &str) -> Option<u64> {
    let digits = text
        .trim()
        .trim_start_matches("0x")
        .trim_start_matches("0X");
    u64::from_str_radix(digits, 16)
        .ok()
        .filter(|address| *address < END)
}

/// `04*016Kg`: sectors, size, unit, kind. A blank or `B` is bytes; a unit may be missing.
fn group(begin: u64, text: &str) -> Option<Group> {
    let (sectors, rest) = text.split_once('*')?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (size, letters) = rest.split_at_checked(digits)?;
    let mut letters = letters.chars();
    let first = letters.next()?;
    let (factor, kind) = match first {
        ' ' | 'B' => (1, letters.next()?),
        'K' => (1024, letters.next()?),
        'M' => (1024 * 1024, letters.next()?),
        kind => (1, kind),
    };
    if !('a'..='g').contains(&kind) {
        return None;
    }
    // The three lowest bits of the letter.
    let bits = kind as u32 & 7;
    let sectors: u64 = sectors.trim().parse().ok()?;
    let size: u64 = size.parse().ok()?;
    let group = Group {
        begin,
        sector_bytes: size.checked_mul(factor)?,
        sectors,
        is_readable: bits & 1 != 0,
        is_erasable: bits & 2 != 0,
        is_writable: bits & 4 != 0,
    };
    let length = group.sector_bytes.checked_mul(sectors)?;
    (group.sector_bytes > 0 && begin.checked_add(length)? <= END).then_some(group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Memory {
        Memory::read(0, text).unwrap()
    }

    #[test]
    fn groups_follow_each_other_and_say_what_may_be_done() {
        let memory = read("@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg");
        assert_eq!(memory.name, "Internal Flash");
        let begins: Vec<_> = memory.groups.iter().map(|group| group.begin).collect();
        assert_eq!(begins, [0x0800_0000, 0x0801_0000, 0x0802_0000]);
        assert_eq!(memory.groups[2].end(), 0x0810_0000);
        let flash = memory.groups[0];
        assert!(flash.is_readable && flash.is_erasable && flash.is_writable);
        assert_eq!(flash.sector_of(0x0800_7FFF), 0x0800_4000);
        assert_eq!(memory.first_writable(), Some(0x0800_0000));
    }

    #[test]
    fn a_name_that_is_malformed_lists_what_is_whole_in_front_of_the_fault_or_nothing() {
        for nothing in [
            "@Internal Flash",
            "@Internal Flash  /0x08000000",
            "@Internal Flash  /0x08000000/",
            "@Internal Flash  /0x08000000/04*016K",
            "@Internal Flash  /0x08000000/04x016Kg",
            "@Internal Flash  /0x08000000/*016Kg",
            "@Internal Flash  /0x08000000/04*Kg",
            "@Internal Flash  /0x08000000/04*000Kg",
            "@Internal Flash  /0x108000000/04*016Kg",
            "@Internal Flash  /-8000000/04*016Kg",
            "@Internal Flash  /0x08000000/99999999999999999999*016Kg",
            "@Internal Flash  /0xFFFFFFFF/04*016Kg",
            "@Internal Flash  /0x08000000/04*016K\u{fffd}",
            "Internal Flash  /0x08000000/04*016Kg",
            "@/",
            "@",
            "",
        ] {
            assert_eq!(Memory::read(0, nothing), None, "{nothing:?}");
        }
        let cut = read("@Flash /0x08000000/04*016Kg,01*064");
        assert_eq!((cut.groups.len(), cut.groups[0].end()), (1, 0x0801_0000));
    }

    #[test]
    fn several_addresses_and_sizes_in_bytes_are_read() {
        let memory = read("@Option Bytes   /0x5200201C/01*300 e/0x1FFF7800/01*512 e,01*016 e");
        assert!(memory.is_option_bytes());
        assert_eq!(memory.groups.len(), 3);
        assert_eq!(memory.groups[0].end(), 0x5200_201C + 300);
        assert!(!memory.groups[0].is_erasable && memory.groups[0].is_writable);
        assert_eq!(memory.first_writable(), None);
        // DangerousPrototypes/bus_pirate_ng #5.
        let memory = read("@Internal Flash   /0x08000000/64*128Ba,448*128Bg");
        assert_eq!(memory.first_writable(), Some(0x0800_2000));
        assert!(!memory.groups[0].is_writable && memory.groups[0].is_readable);
    }

    // bigtreetech/BIGTREETECH-OCTOPUS-Pro #42: other letters behind the last group.
    #[test]
    fn what_stands_behind_the_last_group_is_left_out() {
        let memory = read("@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg챐ƨ⹔뺿䭼뛮컸");
        assert_eq!(memory.groups.len(), 3);
        let memory = read("@Flash /0x08000000/04*016Kg,xx/zz");
        assert_eq!(memory.groups.len(), 1);
    }

    // blackmagic #192 and its map: groups without sectors are left out, and what follows them counts.
    #[test]
    fn a_group_without_sectors_is_passed_over() {
        let memory = read("@Internal Flash   /0x08000000/0*001Ka,120*001Kg,000*001Kg");
        assert_eq!(memory.groups.len(), 1);
        assert_eq!(memory.first_writable(), Some(0x0800_0000));
    }

    #[test]
    fn what_is_no_map_is_none() {
        for text in [
            "Firmware",
            "@Flash",
            "@Flash /0x08000000",
            "@Flash /0x08000000/00*016Kg",
            "@Flash /0x08000000/04*000Kg",
            "@Flash /0x08000000/04*016Kz",
            "@Flash /0x1FFFFFFFF/04*016Kg",
            "@Flash /0xFFFFF000/04*016Kg",
            "@Flash /0x0/99999999999999999999*016Kg",
            "@Flash /0x0/4*9999999999999999999Mg",
        ] {
            assert_eq!(Memory::read(0, text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "@?[@a-gKMB0-9*/,x ]{0,60}") {
            if let Some(memory) = Memory::read(0, &text) {
                prop_assert!(memory.groups.iter().all(|group| group.end() <= END));
            }
        }
    }
}
