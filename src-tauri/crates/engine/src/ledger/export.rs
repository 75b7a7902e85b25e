//! An export: one JSON line for each entry, and the head as the last line. Whatever is read here may
//! come from anywhere: it is read twice, a line at a time, and no more of it is held than one number and one
//! hash for each entry.

use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::finding::{FindingKind, Findings};
use super::note::Verifier;
use super::{Chain, LedgerEntry};

/// Largest export that is read, bytes.
pub const LARGEST_EXPORT_BYTES: u64 = 1 << 30;

/// Longest line that is read, bytes: names and sentences of an entry have 2000 characters each at most.
const LONGEST_LINE_BYTES: u64 = 1 << 20;

/// Most entries that are read: each of them has more than a thousand bytes.
const MOST_ENTRIES: usize = 4_000_000;

/// Lines that are read of a file that has neither an entry nor a head.
const FOREIGN_LINES: u32 = 1000;

/// The last line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportHead {
    /// How many entries were exported.
    pub entries: u32,
    /// Which chain.
    pub chain: Chain,
    /// The signed head, a C2SP checkpoint; absent when nothing was signed yet.
    pub checkpoint: Option<String>,
    /// The keys that sealed the ledger, `NAME+HASH+KEY` each.
    pub verifiers: Vec<String>,
    /// The last of them as other programs read it.
    pub public_key_pem: Option<String>,
}

/// The last line, by a name that no entry has.
#[derive(Debug, Serialize, Deserialize)]
struct LastLine {
    head: ExportHead,
}

/// What every entry has.
#[derive(Deserialize)]
struct Numbered {
    number: u32,
    #[serde(rename = "envelope")]
    _envelope: IgnoredAny,
    chain: Option<Chain>,
}

/// Bytes that can be read more than once.
trait Bytes: Read + Seek + Send {}
impl<T: Read + Seek + Send> Bytes for T {}

/// An export that was read once: its head is known, its entries are read when it is verified.
pub struct Export {
    bytes: BufReader<Box<dyn Bytes>>,
    begin: u64,
    pub(super) chain: Chain,
    pub(super) checkpoint: Option<String>,
    pub(super) verifiers: Vec<Verifier>,
    pub(super) findings: Findings,
    /// The numbers of its entries, as they come.
    pub(super) numbers: Vec<u32>,
    /// Whether it has a head, and the head is not signed.
    pub(super) has_unsigned_head: bool,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = &mut f.debug_struct("Export");
        named.field("chain", &self.chain);
        named.field("entries", &self.numbers.len());
        named.finish_non_exhaustive()
    }
}

/// A line of an export.
enum Line {
    /// It has a number and an envelope, as entries do.
    Entry(Numbered),
    Head(Box<ExportHead>),
    Unreadable,
}

impl Export {
    /// Reads an export from where the bytes stand. What cannot be read of it is a finding; `None` when it is
    /// none at all, or has more than [`LARGEST_EXPORT_BYTES`].
    pub fn open(bytes: impl Read + Seek + Send + 'static) -> io::Result<Option<Self>> {
        let mut bytes: BufReader<Box<dyn Bytes>> = BufReader::new(Box::new(bytes));
        let begin = bytes.stream_position()?;
        let mut export = Self {
            bytes,
            begin,
            chain: Chain::Deliveries,
            checkpoint: None,
            verifiers: Vec::new(),
            findings: Findings::default(),
            numbers: Vec::new(),
            has_unsigned_head: false,
        };
        let mut head = None;
        let mut lines = export.lines()?;
        while let Some((number, line)) = lines.next(&mut export.bytes)? {
            match Line::read(&line) {
                Line::Entry(entry) => {
                    export.chain = entry.chain.unwrap_or(export.chain);
                    export.numbers.push(entry.number);
                    if export.numbers.len() > MOST_ENTRIES {
                        return Ok(None);
                    }
                }
                Line::Head(found) => head = Some(*found),
                Line::Unreadable => {
                    if number > FOREIGN_LINES && export.numbers.is_empty() && head.is_none() {
                        return Ok(None);
                    }
                    let words = format!("Line {number} cannot be read.");
                    export.findings.add(FindingKind::ExportCut, None, words);
                }
            }
        }
        let is_whole = lines.read_bytes <= LARGEST_EXPORT_BYTES;
        if !is_whole || export.numbers.is_empty() && head.is_none() {
            return Ok(None);
        }
        export.take_head(head);
        Ok(Some(export))
    }

