//! A file without a known header. Nothing in it is guessed.
//!
//! What its beginning reminds of is shown as a fact that says "looks like", never as a format. What lies behind it is
//! `raw_inside.rs`.

use firmdrop_core::grouped;

use crate::bytes::address;
use crate::format::raw_inside;
use crate::format::vector_table;
use crate::{Format, ImageError, Inspection, Source};

/// Bytes at the start that are looked at.
pub(crate) const HEAD_BYTES: usize = 4096;

/// Describes a file without a known header. Reads at most 16 MiB, and of a file that is no erased memory and does not end
/// with one about 100 KiB, whatever its size.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let mut inspection = Inspection::new(Format::Raw, source.len());
    "No known header".clone_into(&mut inspection.summary);
    inspection.segment("file", None, source.len());
    let head = crate::bytes::read(source, 0, HEAD_BYTES)?;
    if let Some((stack, reset)) = vector_table::read(&head) {
        "Raw binary for Cortex-M".clone_into(&mut inspection.summary);
        let likeness = format!(
            "a Cortex-M vector table: stack {}, reset handler {}",
            address(stack.into()),
            address((reset & !1).into())
        );
        inspection.fact("Looks like", likeness);
    }
    if let Some((empty, table)) = behind_empty_header(&head) {
        "Raw binary for Cortex-M behind an empty header".clone_into(&mut inspection.summary);
        let likeness = format!(
            "an image that was built for MCUboot and is not signed yet: {empty} empty bytes where its header belongs, then {table}. Sign it with imgtool",
            empty = grouped(empty)
        );
        inspection.fact("Looks like", likeness);
    }
    if let Some((summary, likeness)) = beginning(&head) {
        summary.clone_into(&mut inspection.summary);
        inspection.fact("Looks like", likeness);
    }
    let end = raw_inside::end(source)?;
    if let Some((byte, length)) = end.filter(|(_, length)| *length == source.len()) {
        inspection.summary = format!("Nothing but {byte:02X}, no firmware");
        let text = if byte == 0xFF {
            "a copy of a memory that was erased"
        } else {
            "a file of which no byte was stored: a download or a copy that reserved its place and broke off"
        };
        inspection.fact("Looks like", text);
        inspection.fact(
            "Content",
            format!("{} bytes of {byte:02X}", grouped(length)),
        );
        return Ok(inspection);
    }
    for (at, version) in raw_inside::images(source)? {
        let text = format!("version {version}, from byte {} on", grouped(at));
        inspection.fact("MCUboot image inside", text);
    }
    if let Some((byte, length)) = end {
        let text = format!("the last {} bytes are all {byte:02X}", grouped(length));
        inspection.fact("End", text);
    }
    if head.iter().all(|byte| *byte == 0xFF) || head.iter().all(|byte| *byte == 0) {
        let first = head.first().copied().unwrap_or_default();
        let text = format!(
            "the first {} bytes are all {first:02X}",
            grouped(head.len())
        );
        inspection.fact("Beginning", text);
    }
    Ok(inspection)
}

/// What a beginning reminds of besides a table of vectors for Cortex-M.
fn beginning(head: &[u8]) -> Option<(&'static str, String)> {
    if is_avr(head) {
        let text = "a table of jumps, as code for AVR begins with";
        return Some(("Raw binary for AVR", text.to_owned()));
    }
    let text = read_as_text(head)?;
    Some(("Bytes that a program took for text", text))
}

/// Eight jumps one behind the other, `JMP` of four bytes or `RJMP` of two (AVR Instruction Set Manual): the table of
/// interrupts.
fn is_avr(head: &[u8]) -> bool {
    const JUMPS: usize = 8;
    let jmp = |four: &[u8]| matches!(four, [0x0C | 0x0D, 0x94 | 0x95, ..]);
    let rjmp = |two: &[u8]| matches!(two, [_, 0xC0..=0xCF]);
    let all = |length: usize, is_jump: fn(&[u8]) -> bool| {
        head.get(..JUMPS * length)
            .is_some_and(|table| table.chunks(length).all(is_jump))
    };
    all(4, jmp) || all(2, rjmp)
}

/// Whether bytes that are no text are UTF-8 all the same: a program read a binary file as text and wrote it anew.
fn read_as_text(head: &[u8]) -> Option<String> {
    /// Fewer may come by chance.
    const LEAST: usize = 16;
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    text.contains(|c: char| c.is_control() && !c.is_whitespace())
        .then_some(())?;
    let replaced = text.matches('\u{FFFD}').count();
    if replaced >= LEAST {
        return Some(format!(
            "a binary file that a program read as text: {} times in the first {} bytes stands EF BF BD, where another byte was. What was there is lost: fetch the file again",
            grouped(replaced),
            grouped(head.len())
        ));
    }
    let is_latin = |c: char| ('\u{80}'..='\u{FF}').contains(&c);
    let is_above = |c: char| c > '\u{FF}';
    let latin = text.chars().filter(|c| is_latin(*c)).count();
    (latin >= LEAST && !text.contains(is_above)).then(|| {
        "a binary file whose bytes a program wrote as text in UTF-8: fetch the file again"
            .to_owned()
    })
}

