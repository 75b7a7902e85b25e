//! UF2 families: their names, and whether all blocks of one are there.
//!
//! What the blocks write is not counted here.

use firmdrop_core::grouped;

use crate::bytes::address as place;
use crate::flaws::Flaws;
use crate::limits::{PLACES_NAMED, UF2_FILES};
use crate::registry;

const ABSOLUTE: u32 = 0xE48B_FF57;

/// Whether this is the single block 0 of 2 that Raspberry Pi's tools put in front because of erratum
/// RP2350-E10 (RP2350 data sheet). Its second block never comes.
pub(crate) fn is_workaround_block(id: Option<u32>, index: u32, count: u32) -> bool {
    (id, index, count) == (Some(ABSOLUTE), 0, 2)
}

/// Why the boot ROM of the chip does not take a block of flash: those of RP2040 and RP2350 write whole pages
/// (RP2040 data sheet, section 2.8.4.2; RP2350 data sheet, section 5.5.2).
pub(crate) fn refusal(id: Option<u32>, address: u32, length: usize) -> Option<String> {
    const FIRST: u32 = 0xE48B_FF56;
    const LAST: u32 = 0xE48B_FF5B;
    const PAGE: u32 = 256;
    let is_of_these = id.is_some_and(|id| (FIRST..=LAST).contains(&id));
    let is_page = length == PAGE as usize && address.is_multiple_of(PAGE);
    (is_of_these && !is_page).then(|| {
        format!(
            "has {length} bytes for {}",
            place(address.into()),
            length = grouped(length)
        )
    })
}

/// The registered name of a UF2 family, as an inspection gives it; otherwise its id.
pub fn family_name(id: u32) -> String {
    registry::uf2_family(id).map_or_else(|| format!("family {id:08X}"), str::to_owned)
}

/// The blocks of one family.
pub(crate) struct Family {
    /// Its id; `None` where blocks carry none.
    pub(crate) id: Option<u32>,
    /// Files whose blocks stand one behind the other, each with numbers of its own.
    files: Vec<Numbers>,
    flaws: Vec<String>,
    flaw_count: u64,
    again: Vec<String>,
    again_count: u64,
}

/// Which numbers of one file are there.
struct Numbers {
    /// How many blocks the first one announces. Zero is allowed, and says nothing.
    announced: u32,
    /// One bit for each block number that can be in the file.
    present: Vec<u64>,
    count: u32,
}

impl Numbers {
    fn has(&self, index: u32) -> bool {
        let word = self.present.get(index as usize / 64).copied();
        word.unwrap_or_default() >> (index % 64) & 1 == 1
    }

    /// Whether every announced block was seen.
    fn is_complete(&self) -> bool {
        self.announced != 0 && self.count == self.announced
    }

    /// Marks a number, and says whether it was there.
    fn mark(&mut self, index: u32) -> bool {
        let (word, bit) = (index as usize / 64, index % 64);
        if self.present.len() <= word {
            self.present.resize(word + 1, 0);
        }
        let Some(word) = self.present.get_mut(word) else {
            return false;
        };
        let was_there = *word >> bit & 1 == 1;
        *word |= 1 << bit;
        self.count += u32::from(!was_there);
        was_there
    }

    /// How many there should be: the announced ones, otherwise those up to the highest number.
    fn expected(&self) -> u32 {
        if self.announced != 0 {
            return self.announced;
        }
        let words = u32::try_from(self.present.len()).unwrap_or(u32::MAX);
        let last = self.present.last().copied().unwrap_or_default();
        (words * 64).saturating_sub(last.leading_zeros())
    }
}

impl Family {
    /// A family without blocks.
    pub(crate) fn new(id: Option<u32>) -> Self {
        Self {
            id,
            files: Vec::new(),
            flaws: Vec::new(),
            flaw_count: 0,
            again: Vec::new(),
            again_count: 0,
        }
    }

    /// Its registered name, otherwise its id.
    pub(crate) fn name(&self) -> Option<String> {
        let id = self.id?;
        Some(family_name(id))
    }

    /// Takes the block that is the `number`th of a file of `total` blocks.
    pub(crate) fn take(&mut self, number: u64, index: u32, count: u32, total: u64) {
        let begins = self
            .files
            .last()
            .is_none_or(|file| file.is_complete() && (index == 0 || count != file.announced));
        if begins && self.files.len() < UF2_FILES {
            self.files.push(Numbers {
                announced: count,
                present: Vec::new(),
                count: 0,
            });
        }
        let Some(file) = self.files.last_mut() else {
            return;
        };
        let announced = file.announced;
        let is_possible = (index < count || count == 0) && u64::from(index) < total;
        let was_there = is_possible && file.mark(index);
        if count != announced {
            self.flaw(format!(
                "block {number} of the file announces {count} blocks, the first one {announced}",
                count = grouped(count)
            ));
        }
        if !is_possible {
            self.flaw(format!(
                "block {number} of the file is number {index} of {count}"
            ));
        } else if was_there {
            self.again_count += 1;
            if self.again.len() < PLACES_NAMED {
                let text = format!("block {number} of the file is number {index} again");
                self.again.push(text);
            }
        }
    }

    fn flaw(&mut self, text: String) {
        self.flaw_count += 1;
        if self.flaws.len() < PLACES_NAMED {
            self.flaws.push(text);
        }
    }

    /// Adds what is wrong with the numbers to `flaws`, and what is unusual and no damage to `noted`. Blocks
    /// without a family, and files of a container, count in the numbers of the whole file.
    pub(crate) fn check(&self, families: &[Self], flaws: &mut Flaws, noted: &mut Flaws) {
        let name = self.name().unwrap_or_else(|| "without a family".to_owned());
        let add = |to: &mut Flaws, named: &[String], count: u64| {
            for text in named {
                to.add(|| format!("{name}: {text}"));
            }
            for _ in named.len() as u64..count {
                to.add(String::new);
            }
        };
        add(flaws, &self.flaws, self.flaw_count);
        add(noted, &self.again, self.again_count);
        if self.files.len() > 1 {
            let counts = self.files.iter().map(|file| file.expected().to_string());
            let counts: Vec<_> = counts.take(PLACES_NAMED).collect();
            let more = if self.files.len() > counts.len() {
                ", …"
            } else {
                ""
            };
            noted.add(|| {
                format!(
                    "{name}: {} files stand one behind the other, each with its own numbers ({}{more} blocks). Some bootloaders stop after the first",
                    self.files.len(),
                    counts.join(", ")
                )
            });
        }
        for file in &self.files {
            if file.announced == 0 {
                noted.add(|| format!("{name}: no block says how many there are"));
            }
            self.missing(file, families, &name, flaws);
        }
    }

    fn missing(&self, file: &Numbers, families: &[Self], name: &str, flaws: &mut Flaws) {
        let others = || {
            let shares = |other: &&Self| self.id.is_none() || other.id.is_none();
            let files = families
                .iter()
                .filter(shares)
                .flat_map(|other| &other.files);
            files.filter(|other| other.announced == file.announced)
        };
        let expected = file.expected();
        // The search ends at the latest after the blocks there are.
        let missing =
            (0..expected).find(|index| !file.has(*index) && !others().any(|o| o.has(*index)));
        if let Some(missing) = missing {
            flaws.add(|| {
                format!(
                    "{name}: {expected} blocks are announced, number {missing} is missing",
                    expected = grouped(expected)
                )
            });
        }
    }
}
