//! The memory of a pretend device: areas of sectors, as its texts list them.

use std::collections::BTreeMap;

/// What flash holds where nothing was written.
const ERASED: u8 = 0xFF;

/// A run of equal sectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sectors {
    pub(super) begin: u64,
    pub(super) size: u64,
    pub(super) count: u64,
    pub(super) erases: bool,
    pub(super) writes: bool,
}

impl Sectors {
    fn end(&self) -> u64 {
        self.begin + self.size * self.count
    }

    fn holds(&self, address: u64) -> bool {
        (self.begin..self.end()).contains(&address)
    }

    fn sector_of(&self, address: u64) -> u64 {
        self.begin + (address - self.begin) / self.size * self.size
    }
}

/// The areas that a text such as `@Flash /0x08000000/04*016Kg` lists: UM0424, 10.3.2.
pub(super) fn areas(text: &str) -> Vec<Sectors> {
    let mut parts = text.split('/');
    parts.next();
    let mut all = Vec::new();
    while let (Some(address), Some(list)) = (parts.next(), parts.next()) {
        let Ok(mut begin) = u64::from_str_radix(address.trim().trim_start_matches("0x"), 16) else {
            break;
        };
        for group in list.split(',') {
            let Some((count, rest)) = group.split_once('*') else {
                break;
            };
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let mut letters = rest.chars().skip(digits.len());
            let factor = match letters.next() {
                Some('K') => 1024,
                Some('M') => 1024 * 1024,
                _ => 1,
            };
            let kind = letters.next().map_or(0, |letter| letter as u32 & 7);
            let sectors = Sectors {
                begin,
                size: digits.parse::<u64>().unwrap_or(1) * factor,
                count: count.trim().parse().unwrap_or(0),
                erases: kind & 2 != 0,
                writes: kind & 4 != 0,
            };
            begin = sectors.end();
            all.push(sectors);
        }
    }
    all
}

/// Memory by addresses.
#[derive(Debug, Clone, Default)]
pub(super) struct Flash {
    areas: Vec<Sectors>,
    /// What was written, by the beginning of its sector.
    sectors: BTreeMap<u64, Vec<u8>>,
}

/// Why memory was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no such memory.
    NoMemory,
    /// It may not be changed this way.
    NotAllowed,
    /// It was not erased before.
    NotErased,
}

impl Flash {
    pub(super) fn new(areas: Vec<Sectors>) -> Self {
        Self {
            areas,
            sectors: BTreeMap::new(),
        }
    }

    fn area(&self, address: u64) -> Result<Sectors, Refusal> {
        let found = self.areas.iter().find(|area| area.holds(address));
        found.copied().ok_or(Refusal::NoMemory)
    }

    pub(super) fn erase(&mut self, address: u64) -> Result<(), Refusal> {
        let area = self.area(address)?;
        if !area.erases {
            return Err(Refusal::NotAllowed);
        }
        self.sectors.remove(&area.sector_of(address));
        Ok(())
    }

    pub(super) fn erase_all(&mut self) {
        let areas = &self.areas;
        let is_erased = |begin: u64| areas.iter().any(|area| area.erases && area.holds(begin));
        self.sectors.retain(|begin, _| !is_erased(*begin));
    }

    pub(super) fn write(&mut self, address: u64, data: &[u8]) -> Result<(), Refusal> {
        for (at, byte) in (address..).zip(data) {
            let area = self.area(at)?;
            if !area.writes {
                return Err(Refusal::NotAllowed);
            }
            let begin = area.sector_of(at);
            let length = usize::try_from(area.size).unwrap_or(usize::MAX);
            let sector = self.sectors.entry(begin);
            let sector = sector.or_insert_with(|| vec![ERASED; length]);
            let Some(there) = sector.get_mut(into(at, begin)) else {
                return Err(Refusal::NoMemory);
            };
            // A programmed bit stays 0 until its sector is erased; the filler changes nothing.
            if area.erases && *there & byte != *byte {
                return Err(Refusal::NotErased);
            }
            *there = *byte;
        }
        Ok(())
    }

    /// Bytes from an address; fewer at the end of its memory.
    pub(super) fn read(&self, address: u64, count: usize) -> Vec<u8> {
        (address..)
            .take(count)
            .map_while(|at| self.byte(at))
            .collect()
    }

    fn byte(&self, at: u64) -> Option<u8> {
        let begin = self.area(at).ok()?.sector_of(at);
        let sector = self.sectors.get(&begin);
        let byte = sector.and_then(|sector| sector.get(into(at, begin)));
        Some(byte.copied().unwrap_or(ERASED))
    }
}

/// Where in its sector an address is.
fn into(at: u64, begin: u64) -> usize {
    usize::try_from(at - begin).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sectors_follow_each_other_in_the_order_of_the_text() {
        let areas = areas("@Internal Flash  /0x08000000/04*016Kg,01*064Kg/0x1FFFF800/01*016 e");
        let found: Vec<_> = areas.iter().map(|a| (a.begin, a.size, a.count)).collect();
        assert_eq!(
            found,
            [
                (0x0800_0000, 16_384, 4),
                (0x0801_0000, 65_536, 1),
                (0x1FFF_F800, 16, 1)
            ]
        );
        assert!(areas[0].erases && areas[0].writes);
        assert!(!areas[2].erases && areas[2].writes);
    }

    #[test]
    fn flash_is_erased_by_sectors_and_written_once() {
        let mut flash = Flash::new(areas("@F /0x1000/02*256Bg,01*256Ba"));
        flash.write(0x1010, &[1, 2, 3]).unwrap();
        assert_eq!(flash.read(0x100F, 5), [0xFF, 1, 2, 3, 0xFF]);
        assert_eq!(flash.write(0x1010, &[4]), Err(Refusal::NotErased));
        flash.erase(0x10F0).unwrap();
        flash.write(0x1010, &[4]).unwrap();
        assert_eq!(flash.write(0x1200, &[4]), Err(Refusal::NotAllowed));
        assert_eq!(flash.erase(0x2000), Err(Refusal::NoMemory));
        assert_eq!(flash.read(0x12FE, 9).len(), 2);
    }
}
