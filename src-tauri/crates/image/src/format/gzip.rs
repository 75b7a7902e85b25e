//! gzip streams: unpacked into bounded memory, checked, and what they hold described.
//!
//! Layout of RFC 1952. What is larger than is held in memory is checked and not described.

use crc::{CRC_32_ISO_HDLC, Crc, Digest, Table};
use firmdrop_core::grouped;
use flate2::{Decompress, FlushDecompress, Status};

use crate::budget::Budget;
use crate::bytes::{Fields, read, shown};
use crate::limits::{INNER_BYTES, STREAM_BUFFER_BYTES};
use crate::{CheckResult, Format, ImageError, Inspection, MemorySource, Part, Source};

const HEADER_BYTES: usize = 10;
/// Room for the name and the other optional fields of a header.
const OPTIONAL_BYTES: usize = 64 * 1024;
const FLAG_HEADER_CRC: u8 = 2;
const FLAG_EXTRA: u8 = 4;
const FLAG_NAME: u8 = 8;
const FLAG_COMMENT: u8 = 16;

static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// Whether a file that begins with `head` is a gzip stream.
pub(crate) fn recognises(head: &[u8]) -> bool {
    head.starts_with(&[0x1F, 0x8B, 8])
}

/// Describes a gzip stream and what it holds.
pub(crate) fn inspect(source: &dyn Source, budget: &mut Budget) -> Result<Inspection, ImageError> {
    let mut inspection = Inspection::new(Format::Compressed, source.len());
    "gzip stream".clone_into(&mut inspection.summary);
    let mut content = Content {
        bytes: Some(Vec::new()),
        length: 0,
        digest: CRC.digest(),
        member_length: 0,
    };
    let mut name = None;
    let (mut offset, mut members) = (0, 0_u64);
    let outcome = loop {
        match member(source, offset, &mut content, budget)? {
            Member::Bad(why) => break Some((CheckResult::Failed, why)),
            Member::TooMuch => {
                let why = format!(
                    "it unpacks to more than is unpacked here; {} bytes were",
                    grouped(content.length)
                );
                break Some((CheckResult::NotMade, why));
            }
            Member::Whole(end, found) => {
                members += 1;
                name = name.or(found);
                offset = end;
                if !read(source, offset, 3)?.starts_with(&[0x1F, 0x8B, 8]) {
                    break None;
                }
            }
        }
    };
    let length = grouped(content.length);
    let (result, why) = outcome.unwrap_or_else(|| {
        let streams = if members == 1 { "" } else { " of every member" };
        let why = format!("{length} bytes, length and CRC-32{streams} recomputed here");
        (CheckResult::Passed, why)
    });
    inspection.check("Content", result, why);
    behind(source, offset, result, &mut inspection)?;
    if let Some(name) = &name {
        inspection.fact("Name inside", name.as_str());
    }
    if result == CheckResult::Passed {
        inspection.fact_bytes("Unpacked", content.length);
        inspection.segment("content", None, content.length);
    }
    if let Some(bytes) = content.bytes.filter(|_| result == CheckResult::Passed)
        && let Some(found) = budget.look(&MemorySource::new(bytes))
    {
        inspection.summary = format!("gzip stream: {}", found.summary);
        inspection.identity = found.identity.clone();
        let name = name.unwrap_or_else(|| "content".to_owned());
        inspection.part(Part::new(name, None, None, found), true);
    }
    Ok(inspection)
}

/// What the stream holds; none where it is damaged or more than is unpacked here.
pub(crate) fn content(
    source: &dyn Source,
    budget: &mut Budget,
) -> Result<Option<Vec<u8>>, ImageError> {
    let mut content = Content {
        bytes: Some(Vec::new()),
        length: 0,
        digest: CRC.digest(),
        member_length: 0,
    };
    let mut offset = 0;
    loop {
        let Member::Whole(end, _) = member(source, offset, &mut content, budget)? else {
            return Ok(None);
        };
        offset = end;
        if !read(source, offset, 3)?.starts_with(&[0x1F, 0x8B, 8]) {
            return Ok(content.bytes);
        }
    }
}