/// A vector table behind as many empty bytes as a header of `MCUboot` has room for (Zephyr's
/// `ROM_START_OFFSET`).
fn behind_empty_header(head: &[u8]) -> Option<(usize, String)> {
    let first = *head.first()?;
    let empty = head.iter().take_while(|byte| **byte == first).count();
    let is_header = matches!(first, 0 | 0xFF) && matches!(empty, 0x200 | 0x400 | 0x800);
    // The table's first byte may be one more of the same.
    let begin = [0x200, 0x400, 0x800]
        .into_iter()
        .find(|size| (*size..size + 4).contains(&empty))
        .filter(|_| is_header || first == 0)?;
    let table = vector_table::describe(head.get(begin..)?, begin as u64)?;
    Some((begin, table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::fact;
    use crate::{Integrity, MemorySource};
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A sparse source that counts what is read.
    struct Counting(AtomicU64, u64);
    impl Source for Counting {
        fn len(&self) -> u64 {
            self.1
        }
        fn read_at(&self, _: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.fetch_add(buffer.len() as u64, Ordering::Relaxed);
            buffer.fill(0xA7);
            Ok(buffer.len())
        }
    }

    #[test]
    fn a_terabyte_costs_as_little_as_a_kilobyte() {
        let source = Counting(AtomicU64::new(0), 1 << 40);
        let found = crate::inspect(&source).unwrap();
        assert_eq!((found.format, found.size_bytes), (Format::Raw, 1 << 40));
        assert!(source.0.into_inner() < 128 * 1024);
    }

    #[test]
    fn unknown_bytes_are_called_unknown() {
        let found = crate::inspect(&MemorySource::new(vec![0x5A; 100])).unwrap();
        assert_eq!(found.format, Format::Raw);
        assert_eq!(found.integrity(), Integrity::Unknown);
        assert!(found.facts.is_empty());
    }

    #[test]
    fn a_vector_table_is_a_likeness_and_no_format() {
        let mut bytes = Vec::new();
        for word in [0x2000_4000_u32, 0x0000_0101, 0x0000_0105, 0x0000_0109] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        let found = crate::inspect(&MemorySource::new(bytes.clone())).unwrap();
        assert_eq!(found.format, Format::Raw);
        assert!(fact(&found, "Looks like").contains("reset handler 0x00000100"));
        for empty in [[0; 512].to_vec(), [0xFF; 1024].to_vec()] {
            let found = crate::inspect(&MemorySource::new([empty, bytes.clone()].concat()));
            let found = found.unwrap();
            assert!(found.summary.ends_with("behind an empty header"));
            assert!(fact(&found, "Looks like").contains("not signed yet"));
        }
        bytes[4] = 0; // an even handler address is no Thumb code
        let found = crate::inspect(&MemorySource::new(bytes)).unwrap();
        assert!(found.facts.is_empty());
    }

    #[test]
    fn a_memory_that_was_erased_is_no_firmware_and_padding_is_counted() {
        for (byte, word) in [(0xFF, "erased"), (0, "reserved its place")] {
            let found = crate::inspect(&MemorySource::new(vec![byte; 70_000])).unwrap();
            let summary = format!("Nothing but {byte:02X}, no firmware");
            assert_eq!(found.summary, summary);
            assert!(fact(&found, "Looks like").contains(word));
            let mut bytes = vec![0x5A; 5000];
            bytes.extend(vec![byte; 70_000]);
            let found = crate::inspect(&MemorySource::new(bytes)).unwrap();
            let text = format!("the last 70,000 bytes are all {byte:02X}");
            assert_eq!(fact(&found, "End"), text);
        }
    }

    #[test]
    fn an_image_behind_a_bootloader_is_named_with_its_place() {
        let image = crate::format::mcuboot::tests::Build::default().bytes();
        for place in [0x200, 0x4000, 0x0001_0000] {
            let mut bytes = vec![0x5A; place];
            bytes.extend(&image);
            let found = crate::inspect(&MemorySource::new(bytes)).unwrap();
            assert_eq!(found.format, Format::Raw);
            let text = format!("version 1.2.3+4, from byte {} on", grouped(place));
            assert_eq!(fact(&found, "MCUboot image inside"), text);
        }
        // A magic number alone is none.
        let mut bytes = vec![0x5A; 0x4000];
        bytes.extend(image.get(..200).unwrap());
        let found = crate::inspect(&MemorySource::new(bytes)).unwrap();
        assert!(found.facts.is_empty());
    }

    #[test]
    fn code_for_avr_and_bytes_taken_for_text_are_likenesses() {
        let jmp: Vec<u8> = [0x0C, 0x94, 0x5D, 0x00].repeat(26);
        let rjmp: Vec<u8> = [0x19, 0xC0].repeat(20);
        for table in [jmp, rjmp] {
            let found = crate::inspect(&MemorySource::new(table)).unwrap();
            assert_eq!(found.summary, "Raw binary for AVR");
        }
        let binary: Vec<u8> = (0..4000_u32).map(|i| (i * 7 % 251) as u8).collect();
        let replaced = String::from_utf8_lossy(&binary).into_owned();
        let latin: String = binary.iter().map(|byte| char::from(*byte)).collect();
        for (text, word) in [(replaced, "EF BF BD"), (latin, "in UTF-8")] {
            let found = crate::inspect(&MemorySource::new(text)).unwrap();
            assert!(fact(&found, "Looks like").contains(word), "{found:?}");
            assert_eq!(found.integrity(), Integrity::Unknown);
        }
        let found = crate::inspect(&MemorySource::new(binary)).unwrap();
        assert!(found.facts.is_empty());
    }
}
