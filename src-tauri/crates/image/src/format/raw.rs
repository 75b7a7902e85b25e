//! A file without a known header. Nothing in it is guessed.
//!
//! What its beginning reminds of is shown as a fact that says "looks like", never as a format.

use firmdrop_core::grouped;

use crate::bytes::address;
use crate::format::vector_table;
use crate::{Format, ImageError, Inspection, Source};

/// Bytes at the start that are looked at.
pub(crate) const HEAD_BYTES: usize = 4096;

/// Describes a file without a known header. Reads at most [`HEAD_BYTES`], whatever its size.
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
}