/// What stands behind the last member: nothing, padding, or strangers.
fn behind(
    source: &dyn Source,
    offset: u64,
    result: CheckResult,
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    let more = source.len().saturating_sub(offset);
    if result != CheckResult::Passed || more == 0 {
        return Ok(());
    }
    let rest = read(source, offset, STREAM_BUFFER_BYTES)?;
    if rest.len() as u64 == more && rest.iter().all(|byte| matches!(byte, 0 | 0xFF)) {
        inspection.fact(
            "Padding",
            format!("{} bytes behind the stream", grouped(more)),
        );
    } else {
        let why = format!(
            "{} bytes follow the stream from byte {offset}",
            grouped(more)
        );
        inspection.check("End of the stream", CheckResult::Warning, why);
    }
    Ok(())
}

struct Content {
    /// What was unpacked; none when it is more than is held.
    bytes: Option<Vec<u8>>,
    length: u64,
    digest: Digest<'static, u32, Table<16>>,
    member_length: u32,
}

impl Content {
    fn take(&mut self, piece: &[u8]) {
        self.length += piece.len() as u64;
        self.member_length = self
            .member_length
            .wrapping_add(u32::try_from(piece.len()).unwrap_or_default());
        self.digest.update(piece);
        if self.length > INNER_BYTES {
            self.bytes = None;
        }
        if let Some(bytes) = &mut self.bytes {
            bytes.extend_from_slice(piece);
        }
    }
}

enum Member {
    /// Where it ends, and its name.
    Whole(u64, Option<String>),
    TooMuch,
    Bad(String),
}

/// Unpacks the member at `offset`.
fn member(
    source: &dyn Source,
    offset: u64,
    content: &mut Content,
    budget: &mut Budget,
) -> Result<Member, ImageError> {
    let header = read(source, offset, HEADER_BYTES + OPTIONAL_BYTES)?;
    let Some((length, name)) = header_length(&header) else {
        let why = format!("the header at byte {offset} is cut off");
        return Ok(Member::Bad(why));
    };
    content.digest = CRC.digest();
    content.member_length = 0;
    let mut inflate = Decompress::new(false);
    let mut at = offset + length as u64;
    let mut output = vec![0; STREAM_BUFFER_BYTES];
    loop {
        let input = read(source, at, STREAM_BUFFER_BYTES)?;
        let mut used = 0;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
            let status = match inflate.decompress(rest, &mut output, FlushDecompress::None) {
                Ok(status) => status,
                Err(error) => {
                    let place = at + used as u64;
                    return Ok(Member::Bad(format!(
                        "cannot be unpacked near byte {place}: {error}"
                    )));
                }
            };
            let taken = usize::try_from(inflate.total_in() - before_in).unwrap_or(0);
            let given = usize::try_from(inflate.total_out() - before_out).unwrap_or(0);
            used += taken;
            if !budget.takes(given as u64) {
                return Ok(Member::TooMuch);
            }
            content.take(output.get(..given).unwrap_or_default());
            if status == Status::StreamEnd {
                let found = content.digest.clone().finalize();
                return trailer(source, at + used as u64, found, content.member_length, name);
            }
            if given < output.len() && used >= input.len() || (taken == 0 && given == 0) {
                break;
            }
        }
        if used == 0 {
            let why = format!(
                "the file ends at byte {} inside of the stream: it was cut off",
                source.len()
            );
            return Ok(Member::Bad(why));
        }
        at += used as u64;
    }
}

/// CRC-32 and length of what was unpacked stand behind the stream.
fn trailer(
    source: &dyn Source,
    at: u64,
    found: u32,
    length: u32,
    name: Option<String>,
) -> Result<Member, ImageError> {
    let bytes = read(source, at, 8)?;
    let mut fields = Fields(&bytes);
    let (Some(said), Some(said_length)) = (fields.u32(), fields.u32()) else {
        let why = format!("the checksum at byte {at} is cut off");
        return Ok(Member::Bad(why));
    };
    Ok(if said != found {
        Member::Bad(format!(
            "the stream says CRC-32 {said:08X}, its content gives {found:08X}"
        ))
    } else if said_length != length {
        Member::Bad(format!(
            "the stream says {said_length} bytes, it holds {length}"
        ))
    } else {
        Member::Whole(at + 8, name)
    })
}

