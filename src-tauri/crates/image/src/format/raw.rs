//! A file without a known header. Nothing in it is guessed.
//!
//! What its beginning reminds of is shown as a fact that says "looks like", never as a format.

use crate::bytes::{Fields, address};
use crate::{Format, ImageError, Inspection, Source};

/// Bytes at the start that are looked at.
pub(crate) const HEAD_BYTES: usize = 4096;

/// Describes a file without a known header. Reads at most [`HEAD_BYTES`], whatever its size.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let mut inspection = Inspection::new(Format::Raw, source.len());
    "No known header".clone_into(&mut inspection.summary);
    inspection.segment("file", None, source.len());
    let head = crate::bytes::read(source, 0, HEAD_BYTES)?;
    if let Some(table) = vector_table(&head) {
        inspection.fact("Looks like", table);
    } else if let Some(kind) = known_beginning(&head) {
        inspection.fact("Looks like", kind);
    }
    if head.iter().all(|byte| *byte == 0xFF) || head.iter().all(|byte| *byte == 0) {
        let first = head.first().copied().unwrap_or_default();
        let text = format!("the first {} bytes are all {first:02X}", head.len());
        inspection.fact("Beginning", text);
    }
    Ok(inspection)
}

/// Cortex-M: word 0 is a stack pointer in RAM (`0x2000_0000..0x4000_0000` or the code RAM some chips
/// have at `0x1000_0000`), words 1 to 3 are odd addresses of handlers (Arm v7-M
/// Architecture Reference Manual, B1.5.3).
fn vector_table(head: &[u8]) -> Option<String> {
    let mut fields = Fields(head);
    let (stack, reset) = (fields.u32()?, fields.u32()?);
    let (nmi, hard_fault) = (fields.u32()?, fields.u32()?);
    let in_ram = (0x2000_0000..=0x4000_0000).contains(&stack)
        || (0x1000_0000..=0x1010_0000).contains(&stack);
    let odd = [reset, nmi, hard_fault].iter().all(|at| at & 1 == 1);
    // Some boot loaders keep every handler but the first in RAM.
    let together = nmi.abs_diff(hard_fault) < 16 << 20 && nmi.max(hard_fault) < 0x4000_0000;
    (in_ram && stack.is_multiple_of(4) && odd && together && reset < 0x2000_0000).then(|| {
        format!(
            "a Cortex-M vector table: stack {}, reset handler {}",
            address(stack.into()),
            address((reset & !1).into())
        )
    })
}

/// Beginnings of containers that are no firmware format of ours.
fn known_beginning(head: &[u8]) -> Option<&'static str> {
    const BEGINNINGS: &[(&[u8], &str)] = &[
        (&[0x1F, 0x8B, 8], "a gzip stream"),
        (b"BZh", "a bzip2 stream"),
        (&[0xFD, b'7', b'z', b'X', b'Z', 0], "an xz stream"),
        (&[0x28, 0xB5, 0x2F, 0xFD], "a Zstandard stream"),
        (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
        (b"hsqs", "a SquashFS image"),
        (
            &[0xD0, 0x0D, 0xFE, 0xED],
            "a flattened device tree or FIT image",
        ),
        (&[0x27, 0x05, 0x19, 0x56], "a U-Boot legacy image"),
        (b"%PDF-", "a PDF document"),
        (b"\x89PNG\r\n", "a PNG picture"),
        (
            b"<!DOCTYPE html",
            "an HTML page; probably a download that went wrong",
        ),
        (
            b"<!doctype html",
            "an HTML page; probably a download that went wrong",
        ),
        (
            b"<html",
            "an HTML page; probably a download that went wrong",
        ),
    ];
    let found = BEGINNINGS.iter().find(|(magic, _)| head.starts_with(magic));
    found.map(|(_, name)| *name)
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
        assert!(source.0.into_inner() < 16 * 1024);
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
        bytes[4] = 0; // an even handler address is no Thumb code
        let found = crate::inspect(&MemorySource::new(bytes)).unwrap();
        assert!(found.facts.is_empty());
    }
}
