//! USB DFU files: any bytes, and a suffix that says which device they are for.
//!
//! The suffix is that of the USB *Device Class Specification for Device Firmware Upgrade*, revision
//! 1.1, appendix B. What stands before it is looked at only where it is an `MCUboot` image.

use crc::{CRC_32_JAMCRC, Crc, Table};
use firmdrop_core::grouped;

use crate::bytes::{Fields, Window, read, stream};
use crate::inner;
use crate::{CheckResult, Format, ImageError, Inspection, Source};

/// The suffix's own length; later revisions may only make it longer.
pub(crate) const SUFFIX_BYTES: u64 = 16;

/// Any vendor, product or release.
const ANY: u16 = 0xFFFF;

const LPC_HEADER_BYTES: usize = 16;

/// CRC-32 without the final inversion, as appendix B computes it.
/// Sixteen bytes at a time: a whole file is read for it.
static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_JAMCRC);

/// The DFU suffix of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Suffix {
    release: u16,
    product: u16,
    vendor: u16,
    dfu_version: u16,
    /// Bytes the suffix takes at the end of the file.
    pub(crate) length_bytes: u64,
    /// What its length field says, where that cannot be.
    impossible_length: Option<u64>,
    crc: u32,
}

impl Suffix {
    /// The suffix in the last sixteen bytes, when they are one: `UFD` and a DFU version that exists.
    pub(crate) fn read(source: &dyn Source) -> Result<Option<Self>, ImageError> {
        let Some(start) = source.len().checked_sub(SUFFIX_BYTES) else {
            return Ok(None);
        };
        let tail = read(source, start, 16)?;
        Ok(Self::parse(&tail, source.len()))
    }

    fn parse(tail: &[u8], size_bytes: u64) -> Option<Self> {
        let mut fields = Fields(tail);
        let (release, product) = (fields.u16()?, fields.u16()?);
        let (vendor, dfu_version) = (fields.u16()?, fields.u16()?);
        let signature = fields.bytes(3)?;
        let said = u64::from(fields.u8()?);
        let crc = fields.u32()?;
        let known = matches!(dfu_version, 0x0100 | 0x0101 | 0x0110 | 0x011A);
        let is_possible = (SUFFIX_BYTES..=size_bytes).contains(&said);
        (signature == b"UFD" && known).then_some(Self {
            release,
            product,
            vendor,
            dfu_version,
            length_bytes: if is_possible { said } else { SUFFIX_BYTES },
            impossible_length: (!is_possible).then_some(said),
            crc,
        })
    }

    /// Writes what the suffix says and checks its CRC over the whole file.
    pub(crate) fn report(
        self,
        source: &dyn Source,
        inspection: &mut Inspection,
    ) -> Result<(), ImageError> {
        let id = |value: u16| match value {
            ANY => "any".to_owned(),
            value => format!("{value:04X}"),
        };
        inspection.fact("USB vendor", id(self.vendor));
        inspection.fact("USB product", id(self.product));
        inspection.fact("Device release", id(self.release));
        let [major, minor] = self.dfu_version.to_be_bytes();
        inspection.fact("DFU version", format!("{major:X}.{minor:02X}"));
        inspection.identity.target = Some(match (self.vendor, self.product) {
            (ANY, ANY) => "any USB device".to_owned(),
            (vendor, product) => format!("USB {}:{}", id(vendor), id(product)),
        });
        if self.release != ANY {
            inspection.identity.version = Some(id(self.release));
        }
        if let Some(said) = self.impossible_length {
            let why = format!(
                "UFD stands where a DFU suffix has it, and the length field behind it says {said} bytes: {SUFFIX_BYTES} is the least, and the file has {}",
                grouped(source.len()),
                said = grouped(said)
            );
            inspection.check("Length of the suffix", CheckResult::Failed, why);
        }
        self.check_crc(source, inspection)
    }

