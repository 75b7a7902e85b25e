//! Text that begins its lines with a colon like Intel HEX, and is another format: naming it keeps it from
//! being called a broken file.
//!
//! Layouts of Microchip's INHX16 (as `srec_intel16(5)` describes it) and of Signetics (`srec_signetics(5)`).

use crate::text_records::{byte, digits, new_record};

/// The name of the dialect of the first record; none where it is Intel HEX, or no record at all.
pub(crate) fn name(head: &[u8]) -> Option<&'static str> {
    let line = head
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .map(<[u8]>::trim_ascii)
        .find(|line| line.first() == Some(&b':'))?;
    let text = line.get(1..)?;
    let mut buffer = new_record();
    let record = digits(text, &mut buffer).ok()?;
    let sum = record
        .iter()
        .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let count = usize::from(byte(text)?);
    // Length, address, type and checksum beside the data.
    if sum == 0 && record.len() == count + 5 {
        return None;
    }
    if sum == 0 && record.len() == 2 * count + 5 {
        return Some("Intel HEX of 16-bit words (INHX16): lengths and addresses count words");
    }
    is_signetics(record).then_some("Signetics hex")
}

/// Address, count, their own checksum; the data and its checksum.
fn is_signetics(record: &[u8]) -> bool {
    let Some((head @ [_, _, count], [head_sum, data @ ..])) = record.split_at_checked(3) else {
        return false;
    };
    let Some((data_sum, data)) = data.split_last() else {
        return false;
    };
    data.len() == usize::from(*count)
        && rotating_sum(head) == *head_sum
        && rotating_sum(data) == *data_sum
}

fn rotating_sum(bytes: &[u8]) -> u8 {
    bytes
        .iter()
        .fold(0_u8, |sum, byte| (sum ^ byte).rotate_left(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Integrity, MemorySource};

    #[test]
    fn dialects_of_lines_with_colons_are_named_and_not_called_broken() {
        // Both as srec_cat 1.64 writes them, the second from the first bytes of a vector table.
        let words = ":0800000012345678123456781234567812345678A8\n:00000001FF\n";
        let signetics = ":000004080102030404\n:000000\n";
        assert_eq!(
            name(words.as_bytes()).map(|name| &name[..9]),
            Some("Intel HEX")
        );
        for (text, what) in [(words, "INHX16"), (signetics, "Signetics hex")] {
            let found = crate::inspect(&MemorySource::new(text)).unwrap();
            assert_eq!(found.format, Format::Named, "{found:#?}");
            assert!(found.summary.contains(what), "{}", found.summary);
            assert_eq!(found.integrity(), Integrity::Unknown);
        }
        // A record of Intel HEX with a wrong length or sum stays one.
        for broken in [
            ":0400000001020304F1\n:00000001FF\n",
            ":0500000001020304F2\n",
        ] {
            let found = crate::inspect(&MemorySource::new(broken)).unwrap();
            assert_eq!(found.integrity(), Integrity::Damaged, "{broken}");
        }
    }
}
