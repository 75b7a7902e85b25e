//! `MCUboot` images: header, type-length-value areas and the hash a bootloader checks.
//!
//! Layout and numbers of `MCUboot`'s `bootutil/image.h` and *design.md*. The hash is recomputed in
//! fixed memory. A signature is described and never verified: no key is asked.

use firmdrop_core::{ImageHash, grouped};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::bytes::{Fields, Order, address, hex, read, stream};
use crate::format::mcuboot_tlv::{Tlv, read_area};
use crate::format::mcuboot_version::version;
use crate::format::vector_table;
use crate::limits::MCUBOOT_FACTS;
use crate::{Check, CheckResult, Format, ImageError, Inspection, Integrity, Signature, Source};

/// `IMAGE_MAGIC`, little-endian at the start.
const MAGIC: [u8; 4] = 0x96F3_B83D_u32.to_le_bytes();

/// The same as `imgtool -e big` writes it for chips of that byte order.
const MAGIC_BIG: [u8; 4] = 0x96F3_B83D_u32.to_be_bytes();

/// Size of the header's own fields. The header itself may be larger.
pub(crate) const HEADER_BYTES: u64 = 32;

const FLAG_ENCRYPTED_AES128: u32 = 0x04;
const FLAG_ENCRYPTED_AES256: u32 = 0x08;
const FLAG_NON_BOOTABLE: u32 = 0x10;
const FLAG_RAM_LOAD: u32 = 0x20;
const FLAG_ROM_FIXED: u32 = 0x100;
const FLAG_LZMA1: u32 = 0x200;
const FLAG_LZMA2: u32 = 0x400;
/// `IMAGE_F_COMPRESSED_ARM_THUMB_FLT`.
const FLAG_ARM_THUMB_FILTER: u32 = 0x800;

/// Vendor and class ids of one image that are named: there is one of each.
const IDS: usize = 8;

/// `boot_img_magic`: ends the trailer of a slot, written by `imgtool sign --pad`.
const TRAILER_MAGIC: [u8; 16] = [
    0x77, 0xC2, 0x95, 0xF3, 0x60, 0xD2, 0xEF, 0x7F, 0x35, 0x52, 0x50, 0x0F, 0x2C, 0xB6, 0x79, 0x80,
];

/// The last fourteen bytes of the trailer's magic where writes are aligned to more than 8 bytes.
const TRAILER_MAGIC_WIDE: [u8; 14] = [
    0x2D, 0xE1, 0x5D, 0x29, 0x41, 0x0B, 0x8D, 0x77, 0x67, 0x9C, 0x11, 0x0F, 0x1F, 0x8A,
];

/// Whether a file that begins with `head` is an `MCUboot` image.
pub(crate) fn recognises(head: &[u8]) -> bool {
    head.starts_with(&MAGIC) || head.starts_with(&MAGIC_BIG)
}

/// Describes an `MCUboot` image.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let head = read(source, 0, 32)?;
    let Some(header) = Header::parse(&head) else {
        return Err(ImageError::Truncated {
            what: "MCUboot image",
            part: "header",
            needs_bytes: HEADER_BYTES,
            size_bytes: source.len(),
        });
    };
    let mut inspection = Inspection::new(Format::Mcuboot, source.len());
    header.report(&mut inspection);
    inspection.signature = Signature::Absent;
    if let Err(why) = header.check_sizes(source.len()) {
        inspection.check("Sizes in the header", CheckResult::Failed, why);
        let why = "the file does not hold every byte the hash is made of";
        inspection.check("Hash inside the image", CheckResult::NotMade, why);
        return Ok(inspection);
    }
    let why = "Header and code lie inside the file";
    inspection.check("Sizes in the header", CheckResult::Passed, why);
    let (tlvs, end) = read_tlvs(source, &header, &mut inspection)?;
    check_hash(source, &header, &tlvs, &mut inspection)?;
    inspection.signature = signature(&tlvs);
    for (label, value) in tlvs.iter().filter_map(Tlv::fact).take(MCUBOOT_FACTS) {
        inspection.fact(label, value);
    }
    if let Some(more) = tlvs
        .len()
        .checked_sub(MCUBOOT_FACTS)
        .filter(|more| *more > 0)
    {
        let why = format!("{} of {} are not listed", grouped(more as u64), tlvs.len());
        inspection.fact("Further entries", why);
    }
    let ids: Vec<_> = tlvs.iter().filter_map(Tlv::target).take(IDS).collect();
    inspection.identity.target = (!ids.is_empty()).then(|| ids.join(", "));
    if inspection.integrity() != Integrity::Damaged {
        after_the_image(source, end, &mut inspection)?;
    }
    if !header.encrypted() {
        let code = read(source, header.header_bytes, 16)?;
        let at = u64::from(header.load_address) + header.header_bytes;
        if let Some(table) = vector_table::describe(&code, at) {
            inspection.fact("Vector table", table);
        }
    }
    Ok(inspection)
}

