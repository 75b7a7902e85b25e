//! The table of stack and handlers that code for Cortex-M begins with: a likeness, never a format.

use crate::bytes::{Fields, address};

/// Where flash begins and whose chips have it there, from the data sheets of the families.
const FLASH: &[(u64, u64, &str)] = &[
    (
        0x0800_0000,
        0x0820_0000,
        "flash of STM32, GD32 and AT32 chips",
    ),
    (
        0x0C00_0000,
        0x0C20_0000,
        "secure flash of STM32 chips with TrustZone",
    ),
    (
        0x1000_0000,
        0x1100_0000,
        "flash of RP2040 and RP2350 (XIP), PSoC 6",
    ),
    (0x6000_0000, 0x6400_0000, "FlexSPI flash of i.MX RT chips"),
    (0x0040_0000, 0x0060_0000, "flash of SAM chips"),
];

/// What a table that begins at `at` says; none where the bytes are no such table.
pub(crate) fn describe(head: &[u8], at: u64) -> Option<String> {
    let (stack, reset) = read(head)?;
    let family = FLASH
        .iter()
        .find(|(start, end, _)| (*start..*end).contains(&at))
        .map_or_else(String::new, |(_, _, name)| format!("; this is {name}"));
    Some(format!(
        "Cortex-M at {}: stack {}, reset handler {}{family}",
        address(at),
        address(stack.into()),
        address((reset & !1).into())
    ))
}

/// Stack pointer and reset handler. Cortex-M: word 0 is a stack pointer in RAM
/// (`0x2000_0000..0x4000_0000` or the code RAM some chips have at `0x1000_0000`), words 1 to 3 are odd
/// addresses of handlers (Arm v7-M Architecture Reference Manual, B1.5.3).
pub(crate) fn read(head: &[u8]) -> Option<(u32, u32)> {
    let mut fields = Fields(head);
    let (stack, reset) = (fields.u32()?, fields.u32()?);
    let (nmi, hard_fault) = (fields.u32()?, fields.u32()?);
    let in_ram = (0x2000_0000..=0x4000_0000).contains(&stack)
        || (0x1000_0000..=0x1010_0000).contains(&stack);
    let odd = [reset, nmi, hard_fault].iter().all(|at| at & 1 == 1);
    // Some boot loaders keep every handler but the first in RAM.
    let together = nmi.abs_diff(hard_fault) < 16 << 20 && nmi.max(hard_fault) < 0x4000_0000;
    (in_ram && stack.is_multiple_of(4) && odd && together && reset < 0x2000_0000)
        .then_some((stack, reset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(words: [u32; 4]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn a_table_is_told_with_its_place_and_the_memory_it_suggests() {
        let bytes = table([0x2000_4000, 0x0800_0101, 0x0800_0105, 0x0800_0109]);
        let text = describe(&bytes, 0x0800_0000).unwrap();
        assert!(
            text.contains("stack 0x20004000, reset handler 0x08000100; this is flash of STM32")
        );
        assert!(!describe(&bytes, 0).unwrap().contains("flash"));
    }

    #[test]
    fn an_even_handler_and_a_stack_outside_of_ram_are_no_table() {
        assert_eq!(
            read(&table([0x2000_4000, 0x0800_0100, 0x0800_0105, 0x0800_0109])),
            None
        );
        assert_eq!(
            read(&table([0x5000_4000, 0x0800_0101, 0x0800_0105, 0x0800_0109])),
            None
        );
        assert_eq!(read(&[0; 8]), None);
    }
}
