//! What kind of payload a file is: a patch, a combined package, or an image as it stands.
//!
//! By its first bytes, never by its name. Nothing is unpacked.

use der::Tag;
use serde::Serialize;

use crate::ManifestError;
use crate::fields::{Cursor, shown};
use crate::limits::{PACKAGE_DESCRIPTION_BYTES, PACKAGE_ENTRIES};

/// What a patch begins with (`bsdiff` of `manifest-tool` 2.6.2).
const PATCH_MAGIC: &[u8] = b"PELION/BSDIFF001";

/// Name of the first entry of a combined package (`manifest-package-tool` 2.6.2).
const DESCRIPTION: &[u8] = b"_desc_\0";

/// A tar header block, bytes (POSIX.1, ustar).
const TAR_BLOCK: usize = 512;

/// Where a tar header tells the entry's type, and the type of an extended header (POSIX.1, pax).
const TYPE_AT: usize = 156;
const EXTENDED_HEADER: u8 = b'x';

/// How many bytes of a file [`payload_kind`] looks at: two entries with their headers. Fewer do for
/// smaller files.
pub const HEAD_BYTES: usize = 2 * (TAR_BLOCK + PACKAGE_DESCRIPTION_BYTES);

/// What devices would do with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum PayloadKind {
    /// Neither of the others.
    Image,
    /// A patch to the image that runs.
    Patch {
        /// Size of the new image it makes, bytes.
        #[cfg_attr(feature = "specta", specta(type = u32))]
        new_size_bytes: u64,
        /// Largest frame, bytes.
        #[cfg_attr(feature = "specta", specta(type = u32))]
        max_frame_bytes: u64,
        /// Largest compressed frame, bytes.
        #[cfg_attr(feature = "specta", specta(type = u32))]
        max_compressed_frame_bytes: u64,
    },
    /// Several images in one package.
    Combined {
        /// Its images, as its description lists them.
        images: Vec<PackedImage>,
    },
}

/// One image of a combined package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PackedImage {
    /// Its name inside the package.
    pub id: String,
    /// Its size, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
    /// Bytes of vendor data that come with it.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub vendor_data_bytes: u64,
}

/// Says what the file with this beginning is. What begins like a patch or a package and cannot be
/// read to the end of its description counts as an image.
pub fn payload_kind(head: &[u8]) -> PayloadKind {
    patch(head)
        .or_else(|| combined(head))
        .unwrap_or(PayloadKind::Image)
}

fn patch(head: &[u8]) -> Option<PayloadKind> {
    let rest = head.strip_prefix(PATCH_MAGIC)?;
    let (new_size, rest) = rest.split_first_chunk::<8>()?;
    let (frame, rest) = rest.split_first_chunk::<8>()?;
    let (compressed, _) = rest.split_first_chunk::<8>()?;
    Some(PayloadKind::Patch {
        new_size_bytes: u64::from_le_bytes(*new_size),
        max_frame_bytes: u64::from_le_bytes(*frame),
        max_compressed_frame_bytes: u64::from_le_bytes(*compressed),
    })
}

fn combined(head: &[u8]) -> Option<PayloadKind> {
    let (header, content) = entry(head)?;
    // Python's tarfile, which the vendor's tool uses, tells times in an extended header before.
    let (header, content) = if header.get(TYPE_AT) == Some(&EXTENDED_HEADER) {
        let blocks = content.len().div_ceil(TAR_BLOCK).checked_mul(TAR_BLOCK)?;
        entry(head.get(TAR_BLOCK.checked_add(blocks)?..)?)?
    } else {
        (header, content)
    };
    if !header.starts_with(DESCRIPTION) {
        return None;
    }
    images(content)
        .ok()
        .map(|images| PayloadKind::Combined { images })
}

/// The header and the content of the tar entry that begins here.
fn entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, rest) = bytes.split_at_checked(TAR_BLOCK)?;
    if header.get(257..262) != Some(b"ustar") {
        return None;
    }
    let size = octal(header.get(124..136)?)?;
    Some((header, rest.get(..size)?))
}

/// A number of a tar header: octal digits between spaces and zeros.
fn octal(field: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(field).ok()?;
    let digits = text.trim_matches(|c| c == ' ' || c == '\0');
    let size = usize::from_str_radix(digits, 8).ok()?;
    (size <= PACKAGE_DESCRIPTION_BYTES).then_some(size)
}

fn images(description: &[u8]) -> Result<Vec<PackedImage>, ManifestError> {
    let mut file = Cursor::new(description)?;
    file.sequence("description", |description| {
        description.integer("count")?;
        description.sequence("images", |list| {
            let mut images = Vec::new();
            while list.is_next(Tag::Sequence) && images.len() < PACKAGE_ENTRIES {
                images.push(list.sequence("image", image)?);
            }
            Ok(images)
        })
    })
}

fn image(cursor: &mut Cursor<'_>) -> Result<PackedImage, ManifestError> {
    let id = shown(&cursor.text("id")?);
    cursor.octets("vendor-data")?;
    Ok(PackedImage {
        id,
        vendor_data_bytes: cursor.integer("vendor-data-size")?,
        size_bytes: cursor.integer("image-size")?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encode::Writer;

    fn package(images: &[(&str, u64)]) -> Vec<u8> {
        let mut writer = Writer::default();
        let entries = |list: &mut Writer| {
            images.iter().try_for_each(|(id, size)| {
                list.sequence(|image| {
                    image.text(id)?;
                    image.octets(b"vd")?;
                    image.integer(2)?;
                    image.integer(*size)
                })
            })
        };
        writer
            .sequence(|all| {
                all.integer(images.len() as u64)?;
                all.sequence(entries)
            })
            .unwrap();
        let description = writer.into_bytes();
        let mut tar = vec![0; TAR_BLOCK];
        tar[..6].copy_from_slice(b"_desc_");
        tar[124..135].copy_from_slice(format!("{:011o}", description.len()).as_bytes());
        tar[257..262].copy_from_slice(b"ustar");
        tar.extend(description);
        tar
    }

    #[test]
    fn a_patch_is_known_by_its_first_bytes() {
        let mut bytes = PATCH_MAGIC.to_vec();
        for number in [100_000_u64, 512, 300] {
            bytes.extend(number.to_le_bytes());
        }
        let expected = PayloadKind::Patch {
            new_size_bytes: 100_000,
            max_frame_bytes: 512,
            max_compressed_frame_bytes: 300,
        };
        assert_eq!(payload_kind(&bytes), expected);
        assert_eq!(payload_kind(&bytes[..39]), PayloadKind::Image);
    }

    #[test]
    fn a_combined_package_lists_its_images() {
        let bytes = package(&[("MAIN", 1000), ("MODEM", 2000)]);
        let PayloadKind::Combined { images } = payload_kind(&bytes) else {
            panic!("not recognised");
        };
        let seen: Vec<_> = images
            .iter()
            .map(|i| (i.id.as_str(), i.size_bytes))
            .collect();
        assert_eq!(seen, [("MAIN", 1000), ("MODEM", 2000)]);
        assert_eq!(payload_kind(&bytes[..bytes.len() - 1]), PayloadKind::Image);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, at in 0_usize..700, value: u8) {
            payload_kind(&bytes);
            let mut tar = package(&[("MAIN", 1000)]);
            if let Some(byte) = tar.get_mut(at) {
                *byte = value;
            }
            payload_kind(&tar);
        }
    }
}