/// Entries that are signatures.
pub(crate) const SIGNATURES: [u16; 5] = [0x20, 0x21, 0x22, 0x23, 0x24];

/// The entries of an image, and how many of its bytes its hash covers; none where it is not whole.
pub(crate) fn tlvs_of(source: &dyn Source) -> Result<Option<(Vec<Tlv>, u64)>, ImageError> {
    let head = read(source, 0, 32)?;
    let Some(header) = Header::parse(&head).filter(|_| recognises(&head)) else {
        return Ok(None);
    };
    if header.check_sizes(source.len()).is_err() {
        return Ok(None);
    }
    let mut unused = Inspection::new(Format::Mcuboot, source.len());
    let (tlvs, _) = read_tlvs(source, &header, &mut unused)?;
    Ok(Some((tlvs, header.body_end() + header.protected_bytes)))
}

#[expect(
    clippy::struct_field_names,
    reason = "the size of the header is not that of this struct"
)]
struct Header {
    order: Order,
    load_address: u32,
    header_bytes: u64,
    protected_bytes: u64,
    image_bytes: u64,
    flags: u32,
    version: String,
}

impl Header {
    fn parse(head: &[u8]) -> Option<Self> {
        let order = if head.starts_with(&MAGIC_BIG) {
            Order::Big
        } else {
            Order::Little
        };
        let mut fields = Fields(head);
        fields.u32()?;
        let load_address = order.u32(&mut fields)?;
        let header_bytes = order.u16(&mut fields)?.into();
        let protected_bytes = order.u16(&mut fields)?.into();
        let image_bytes = order.u32(&mut fields)?.into();
        let flags = order.u32(&mut fields)?;
        let version = version(fields.bytes(8)?, order)?;
        fields.u32()?;
        Some(Self {
            order,
            load_address,
            header_bytes,
            protected_bytes,
            image_bytes,
            flags,
            version,
        })
    }

    fn encrypted(&self) -> bool {
        self.flags & (FLAG_ENCRYPTED_AES128 | FLAG_ENCRYPTED_AES256) != 0
    }

    fn body_end(&self) -> u64 {
        self.header_bytes + self.image_bytes
    }

    fn check_sizes(&self, size_bytes: u64) -> Result<(), String> {
        if self.header_bytes < HEADER_BYTES {
            return Err(format!(
                "the header says that it is {} bytes long, {HEADER_BYTES} is the least",
                grouped(self.header_bytes)
            ));
        }
        if self.body_end() > size_bytes {
            return Err(format!(
                "the code ends at byte {}, the file at {size_bytes}: it was cut off",
                grouped(self.body_end()),
                size_bytes = grouped(size_bytes)
            ));
        }
        Ok(())
    }

    fn report(&self, inspection: &mut Inspection) {
        inspection.summary = format!("MCUboot image, version {}", self.version);
        inspection.identity.version = Some(self.version.clone());
        let at = u64::from(self.load_address);
        let placed = self.flags & (FLAG_RAM_LOAD | FLAG_ROM_FIXED) != 0;
        let place = |offset| placed.then_some(at + offset);
        inspection.segment("header", place(0), self.header_bytes);
        inspection.segment("code", place(self.header_bytes), self.image_bytes);
        inspection.fact_bytes("Header size", self.header_bytes);
        inspection.fact_bytes("Code size", self.image_bytes);
        if self.load_address != 0 {
            inspection.fact("Load address", address(at));
        }
        if self.order == Order::Big {
            inspection.fact("Byte order", "big-endian");
        }
        for (flag, value) in [
            (FLAG_ENCRYPTED_AES128, "encrypted with AES-128"),
            (FLAG_ENCRYPTED_AES256, "encrypted with AES-256"),
            (FLAG_NON_BOOTABLE, "not bootable by itself"),
            (FLAG_RAM_LOAD, "copied to RAM before it runs"),
            (FLAG_ROM_FIXED, "runs only from its load address"),
            (FLAG_LZMA1, "compressed with LZMA1"),
            (FLAG_LZMA2, "compressed with LZMA2"),
            (
                FLAG_ARM_THUMB_FILTER,
                "filtered for Arm Thumb code before it was compressed",
            ),
        ] {
            if self.flags & flag != 0 {
                inspection.fact("The image is", value);
            }
        }
    }
}

