//! UF2 families: their names, and whether all blocks of one are there.
//!
//! What the blocks write is not counted here.

use crate::flaws::Flaws;
use crate::limits::PLACES_NAMED;
use crate::registry;

const ABSOLUTE: u32 = 0xE48B_FF57;

/// Whether this is the single block 0 of 2 that Raspberry Pi's tools put in front because of erratum
/// RP2350-E10 (RP2350 data sheet). Its second block never comes.
pub(crate) fn is_workaround_block(id: Option<u32>, index: u32, count: u32) -> bool {
    (id, index, count) == (Some(ABSOLUTE), 0, 2)
}

/// A family's registered name, otherwise its id.
pub(crate) fn family_name(id: u32) -> String {
    registry::uf2_family(id).map_or_else(|| format!("family {id:08X}"), str::to_owned)
}

/// The blocks of one family.
pub(crate) struct Family {
    /// Its id; `None` where blocks carry none.
    pub(crate) id: Option<u32>,
    announced: Option<u32>,
    /// One bit for each block number that can be in the file.
    present: Vec<u64>,
    flaws: Vec<String>,
    flaw_count: u64,
    again: Vec<String>,
    again_count: u64,
}

impl Family {
    /// A family without blocks.
    pub(crate) fn new(id: Option<u32>) -> Self {
        Self {
            id,
            announced: None,
            present: Vec::new(),
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
        let announced = *self.announced.get_or_insert(count);
        if count != announced {
            self.flaw(format!(
                "block {number} of the file announces {count} blocks, the first one {announced}"
            ));
        }
        if index >= count || u64::from(index) >= total {
            self.flaw(format!(
                "block {number} of the file is number {index} of {count}"
            ));
            return;
        }
        let (word, bit) = (index as usize / 64, index % 64);
        if self.present.len() <= word {
            self.present.resize(word + 1, 0);
        }
        if let Some(word) = self.present.get_mut(word) {
            if *word >> bit & 1 == 1 {
                self.again_count += 1;
                if self.again.len() < PLACES_NAMED {
                    let text = format!("block {number} of the file is number {index} again");
                    self.again.push(text);
                }
            } else {
                *word |= 1 << bit;
            }
        }
    }

    fn flaw(&mut self, text: String) {
        self.flaw_count += 1;
        if self.flaws.len() < PLACES_NAMED {
            self.flaws.push(text);
        }
    }

    /// Adds what is wrong with the numbers to `flaws`, and numbers that are there more than once to
    /// `again`. Blocks without a family, and files of a container, count in the numbers of the whole file.
    pub(crate) fn check(&self, families: &[Self], flaws: &mut Flaws, again: &mut Flaws) {
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
        add(again, &self.again, self.again_count);
        let announced = self.announced.unwrap_or_default();
        let shares = |other: &&Self| {
            other.announced == self.announced && (self.id.is_none() || other.id.is_none())
        };
        let has = |family: &Self, index: u32| {
            let word = family.present.get(index as usize / 64).copied();
            word.unwrap_or_default() >> (index % 64) & 1 == 1
        };
        // The search ends at the latest after the blocks there are.
        let missing = (0..announced).find(|index| {
            !has(self, *index)
                && !families
                    .iter()
                    .filter(shares)
                    .any(|other| has(other, *index))
        });
        if let Some(missing) = missing {
            flaws.add(|| {
                format!("{name}: {announced} blocks are announced, number {missing} is missing")
            });
        }
    }
}
