//! tar archives: what firmware lies in them, and Mender artifacts, which are such archives.
//!
//! Layout of POSIX *pax*, section "ustar Interchange Format". Nothing is extracted; each file is looked at
//! where it stands.

use firmdrop_core::grouped;
use serde_json::Value;

use crate::budget::Budget;
use crate::bytes::{Window, read, shown};
use crate::limits::{ARCHIVE_SMALL_ENTRY_BYTES, PARTS, TAR_ENTRIES};
use crate::{CheckResult, Format, ImageError, Inspection, Part, Source};

const BLOCK_BYTES: u64 = 512;

/// Whether a file that begins with `head` is a tar archive: its first header says `ustar`, or has the sum
/// it says.
pub(crate) fn recognises(head: &[u8]) -> bool {
    let header = head.get(..512).and_then(Header::parse);
    header.is_some_and(|header| header.sum == Sum::Right || head.get(257..262) == Some(b"ustar"))
}

/// Whether a header has the sum it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sum {
    Right,
    Wrong,
    /// The field is empty.
    Absent,
}

struct Header {
    name: String,
    length_bytes: u64,
    kind: u8,
    sum: Sum,
}

impl Header {
    fn parse(header: &[u8]) -> Option<Self> {
        let said = octal(header.get(148..156)?).unwrap_or_default();
        let mut sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
        let field: u64 = header
            .get(148..156)?
            .iter()
            .map(|byte| u64::from(*byte))
            .sum();
        // The sum is made with blanks in its own field.
        sum = sum - field + 8 * u64::from(b' ');
        let name = header.get(..100)?;
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        (!name.is_empty()).then_some(())?;
        Some(Self {
            sum: match said {
                0 => Sum::Absent,
                said if said == sum => Sum::Right,
                _ => Sum::Wrong,
            },
            name: shown(name),
            length_bytes: size(header.get(124..136)?)?,
            kind: *header.get(156)?,
        })
    }

    fn is_file(&self) -> bool {
        matches!(self.kind, 0 | b'0' | b'7')
    }
}

/// An octal number, or a binary one of large files.
fn size(field: &[u8]) -> Option<u64> {
    match field {
        [0x80, rest @ ..] => {
            let (high, low) = rest.split_last_chunk::<8>()?;
            high.iter()
                .all(|byte| *byte == 0)
                .then_some(u64::from_be_bytes(*low))
        }
        _ => octal(field),
    }
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = field.split(|byte| *byte == 0).next()?;
    let text = std::str::from_utf8(text).ok()?.trim();
    u64::from_str_radix(text, 8).ok()
}

/// Describes an archive.
pub(crate) fn inspect(source: &dyn Source, budget: &mut Budget) -> Result<Inspection, ImageError> {
    let mut inspection = Inspection::new(Format::Archive, source.len());
    let (mut files, mut entries, mut unsummed) = (0_u64, 0, 0_u64);
    let mut mender = None;
    let mut offset = 0;
    let outcome = loop {
        let header = read(source, offset, 512)?;
        if header.iter().all(|byte| *byte == 0) {
            break if header.is_empty() {
                Ok(
                    "every header has the sum it says; no empty blocks close the archive"
                        .to_owned(),
                )
            } else {
                Ok(
                    "every header has the sum it says, and an empty block closes the archive"
                        .to_owned(),
                )
            };
        }
        let parsed = Header::parse(&header).filter(|header| header.sum != Sum::Wrong);
        let Some(header) = parsed else {
            break Err(format!(
                "at byte {offset} stands no header with a sum that is right"
            ));
        };
        unsummed += u64::from(header.sum == Sum::Absent);
        let content = offset + BLOCK_BYTES;
        let end = content.saturating_add(header.length_bytes);
        if end > source.len() {
            break Err(format!(
                "“{}” ends at byte {end}, the file at {}: it was cut off",
                header.name,
                source.len()
            ));
        }
        entries += 1;
        if entries > TAR_ENTRIES {
            return Err(ImageError::TooLarge {
                what: "tar archive",
                unit: "entries",
                limit: TAR_ENTRIES as u64,
                found: entries as u64,
            });
        }
        if header.is_file() {
            files += 1;
            let window = Window::new(source, content, header.length_bytes);
            if files == 1 && header.name == "version" {
                mender = Some(mender_version(&window)?);
            }
            if inspection.parts.len() < PARTS
                && budget.takes(header.length_bytes)
                && let Some(found) = budget.look(&window)
            {
                inspection.part(Part::new(header.name, None, Some(content), found), false);
            }
        }
        offset = end.next_multiple_of(BLOCK_BYTES);
    };
    if unsummed > 0 && outcome.is_ok() {
        let why = format!("{} headers have no sum", grouped(unsummed));
        inspection.check("Headers", CheckResult::NotMade, why);
    } else {
        inspection.verdict("Headers", outcome);
    }
    let plural = if files == 1 { "file" } else { "files" };
    let many = grouped(files);
    inspection.summary = match mender {
        Some(Some(version)) => {
            format!("Mender artifact, format {version}: tar archive, {many} {plural}")
        }
        Some(None) => format!("Mender artifact: tar archive, {many} {plural}"),
        None => format!("tar archive, {many} {plural}"),
    };
    if mender.is_some() {
        let why = "the checksums of its manifest are not compared here";
        inspection.check("Content", CheckResult::NotMade, why);
    }
    Ok(inspection)
}