/// The check of what follows the code. `MCUboot` calls it by its coding, type, length and value; its "image trailer" is
/// something else, at the end of a slot.
const TRAILER: &str = "TLV trailer (metadata)";

/// Both TLV areas and where the image ends.
fn read_tlvs(
    source: &dyn Source,
    header: &Header,
    inspection: &mut Inspection,
) -> Result<(Vec<Tlv>, u64), ImageError> {
    const PROTECTED: u16 = 0x6908;
    const PLAIN: u16 = 0x6907;
    let mut tlvs = Vec::new();
    let mut at = header.body_end();
    if header.protected_bytes != 0 {
        let area = read_area(source, at, PROTECTED, true, header.order)?.and_then(|area| {
            if area.length_bytes == header.protected_bytes {
                Ok(area)
            } else {
                Err(format!(
                    "the protected area at byte {at} is {} bytes long, the header says {}",
                    grouped(area.length_bytes),
                    grouped(header.protected_bytes),
                    at = grouped(at)
                ))
            }
        });
        match area {
            Ok(area) => tlvs.extend(area.tlvs),
            Err(why) => {
                inspection.check(TRAILER, CheckResult::Failed, why);
                return Ok((tlvs, at));
            }
        }
        at += header.protected_bytes;
    }
    match read_area(source, at, PLAIN, false, header.order)? {
        Ok(area) => {
            at += area.length_bytes;
            tlvs.extend(area.tlvs);
            let why = match tlvs.len() {
                1 => "1 entry, complete".to_owned(),
                count => format!("{} entries, all complete", grouped(count)),
            };
            inspection.check(TRAILER, CheckResult::Passed, why);
        }
        Err(why) => inspection.check(TRAILER, CheckResult::Failed, why),
    }
    Ok((tlvs, at))
}