    fn check_crc(self, source: &dyn Source, inspection: &mut Inspection) -> Result<(), ImageError> {
        const NAME: &str = "CRC in the suffix";
        let head = read(source, 0, LPC_HEADER_BYTES)?;
        let lpc_blocks = lpc_header_blocks(&head);
        let mut whole = CRC.digest();
        let mut without_header = CRC.digest();
        // Without such a header the second CRC is of no use, and half of the work.
        let mut skip = lpc_blocks.map(|_| LPC_HEADER_BYTES);
        stream(source, 0, source.len().saturating_sub(4), &mut |piece| {
            whole.update(piece);
            if let Some(skip) = &mut skip {
                without_header.update(piece.get(*skip..).unwrap_or_default());
                *skip = skip.saturating_sub(piece.len());
            }
        })?;
        let (found, said) = (whole.finalize(), self.crc);
        if let Some(blocks) = lpc_blocks {
            let text = format!(
                "an NXP LPC boot header, {blocks} blocks of 512 bytes",
                blocks = grouped(blocks)
            );
            inspection.fact("Begins with", text);
        } else if let Some(blocks) = lpc_prefix_blocks(&head) {
            let text = format!(
                "an NXP LPC DFU prefix (1A 3F), {blocks} blocks of 512 bytes",
                blocks = grouped(blocks)
            );
            inspection.fact("Begins with", text);
        }
        if found == said {
            let why = format!("CRC-32 {found:08X} over the whole file");
            inspection.check(NAME, CheckResult::Passed, why);
        } else if lpc_blocks.is_some() && without_header.finalize() == said {
            let why = format!(
                "CRC-32 {said:08X} is right for everything behind the first {LPC_HEADER_BYTES} bytes, a \
                 boot header that was put in front later; other tools call this CRC wrong"
            );
            inspection.check(NAME, CheckResult::Warning, why);
        } else {
            let why = format!(
                "the suffix at byte {} says CRC-32 {said:08X}, the file gives {found:08X}",
                grouped(source.len().saturating_sub(self.length_bytes))
            );
            inspection.check(NAME, CheckResult::Failed, why);
        }
        Ok(())
    }
}

/// Size in blocks from the header that the boot ROM of NXP's `LPC18xx` and `LPC43xx` wants in front of
/// an image: no encryption, no hash, reserved bits set (UM10503, section "Boot image header format").
fn lpc_header_blocks(head: &[u8]) -> Option<u16> {
    let mut fields = Fields(head);
    let plain = fields.u16()? == 0xFFDA;
    let blocks = fields.u16()?;
    let unused = fields.bytes(12)?.iter().all(|byte| *byte == 0xFF);
    (plain && unused).then_some(blocks)
}

/// Size in blocks from the prefix that `dfu-prefix -L` of dfu-util 0.11 puts before the content for
/// NXP's LPC chips.
fn lpc_prefix_blocks(head: &[u8]) -> Option<u16> {
    let mut fields = Fields(head);
    let is_prefix = fields.bytes(2)? == [0x1A, 0x3F];
    let blocks = fields.u16()?;
    let padding = fields.bytes(12)?;
    (is_prefix && padding.iter().all(|byte| matches!(byte, 0 | 0xFF))).then_some(blocks)
}

