//! UF2 families: their names, and whether all blocks of one are there.
//!
//! Names of the registry `utils/uf2families.json` of `microsoft/uf2`.

use crate::text_records::Flaws;

const ABSOLUTE: u32 = 0xE48B_FF57;

const NAMES: &[(u32, &str)] = &[
    (0x00FF_6919, "STM32L4"),
    (0x1657_3617, "ATmega32"),
    (0x1B57_745F, "nRF52"),
    (0x1C5F_21B0, "ESP32"),
    (0x1E1F_432D, "STM32L1"),
    (0x202E_3A91, "STM32L0"),
    (0x2146_0FF0, "STM32WL"),
    (0x2ABC_77EC, "LPC55"),
    (0x300F_5633, "STM32G0"),
    (0x31D2_28C6, "GD32F350"),
    (0x4C71_240A, "STM32G4"),
    (0x4FB2_D5BD, "i.MX RT10xx"),
    (0x53B8_0F00, "STM32F7"),
    (0x5511_4460, "SAMD51"),
    (0x5775_5A57, "STM32F4"),
    (0x5EE2_1072, "STM32F1"),
    (0x621E_937A, "nRF52833"),
    (0x6478_24B6, "STM32F0"),
    (0x68ED_2B88, "SAMD21"),
    (0x6B84_6188, "STM32F3"),
    (0x6D09_66DC, "STM32F407"),
    (0x6DB6_6082, "STM32H7"),
    (0x70D1_6653, "STM32WB"),
    (0x7EAB_61ED, "ESP8266"),
    (0xADA5_2840, "nRF52840"),
    (0xBFDD_4EEE, "ESP32-S2"),
    (0xC47E_5767, "ESP32-S3"),
    (0xD42B_A06C, "ESP32-C3"),
    (0xE48B_FF56, "RP2040"),
    (ABSOLUTE, "RP2xxx absolute"),
    (0xE48B_FF58, "RP2xxx data"),
    (0xE48B_FF59, "RP2350 Arm secure"),
    (0xE48B_FF5A, "RP2350 RISC-V"),
    (0xE48B_FF5B, "RP2350 Arm non-secure"),
];

/// Whether this is the single block 0 of 2 that Raspberry Pi's tools put in front because of erratum
/// RP2350-E10 (RP2350 data sheet). Its second block never comes.
pub(crate) fn is_workaround_block(id: Option<u32>, index: u32, count: u32) -> bool {
    (id, index, count) == (Some(ABSOLUTE), 0, 2)
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
        }
    }

    /// Its registered name, otherwise its id.
    pub(crate) fn name(&self) -> Option<String> {
        let id = self.id?;
        let known = NAMES.iter().find(|(known, _)| *known == id);
        Some(known.map_or_else(
            || format!("family {id:08X}"),
            |(_, name)| (*name).to_owned(),
        ))
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
                self.flaw(format!(
                    "block {number} of the file is number {index} again"
                ));
            } else {
                *word |= 1 << bit;
            }
        }
    }

    fn flaw(&mut self, text: String) {
        self.flaw_count += 1;
        if self.flaws.len() < crate::limits::PLACES_NAMED {
            self.flaws.push(text);
        }
    }

    /// Adds what is wrong with the numbers.
    pub(crate) fn check(&self, flaws: &mut Flaws) {
        let name = self.name().unwrap_or_else(|| "without a family".to_owned());
        for flaw in &self.flaws {
            flaws.add(|| format!("{name}: {flaw}"));
        }
        for _ in self.flaws.len() as u64..self.flaw_count {
            flaws.add(String::new);
        }
        let announced = self.announced.unwrap_or_default();
        let is_missing = |index: &u32| {
            let word = self.present.get(*index as usize / 64).copied();
            word.unwrap_or_default() >> (index % 64) & 1 == 0
        };
        // The search ends at the latest after the blocks there are.
        if let Some(missing) = (0..announced).find(is_missing) {
            flaws.add(|| {
                format!("{name}: {announced} blocks are announced, number {missing} is missing")
            });
        }
    }
}