fn check_hash(
    source: &dyn Source,
    header: &Header,
    tlvs: &[Tlv],
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    const NAME: &str = "Hash inside the image";
    let Some((tlv, algorithm)) = tlvs
        .iter()
        .find_map(|tlv| Some((tlv, Algorithm::of(tlv.kind)?)))
    else {
        let failed = |check: &Check| check.result == CheckResult::Failed;
        let why = if inspection.checks.iter().any(failed) {
            "the entries behind the code cannot be read, and the hash is one of them"
        } else {
            "there is no hash in the image, so that its bytes cannot be compared with anything"
        };
        inspection.check(NAME, CheckResult::NotMade, why);
        return Ok(());
    };
    inspection.image_hash =
        ImageHash::from_bytes(&tlv.value).filter(|hash| hash.as_bytes().len() == algorithm.bytes());
    inspection.fact("Image hash", hex(&tlv.value));
    let name = algorithm.name();
    if header.encrypted() {
        let why = format!(
            "the {name} is that of the code before it was encrypted; the key is missing to decrypt it"
        );
        inspection.check(NAME, CheckResult::NotMade, why);
        return Ok(());
    }
    let covered = header.body_end() + header.protected_bytes;
    let found = algorithm.compute(source, covered)?;
    let verdict = if found == tlv.value {
        Ok(format!(
            "{name} over header, code and protected entries, recomputed here"
        ))
    } else {
        Err(format!(
            "{name} over the first {} bytes is {}, the entry at byte {} says {}",
            grouped(covered),
            hex(&found),
            grouped(tlv.offset),
            hex(&tlv.value)
        ))
    };
    inspection.verdict(NAME, verdict);
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    fn of(kind: u16) -> Option<Self> {
        match kind {
            0x10 => Some(Self::Sha256),
            0x11 => Some(Self::Sha384),
            0x12 => Some(Self::Sha512),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// How long its hashes are.
    fn bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    fn compute(self, source: &dyn Source, length_bytes: u64) -> Result<Vec<u8>, ImageError> {
        fn run<D: Digest>(source: &dyn Source, length: u64) -> Result<Vec<u8>, ImageError> {
            let mut hasher = D::new();
            stream(source, 0, length, &mut |piece| hasher.update(piece))?;
            Ok(hasher.finalize().to_vec())
        }
        match self {
            Self::Sha256 => run::<Sha256>(source, length_bytes),
            Self::Sha384 => run::<Sha384>(source, length_bytes),
            Self::Sha512 => run::<Sha512>(source, length_bytes),
        }
    }
}

fn signature(tlvs: &[Tlv]) -> Signature {
    let has = |kind| tlvs.iter().any(|tlv| tlv.kind == kind);
    let algorithm = tlvs.iter().find_map(|tlv| {
        Some(match tlv.kind {
            0x20 => "RSA-2048",
            0x21 => "ECDSA P-224",
            // One number for both curves; the larger one goes with the larger hash.
            0x22 if has(0x11) => "ECDSA P-384",
            0x22 => "ECDSA P-256",
            0x23 => "RSA-3072",
            0x24 => "Ed25519",
            _ => return None,
        })
    });
    match algorithm {
        None => Signature::Absent,
        Some(algorithm) => Signature::Present {
            algorithm: algorithm.to_owned(),
            key_hash: tlvs
                .iter()
                .find(|tlv| tlv.kind == 0x01)
                .map(|tlv| hex(&tlv.value)),
        },
    }
}

/// Tells what stands between the image's end and the file's: nothing, a slot's trailer, or strangers.
fn after_the_image(
    source: &dyn Source,
    end: u64,
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    let more = source.len().saturating_sub(end);
    if more == 0 {
        return Ok(());
    }
    let trailer = slot_trailer(source, more)?;
    if let Some((at, version)) = next_image(source, end)? {
        let why = format!(
            "another MCUboot image, version {version}, begins at byte {at}: the file is a copy of several slots, and no hash of the first image covers it",
            at = grouped(at)
        );
        inspection.check("End of the image", CheckResult::Warning, why);
        return Ok(());
    }
    if let Some(confirmed) = trailer {
        let mark = if confirmed {
            "it marks itself for good: the bootloader starts it at the next restart and stays with it"
        } else {
            "it marks itself for a test: the bootloader starts it once, and returns to the old image unless it is confirmed"
        };
        inspection.fact(
            "Trailer",
            format!("padded by {} bytes to a whole slot; {mark}", grouped(more)),
        );
    } else {
        let more = grouped(more);
        let why = format!(
            "{more} bytes follow the image from byte {end}; no hash covers them",
            end = grouped(end)
        );
        inspection.check("End of the image", CheckResult::Warning, why);
    }
    Ok(())
}

/// Slots begin at a sector of flash, which has at least so many bytes.
const SLOT_STEP_BYTES: usize = 512;

/// Where the next image behind `end` begins, in a copy of several slots, and its version.
fn next_image(source: &dyn Source, end: u64) -> Result<Option<(u64, String)>, ImageError> {
    let first = end.next_multiple_of(SLOT_STEP_BYTES as u64);
    let (mut at, mut found) = (first, None);
    let mut take = |piece: &[u8]| {
        for step in piece.chunks(SLOT_STEP_BYTES) {
            if found.is_none() && recognises(step) {
                found = Header::parse(step).map(|header| (at, header.version));
            }
            at += step.len() as u64;
        }
    };
    stream(source, first, source.len().saturating_sub(first), &mut take)?;
    Ok(found)
}

/// Reads the trailer of a slot at the end of the file, when `more` bytes have room for one: whether its
/// image is confirmed. `bootutil_public.h`: the magic ends the slot, the flag `image_ok` stands one write
/// before it, and a write is 8 bytes long unless the magic says more.
fn slot_trailer(source: &dyn Source, more: u64) -> Result<Option<bool>, ImageError> {
    let magic_bytes = TRAILER_MAGIC.len() as u64;
    let end = source.len();
    if more < magic_bytes {
        return Ok(None);
    }
    let tail = read(source, end - magic_bytes, TRAILER_MAGIC.len())?;
    let write_bytes = if tail == TRAILER_MAGIC {
        8
    } else if tail.ends_with(&TRAILER_MAGIC_WIDE) {
        match tail.first_chunk() {
            Some(bytes) => u64::from(u16::from_le_bytes(*bytes)).max(8),
            None => 8,
        }
    } else {
        return Ok(None);
    };
    let before = magic_bytes.next_multiple_of(write_bytes) + write_bytes;
    let flag = match end.checked_sub(before) {
        Some(at) if before <= more => read(source, at, 1)?,
        _ => Vec::new(),
    };
    Ok(Some(flag.first() == Some(&1)))
}

#[cfg(test)]
#[path = "mcuboot_tests.rs"]
pub(crate) mod tests;