    /// Reads an export that is in memory.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Cursor::new(text.to_owned().into_bytes());
        Self::open(bytes).ok().flatten()
    }

    /// Gives every entry in the order in which it comes.
    pub(super) fn each(&mut self, mut take: impl FnMut(&LedgerEntry)) -> io::Result<()> {
        let mut lines = self.lines()?;
        while let Some((number, line)) = lines.next(&mut self.bytes)? {
            if !matches!(Line::read(&line), Line::Entry(_)) {
                continue;
            }
            if let Ok(entry) = serde_json::from_slice(&line) {
                take(&entry);
            } else {
                let words = format!("Line {number} cannot be read.");
                self.findings.add(FindingKind::ExportCut, None, words);
            }
        }
        Ok(())
    }

    fn lines(&mut self) -> io::Result<Lines> {
        self.bytes.seek(SeekFrom::Start(self.begin))?;
        Ok(Lines::default())
    }

    fn take_head(&mut self, head: Option<ExportHead>) {
        let Some(head) = head else {
            let words = "The export ends without its head: its end is missing.";
            return self.findings.add(FindingKind::ExportCut, None, words);
        };
        if usize::try_from(head.entries) != Ok(self.numbers.len()) {
            let words = format!(
                "{} entries were exported, and {} are there.",
                head.entries,
                self.numbers.len()
            );
            self.findings.add(FindingKind::ExportCut, None, words);
        }
        self.chain = head.chain;
        self.has_unsigned_head = head.checkpoint.is_none();
        self.checkpoint = head.checkpoint;
        let keys = head.verifiers.iter().take(64);
        self.verifiers = keys.filter_map(|key| Verifier::parse(key)).collect();
    }
}

impl Line {
    fn read(line: &[u8]) -> Self {
        if let Ok(entry) = serde_json::from_slice(line) {
            return Self::Entry(entry);
        }
        match serde_json::from_slice::<LastLine>(line) {
            Ok(last) => Self::Head(Box::new(last.head)),
            Err(_) => Self::Unreadable,
        }
    }
}

/// Lines that are numbered from 1; what is too long for one is cut.
#[derive(Default)]
struct Lines {
    number: u32,
    read_bytes: u64,
}

impl Lines {
    /// The next line, without its end.
    fn next(&mut self, bytes: &mut impl BufRead) -> io::Result<Option<(u32, Vec<u8>)>> {
        let mut line = Vec::new();
        let mut read = bytes
            .by_ref()
            .take(LONGEST_LINE_BYTES)
            .read_until(b'\n', &mut line)? as u64;
        if read == 0 || self.read_bytes > LARGEST_EXPORT_BYTES {
            return Ok(None);
        }
        if read == LONGEST_LINE_BYTES && !line.ends_with(b"\n") {
            let rest = LARGEST_EXPORT_BYTES.saturating_sub(self.read_bytes);
            read += bytes.by_ref().take(rest).skip_until(b'\n')? as u64;
        }
        self.read_bytes += read;
        self.number = self.number.saturating_add(1);
        // Some programs write a mark of the byte order before what they store.
        if self.number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        line.truncate(line.trim_ascii_end().len());
        Ok(Some((self.number, line)))
    }
}

/// The last line of an export.
pub(super) fn last_line(head: ExportHead) -> Option<String> {
    serde_json::to_string(&LastLine { head }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_export_is_not_read_to_its_end() {
        struct Endless(u64);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += buffer.len() as u64;
                assert!(self.0 < 1 << 20, "{} bytes were read", self.0);
                buffer.fill(b'\n');
                Ok(buffer.len())
            }
        }
        impl Seek for Endless {
            fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
                Ok(0)
            }
        }
        assert!(Export::open(Endless(0)).unwrap().is_none());
    }

    #[test]
    fn findings_and_lines_are_bounded() {
        let head = ExportHead {
            entries: 0,
            chain: Chain::Demo,
            checkpoint: None,
            verifiers: Vec::new(),
            public_key_pem: None,
        };
        let head = last_line(head).unwrap();
        let long = "x".repeat(3 << 20);
        let text = format!("{head}\n{long}\n{}", "x\n".repeat(5000));
        let export = Export::parse(&text).unwrap();
        assert_eq!(export.chain, Chain::Demo);
        let findings = export.findings.sorted();
        assert_eq!(findings.len(), 1001);
        assert_eq!(findings[0].words, "Line 2 cannot be read.");
        assert_eq!(findings[1000].words, "4,001 more are not listed.");
    }
}