/// How long a header is, and the name in it.
fn header_length(header: &[u8]) -> Option<(usize, Option<String>)> {
    let flags = *header.get(3)?;
    let mut fields = Fields(header.get(HEADER_BYTES..)?);
    if flags & FLAG_EXTRA != 0 {
        let length = fields.u16()?;
        fields.bytes(length.into())?;
    }
    let mut text = |wanted: bool| -> Option<Option<String>> {
        if !wanted {
            return Some(None);
        }
        let length = fields.0.iter().position(|byte| *byte == 0)?;
        let text = shown(fields.bytes(length)?);
        fields.u8()?;
        Some(Some(text).filter(|text| !text.is_empty()))
    };
    let name = text(flags & FLAG_NAME != 0)?;
    text(flags & FLAG_COMMENT != 0)?;
    if flags & FLAG_HEADER_CRC != 0 {
        fields.u16()?;
    }
    Some((header.len() - fields.0.len(), name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Integrity;
    use crate::format::mcuboot::tests::Build;
    use crate::format::test_support::{fact, failed, passed, warned};
    use flate2::Compression;
    use proptest::prelude::*;

    pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut deflate = flate2::Compress::new(Compression::default(), false);
        let mut body = Vec::with_capacity(bytes.len() + 100);
        deflate
            .compress_vec(bytes, &mut body, flate2::FlushCompress::Finish)
            .unwrap();
        let mut out = b"\x1F\x8B\x08\x08\0\0\0\0\0\x03lamp.bin\0".to_vec();
        out.extend(body);
        out.extend(CRC.checksum(bytes).to_le_bytes());
        out.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        out
    }

    fn look(bytes: impl Into<Vec<u8>>) -> Inspection {
        crate::inspect(&MemorySource::new(bytes)).unwrap()
    }

    #[test]
    fn the_image_inside_is_named_and_its_checks_are_made() {
        let found = look(packed(&Build::default().bytes()));
        assert_eq!(found.summary, "gzip stream: MCUboot image, version 1.2.3+4");
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(found.parts[0].name, "lamp.bin");
        passed(&found.parts[0].inspection, "Hash inside the image");
        let mut image = Build::default().bytes();
        image[100] ^= 1;
        assert_eq!(look(packed(&image)).integrity(), Integrity::Damaged);
    }

    #[test]
    fn a_wrong_checksum_a_wrong_length_and_a_cut_are_damage() {
        let whole = packed(&[7; 5000]);
        passed(&look(whole.clone()), "Content");
        let end = whole.len();
        let mut bytes = whole.clone();
        bytes[end - 8] ^= 1;
        assert!(failed(&look(bytes), "Content").contains("says CRC-32"));
        let mut bytes = whole.clone();
        bytes[end - 1] ^= 1;
        assert!(failed(&look(bytes), "Content").contains("it holds 5000"));
        assert!(failed(&look(&whole[..end - 12]), "Content").contains("cut off"));
    }

    #[test]
    fn several_members_are_one_content_and_strangers_behind_them_are_told() {
        let mut bytes = packed(b"abc");
        bytes.extend(packed(b"def"));
        assert!(passed(&look(bytes.clone()), "Content").contains("6 bytes"));
        bytes.extend([0; 9]);
        assert!(fact(&look(bytes.clone()), "Padding").contains("9 bytes"));
        bytes.push(5);
        assert!(warned(&look(bytes), "End of the stream").contains("10 bytes follow"));
    }

    #[test]
    fn what_is_packed_deeper_than_is_opened_is_left_alone() {
        let mut bytes = Build::default().bytes();
        for _ in 0..6 {
            bytes = packed(&bytes);
        }
        assert_eq!(look(bytes).integrity(), Integrity::Intact);
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic(at in 0usize..80, byte: u8, cut in 0usize..80) {
            let mut bytes = packed(&[7; 500]);
            if let Some(slot) = bytes.get_mut(at) {
                *slot = byte;
            }
            let _ = look(bytes.clone());
            let _ = crate::inspect(&MemorySource::new(&bytes[..cut.min(bytes.len())]));
        }
    }
}
