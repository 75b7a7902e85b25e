//! tar archives: what firmware lies in them, and Mender artifacts, which are such archives.
//!
//! Layout of POSIX *pax*, section "ustar Interchange Format". Nothing is extracted; each file is looked at
//! where it stands.

use firmdrop_core::grouped;
use serde_json::Value;

use crate::budget::Budget;
use crate::bytes::{Window, read, shown, stream};
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
    /// Old sparse files of GNU `tar`: more blocks of their map follow.
    map_continues: bool,
}

impl Header {
    fn parse(header: &[u8]) -> Option<Self> {
        let field = header.get(148..156)?;
        let is_empty = field.iter().all(|byte| matches!(byte, 0 | b' ' | b'0'));
        let said = octal(field);
        // The sum is made with blanks in its own field, by some old programs of signed characters.
        let blanks = 8 * i64::from(b' ');
        let unsigned = sum_of(header, i64::from) - sum_of(field, i64::from) + blanks;
        let signed = |byte: u8| i64::from(byte.cast_signed());
        let signed = sum_of(header, signed) - sum_of(field, signed) + blanks;
        let text = |bytes: &[u8]| bytes.split(|byte| *byte == 0).next().map(shown);
        let mut name = text(header.get(..100)?)?;
        // POSIX has a prefix there, GNU other fields.
        if header.get(257..263) == Some(b"ustar\0")
            && let Some(prefix) = text(header.get(345..500)?).filter(|prefix| !prefix.is_empty())
        {
            name = format!("{prefix}/{name}");
        }
        let kind = *header.get(156)?;
        (!name.is_empty() || !is_empty).then_some(())?;
        Some(Self {
            sum: match said.and_then(|said| i64::try_from(said).ok()) {
                _ if is_empty => Sum::Absent,
                Some(said) if said == unsigned || said == signed => Sum::Right,
                _ => Sum::Wrong,
            },
            name,
            length_bytes: size(header.get(124..136)?)?,
            kind,
            map_continues: kind == b'S' && header.get(482) == Some(&1),
        })
    }

    fn is_file(&self) -> bool {
        matches!(self.kind, 0 | b'0' | b'7' | b'S')
    }

    /// Whether it is a link, a folder or a device, whose size some programs write although no bytes follow.
    fn may_have_no_bytes(&self) -> bool {
        matches!(self.kind, b'1'..=b'6') && self.length_bytes > 0
    }
}

fn sum_of(bytes: &[u8], value: impl Fn(u8) -> i64) -> i64 {
    bytes.iter().map(|byte| value(*byte)).sum()
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
        // Labels have none.
        _ if field.iter().all(|byte| matches!(byte, 0 | b' ')) => Some(0),
        _ => octal(field),
    }
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = field.split(|byte| *byte == 0).next()?;
    let text = std::str::from_utf8(text).ok()?.trim();
    u64::from_str_radix(text, 8).ok()
}