/// Describes a file that ends with `suffix`.
pub(crate) fn inspect(source: &dyn Source, suffix: Suffix) -> Result<Inspection, ImageError> {
    let content_bytes = source.len().saturating_sub(suffix.length_bytes);
    let content = Window::new(source, 0, content_bytes);
    let mut inspection = Inspection::new(Format::Dfu, source.len());
    suffix.report(source, &mut inspection)?;
    let target = inspection.identity.target.clone().unwrap_or_default();
    inspection.summary = format!("DFU file for {target}");
    if content_bytes == 0 {
        inspection.check(
            "Content",
            CheckResult::Failed,
            "there is nothing before the suffix",
        );
        return Ok(inspection);
    }
    inspection.segment("content", None, content_bytes);
    inner::of_stretch(&content, None, 0, &mut inspection)?;
    inner::adopt_the_only_image(&mut inspection);
    Ok(inspection)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::format::test_support::{fact, failed, passed};
    use crate::{Integrity, MemorySource};
    use proptest::prelude::*;

    /// `content` with a valid suffix.
    pub(crate) fn with_suffix(mut content: Vec<u8>, dfu_version: u16, ids: [u16; 3]) -> Vec<u8> {
        let [vendor, product, release] = ids;
        for value in [release, product, vendor, dfu_version] {
            content.extend(value.to_le_bytes());
        }
        content.extend(*b"UFD\x10");
        // Bit by bit, so that the table-driven CRC is checked against another way to compute it.
        let crc = content.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
            })
        });
        content.extend(crc.to_le_bytes());
        content
    }

    fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
        crate::inspect(&MemorySource::new(bytes)).unwrap()
    }

    #[test]
    fn ids_release_and_crc_are_told() {
        let found = inspected(with_suffix(vec![7; 1000], 0x0100, [0x1FC9, 0x000C, ANY]));
        assert_eq!(found.format, Format::Dfu);
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(found.identity.target.as_deref(), Some("USB 1FC9:000C"));
        assert_eq!(found.segments[0].length_bytes, 1000);
        assert_eq!(fact(&found, "DFU version"), "1.00");
        assert_eq!(fact(&found, "Device release"), "any");
        passed(&found, "CRC in the suffix");
    }

    #[test]
    fn one_changed_bit_is_found_by_the_crc_and_told_with_both_values() {
        let mut bytes = with_suffix(vec![7; 1000], 0x0110, [1, 2, 3]);
        bytes[500] ^= 1;
        let why = failed(&inspected(bytes), "CRC in the suffix");
        assert!(
            why.starts_with("the suffix at byte 1,000 says CRC-32 "),
            "{why}"
        );
    }

    #[test]
    fn a_boot_header_put_in_front_of_a_finished_file_is_told_and_damage_still_found() {
        let mut bytes = vec![0xDA, 0xFF, 0x58, 0];
        bytes.resize(16, 0xFF);
        bytes.extend(with_suffix(vec![7; 1000], 0x0100, [0x1FC9, 0x000C, 0]));
        let found = inspected(bytes.clone());
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(found.checks[0].result, CheckResult::Warning);
        assert!(fact(&found, "Begins with").contains("88 blocks"));
        bytes[500] ^= 1;
        failed(&inspected(bytes), "CRC in the suffix");
    }

    #[test]
    fn a_suffix_with_an_impossible_length_is_told() {
        let mut bytes = with_suffix(vec![7; 100], 0x0100, [1, 2, 3]);
        let at = bytes.len() - 5;
        for length in [0, 15, 200] {
            bytes[at] = length;
            let found = inspected(bytes.clone());
            assert_eq!(found.format, Format::Dfu);
            assert!(
                failed(&found, "Length of the suffix")
                    .contains(&format!("says {length} bytes", length = grouped(length)))
            );
        }
    }

    #[test]
    fn a_suffix_without_content_is_damaged_and_half_a_suffix_is_raw() {
        let bytes = with_suffix(Vec::new(), 0x0110, [1, 2, 3]);
        failed(&inspected(bytes.clone()), "Content");
        assert_eq!(inspected(&bytes[1..]).format, Format::Raw);
    }

    #[test]
    fn an_mcuboot_image_with_a_suffix_is_described_from_both() {
        let image = crate::format::mcuboot::tests::Build::default().bytes();
        let found = inspected(with_suffix(image, 0x0110, [0x2FE3, 0x0100, 1]));
        assert_eq!(found.format, Format::Dfu);
        passed(&found.parts[0].inspection, "Hash inside the image");
        assert_eq!(found.identity.version.as_deref(), Some("1.2.3+4"));
        assert!(found.image_hash.is_some());
    }

    proptest! {
        #[test]
        fn no_tail_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..40), length: u8) {
            let mut bytes = bytes;
            bytes.extend([0x00, 0x01, b'U', b'F', b'D', length, 1, 2, 3, 4]);
            let _ = inspected(bytes);
        }
    }
}