/// The format of a Mender artifact: its first file says it in JSON.
fn mender_version(content: &dyn Source) -> Result<Option<u64>, ImageError> {
    if content.len() > ARCHIVE_SMALL_ENTRY_BYTES {
        return Ok(None);
    }
    let bytes = read(content, 0, 64 * 1024)?;
    let value: Option<Value> = serde_json::from_slice(bytes.trim_ascii_end()).ok();
    let value = value.filter(|value| value.get("format").is_some_and(|name| name == "mender"));
    Ok(value.and_then(|value| value.get("version")?.as_u64()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::mcuboot::tests::Build;
    use crate::format::test_support::{failed, passed, warned};
    use crate::{Integrity, MemorySource};
    use proptest::prelude::*;

    fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, content) in files {
            let mut header = name.as_bytes().to_vec();
            header.resize(124, 0);
            header.extend(format!("{:011o}\0{:011o}\0", content.len(), 0).as_bytes());
            header.extend(b"        0");
            header.resize(512, 0);
            let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
            header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
            bytes.extend(header);
            bytes.extend(content);
            bytes.resize(bytes.len().next_multiple_of(512), 0);
        }
        bytes.resize(bytes.len() + 1024, 0);
        bytes
    }

    fn look(bytes: impl Into<Vec<u8>>) -> Inspection {
        crate::inspect(&MemorySource::new(bytes)).unwrap()
    }

    #[test]
    fn images_inside_are_named_and_damage_of_one_is_a_warning() {
        let mut image = Build::default().bytes();
        let found = look(archive(&[
            ("readme", b"hello".to_vec()),
            ("app.bin", image.clone()),
        ]));
        assert_eq!(found.summary, "tar archive, 2 files");
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(found.parts.len(), 1);
        assert_eq!(
            found.parts[0].inspection.identity.version.as_deref(),
            Some("1.2.3+4")
        );
        passed(&found, "Headers");
        image[80] ^= 1;
        let found = look(archive(&[("app.bin", image)]));
        assert!(warned(&found, "app.bin").starts_with("Hash inside the image"));
    }

    #[test]
    fn a_cut_archive_and_a_broken_header_are_told_with_their_place() {
        let whole = archive(&[("a", vec![1; 600]), ("b", vec![2; 600])]);
        assert!(failed(&look(&whole[..1000]), "Headers").contains("“a” ends at byte 1112"));
        let mut broken = whole;
        broken[1536 + 3] = 9;
        assert!(failed(&look(broken), "Headers").contains("at byte 1536 stands no header"));
    }

    #[test]
    fn a_mender_artifact_is_named_with_its_format() {
        let version = br#"{"format":"mender","version":3}"#.to_vec();
        let found = look(archive(&[
            ("version", version),
            ("manifest", b"x".to_vec()),
        ]));
        assert_eq!(
            found.summary,
            "Mender artifact, format 3: tar archive, 2 files"
        );
        assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic(at in 0usize..1600, byte: u8, cut in 0usize..1600) {
            let mut bytes = archive(&[("a", vec![1; 60]), ("b", vec![2; 6])]);
            bytes[at] = byte;
            let _ = crate::inspect(&MemorySource::new(bytes.clone()));
            let _ = crate::inspect(&MemorySource::new(&bytes[..cut]));
        }
    }
}
