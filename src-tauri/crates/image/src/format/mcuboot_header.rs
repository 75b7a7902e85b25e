//! The header of an `MCUboot` image, and what contradicts it.
//!
//! Layout and numbers of `MCUboot`'s `bootutil/image.h`.

use firmdrop_core::grouped;

use crate::Inspection;
use crate::bytes::{Fields, Order, address};
use crate::format::mcuboot_tlv::Tlv;
use crate::format::mcuboot_version::version;

/// `IMAGE_MAGIC`, little-endian at the start.
pub(super) const MAGIC: [u8; 4] = 0x96F3_B83D_u32.to_le_bytes();

/// The same as `imgtool -e big` writes it for chips of that byte order.
const MAGIC_BIG: [u8; 4] = 0x96F3_B83D_u32.to_be_bytes();

/// Size of the header's own fields. The header itself may be larger.
pub(crate) const HEADER_BYTES: u64 = 32;

pub(super) const FLAG_ENCRYPTED_AES128: u32 = 0x04;
const FLAG_ENCRYPTED_AES256: u32 = 0x08;
const FLAG_NON_BOOTABLE: u32 = 0x10;
pub(super) const FLAG_RAM_LOAD: u32 = 0x20;
const FLAG_ROM_FIXED: u32 = 0x100;
const FLAG_LZMA1: u32 = 0x200;
const FLAG_LZMA2: u32 = 0x400;
/// `IMAGE_F_COMPRESSED_ARM_THUMB_FLT`.
const FLAG_ARM_THUMB_FILTER: u32 = 0x800;

/// Whether a file that begins with `head` is an `MCUboot` image.
pub(crate) fn recognises(head: &[u8]) -> bool {
    head.starts_with(&MAGIC) || head.starts_with(&MAGIC_BIG)
}

#[expect(
    clippy::struct_field_names,
    reason = "the size of the header is not that of this struct"
)]
pub(super) struct Header {
    pub(super) order: Order,
    pub(super) load_address: u32,
    pub(super) header_bytes: u64,
    pub(super) protected_bytes: u64,
    pub(super) image_bytes: u64,
    flags: u32,
    pub(super) version: String,
}

impl Header {
    pub(super) fn parse(head: &[u8]) -> Option<Self> {
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

    pub(super) fn encrypted(&self) -> bool {
        self.flags & (FLAG_ENCRYPTED_AES128 | FLAG_ENCRYPTED_AES256) != 0
    }

    pub(super) fn body_end(&self) -> u64 {
        self.header_bytes + self.image_bytes
    }

    pub(super) fn check_sizes(&self, size_bytes: u64) -> Result<(), String> {
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

    pub(super) fn report(&self, inspection: &mut Inspection) {
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

/// What the header and the entries say differently of one image, although its bytes are those that were made. One
/// sentence.
pub(super) fn flaws(header: &Header, tlvs: &[Tlv], is_plain: bool) -> Option<String> {
    const KEYS: std::ops::RangeInclusive<u16> = 0x30..=0x34;
    const DECOMPRESSED: [u16; 2] = [0x70, 0x71];
    let has = |flag: u32| header.flags & flag != 0;
    let mut flaws = Vec::new();
    if has(FLAG_ENCRYPTED_AES128) && has(FLAG_ENCRYPTED_AES256) {
        flaws.push("it is said to be encrypted in two ways");
    }
    if has(FLAG_LZMA1) && has(FLAG_LZMA2) {
        flaws.push("it is said to be compressed in two ways");
    }
    let has_key = tlvs.iter().any(|tlv| KEYS.contains(&tlv.kind));
    if header.encrypted() && !is_plain && !has_key {
        flaws.push("no entry has the key of the encrypted code: a bootloader that looks for it there cannot decrypt it");
    }
    if !header.encrypted() && has_key {
        flaws.push(
            "an entry has the key of encrypted code, and the header says that the code is plain",
        );
    }
    let is_described = |kind: &u16| tlvs.iter().any(|tlv| tlv.kind == *kind);
    if (has(FLAG_LZMA1) || has(FLAG_LZMA2)) && !DECOMPRESSED.iter().all(is_described) {
        flaws.push("the size and the hash of the code after decompression are missing, which a bootloader needs");
    }
    (!flaws.is_empty()).then(|| flaws.join("; "))
}