/// Describes an archive.
#[expect(
    clippy::too_many_lines,
    reason = "one walk over the headers, each step of which changes what the next one means"
)]
pub(crate) fn inspect(source: &dyn Source, budget: &mut Budget) -> Result<Inspection, ImageError> {
    let mut inspection = Inspection::new(Format::Archive, source.len());
    let (mut files, mut entries, mut unsummed) = (0_u64, 0, 0_u64);
    let (mut mender, mut sparse, mut is_continued) = (None, 0_u64, false);
    let mut offset = 0;
    let mut next = Extended::default();
    let outcome = loop {
        let header = read(source, offset, 512)?;
        if header.iter().all(|byte| *byte == 0) {
            closing(source, offset, &mut inspection)?;
            break Ok("every header has the sum it says".to_owned());
        }
        let parsed = Header::parse(&header).filter(|header| header.sum != Sum::Wrong);
        let Some(mut header) = parsed else {
            break Err(format!(
                "at byte {offset} stands no header with a sum that is right",
                offset = grouped(offset)
            ));
        };
        unsummed += u64::from(header.sum == Sum::Absent);
        is_continued |= header.kind == b'M';
        let mut content = offset + BLOCK_BYTES;
        while header.map_continues {
            let map = read(source, content, 512)?;
            header.map_continues = map.get(504) == Some(&1);
            content += BLOCK_BYTES;
        }
        let extended = if matches!(header.kind, b'x' | b'L') {
            Extended::default()
        } else {
            std::mem::take(&mut next)
        };
        header.length_bytes = extended.length_bytes.unwrap_or(header.length_bytes);
        header.name = extended.name.clone().unwrap_or(header.name);
        if header.may_have_no_bytes() && is_boundary(&read(source, content, 512)?) {
            header.length_bytes = 0;
        }
        let end = content.saturating_add(header.length_bytes);
        if end > source.len() {
            break Err(format!(
                "“{}” ends at byte {end}, the file at {}: it was cut off",
                header.name,
                grouped(source.len()),
                end = grouped(end)
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
        let window = Window::new(source, content, header.length_bytes);
        match header.kind {
            b'x' => next.take_records(&window)?,
            b'L' => next.take_name(&window)?,
            b'V' => inspection.fact("Label", header.name.as_str()),
            _ => {}
        }
        if header.is_file() {
            files += 1;
            let is_sparse = header.kind == b'S' || extended.is_sparse;
            sparse += u64::from(is_sparse);
            if files == 1 && header.name == "version" {
                mender = Some(mender_version(&window)?);
            }
            if !is_sparse
                && inspection.parts.len() < PARTS
                && budget.takes(header.length_bytes)
                && let Some(found) = budget.inspect(&window)
            {
                inspection.part(Part::new(header.name, None, Some(content), found), false);
            }
        }
        offset = end.next_multiple_of(BLOCK_BYTES);
    };
    if is_continued {
        let why = "it is one part of an archive of several, and begins inside of a file: put the parts together with tar --multi-volume";
        inspection.check("Parts", CheckResult::NotMade, why);
    }
    if sparse > 0 {
        let text = format!(
            "{}: their holes are left out of the archive, so that they are not opened here",
            grouped(sparse)
        );
        inspection.fact("Sparse files", text);
    }
    let is_cut = outcome.is_err();
    if is_cut && is_continued {
        let why = "a file in it continues in the next part";
        inspection.check("Headers", CheckResult::NotMade, why);
    } else if unsummed > 0 && !is_cut {
        let why = match unsummed {
            1 => "one header has no sum".to_owned(),
            many => format!("{} headers have no sum", grouped(many)),
        };
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

/// What an entry says of the one behind it.
#[derive(Debug, Clone, Default)]
struct Extended {
    name: Option<String>,
    length_bytes: Option<u64>,
    is_sparse: bool,
}

/// Bytes of an extended header or a long name that are read.
const EXTENDED_BYTES: usize = 64 * 1024;

impl Extended {
    /// Records of `pax`: their length in decimal digits, a blank, a name, `=`, a value and a line end.
    fn take_records(&mut self, content: &dyn Source) -> Result<(), ImageError> {
        let bytes = read(content, 0, EXTENDED_BYTES)?;
        let mut rest = bytes.as_slice();
        while let Some(blank) = rest.iter().position(|byte| *byte == b' ') {
            let (length, _) = rest.split_at_checked(blank).unwrap_or_default();
            let length = std::str::from_utf8(length)
                .ok()
                .and_then(|text| text.parse().ok());
            let Some((record, more)) = length.and_then(|length| rest.split_at_checked(length))
            else {
                break;
            };
            rest = more;
            let record = record.get(blank + 1..).unwrap_or_default().trim_ascii_end();
            let Some(mark) = record.iter().position(|byte| *byte == b'=') else {
                break;
            };
            let (key, value) = record.split_at(mark);
            let value = value.get(1..).unwrap_or_default();
            match key {
                b"path" if !self.is_sparse => self.name = Some(shown(value)),
                b"GNU.sparse.name" => self.name = Some(shown(value)),
                b"size" => {
                    let text = std::str::from_utf8(value).ok();
                    self.length_bytes = text.and_then(|text| text.parse().ok());
                }
                _ => {}
            }
            self.is_sparse |= key.starts_with(b"GNU.sparse.");
        }
        Ok(())
    }

    /// The long name that GNU `tar` puts in front.
    fn take_name(&mut self, content: &dyn Source) -> Result<(), ImageError> {
        let bytes = read(content, 0, EXTENDED_BYTES)?;
        let name = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        self.name = Some(shown(name));
        Ok(())
    }
}

/// Whether a header, an empty block or the end of the file stands there.
fn is_boundary(block: &[u8]) -> bool {
    let header = Header::parse(block);
    block.iter().all(|byte| *byte == 0) || header.is_some_and(|header| header.sum == Sum::Right)
}

/// What closes an archive, and what stands behind that.
fn closing(
    source: &dyn Source,
    offset: u64,
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    const NAME: &str = "End of the archive";
    if offset >= source.len() {
        let why = "no empty blocks close it: if a file is missing, it was cut off between two";
        inspection.check(NAME, CheckResult::Warning, why);
        return Ok(());
    }
    let (mut at, mut strangers) = (offset, None);
    stream(source, offset, source.len() - offset, &mut |piece| {
        let found = piece.iter().position(|byte| *byte != 0);
        if let Some(found) = found.filter(|_| strangers.is_none()) {
            strangers = Some(at + found as u64);
        }
        at += piece.len() as u64;
    })?;
    let Some(strangers) = strangers else {
        inspection.check(NAME, CheckResult::Passed, "empty blocks close it");
        return Ok(());
    };
    let block = strangers - strangers % BLOCK_BYTES;
    let why = if is_boundary(&read(source, block, 512)?) {
        format!(
            "behind its end another archive begins at byte {block}; most programs do not read it",
            block = grouped(block)
        )
    } else {
        let more = grouped(source.len() - strangers);
        format!(
            "{more} bytes follow the archive from byte {strangers} on",
            strangers = grouped(strangers)
        )
    };
    inspection.check(NAME, CheckResult::Warning, why);
    Ok(())
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
#[path = "tar_tests.rs"]
mod tests;
