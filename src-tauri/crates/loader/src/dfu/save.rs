//! Storing what a device holds before it is erased or overwritten, in a file that can be loaded again.
//!
//! A memory with addresses becomes an Intel HEX file of the sectors that are erased, any other a file of its bytes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use firmdrop_core::{NoteKind, Sha256Hasher, grouped};
use tokio::fs::{self, File};
use tokio::io::{AsyncWriteExt as _, BufWriter};

use super::layout::{Part, Range};
use super::load::{Ended, Load};
use super::session::{RequestFailure, Session};
use super::st;
use super::words::phase;
use crate::{LeftState, LoadError};

/// Most bytes that are stored of one device. The largest memories of such processors have some 2 MiB; external flash more.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of one line of a HEX file.
const LINE_BYTES: usize = 16;

/// Stores what lies in the sectors that a load will erase.
pub(super) async fn by_address(
    load: &Load<'_>,
    session: &Session,
    parts: &[Part],
) -> Result<(), Ended> {
    let Some(mut file) = SavedFile::begin(load, "hex").await? else {
        return Ok(());
    };
    if !session.functional.can_upload {
        return Err(not_shown("it does not let its memory be read"));
    }
    let sectors = parts.iter().flat_map(|part| &part.sectors);
    let total = sectors.map(|sector| sector.end - sector.begin).sum();
    let mut upper = None;
    for part in parts {
        session.choose(part.alternate).await?;
        for range in merged(&part.sectors) {
            let mut read = st::Read::new(session, range);
            while let Some((address, bytes)) =
                load.unless_stopped(read.next()).await.map_err(refused)?
            {
                for (line, chunk) in bytes.chunks(LINE_BYTES).enumerate() {
                    let address = address + (line * LINE_BYTES) as u64;
                    file.write(&hex_lines(&mut upper, address, chunk)).await?;
                }
                file.count(load, bytes.len(), total)?;
            }
        }
    }
    file.write(b":00000001FF\n").await?;
    file.end(load).await
}

/// Stores the image of a device without addresses.
pub(super) async fn plain(load: &Load<'_>, session: &Session) -> Result<(), Ended> {
    let Some(mut file) = SavedFile::begin(load, "bin").await? else {
        return Ok(());
    };
    if !session.functional.can_upload {
        return Err(not_shown("it does not let its image be read"));
    }
    let most = session.block_bytes();
    let mut block = 0_u16;
    loop {
        let bytes = load
            .unless_stopped(session.upload(block, most))
            .await
            .map_err(refused)?;
        file.write(&bytes).await?;
        file.count(load, bytes.len(), 0)?;
        // A short block ends it: DFU 1.1, 6.2.
        if bytes.len() < usize::from(most) {
            break;
        }
        block = block.wrapping_add(1);
    }
    session.abort().await?;
    file.end(load).await
}

/// Ranges that follow each other as one.
fn merged(sectors: &[Range]) -> Vec<Range> {
    let mut all: Vec<Range> = Vec::new();
    for sector in sectors {
        match all.last_mut() {
            Some(last) if last.end == sector.begin => last.end = sector.end,
            _ => all.push(*sector),
        }
    }
    all
}

/// The lines of up to 16 bytes: Intel's specification of 1988, records 00 and 04. No line crosses 64 KiB.
fn hex_lines(upper: &mut Option<u16>, address: u64, bytes: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    let mut rest = bytes;
    let mut address = address;
    while !rest.is_empty() {
        let [_, _, _, _, high, higher, low, lower] = address.to_be_bytes();
        let (above, here) = (
            u16::from_be_bytes([high, higher]),
            u16::from_be_bytes([low, lower]),
        );
        if *upper != Some(above) {
            text += &record(0, 4, &above.to_be_bytes());
            *upper = Some(above);
        }
        let room = (0x1_0000 - usize::from(here)).min(rest.len());
        let (line, later) = rest.split_at(room);
        text += &record(here, 0, line);
        address += room as u64;
        rest = later;
    }
    text.into_bytes()
}

fn record(offset: u16, kind: u8, bytes: &[u8]) -> String {
    let [high, low] = offset.to_be_bytes();
    let length = u8::try_from(bytes.len()).unwrap_or_default();
    let mut all = vec![length, high, low, kind];
    all.extend(bytes);
    let sum = all.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    all.push(sum.wrapping_neg());
    let mut line = String::from(":");
    for byte in all {
        // Writing into a text does not fail.
        let _ = write!(line, "{byte:02X}");
    }
    line.push('\n');
    line
}

/// What was asked for cannot be done, and nothing is written instead.
fn not_shown(why: &str) -> Ended {
    Ended::Load(LoadError::Refused {
        why: format!("{why}, so nothing of it can be saved"),
        advice: Some("Load it without the option save=yes: what it holds is lost then."),
        state: LeftState("Nothing was erased or written.".into()),
    })
}

fn refused(ended: Ended) -> Ended {
    match ended {
        Ended::RequestFailure(RequestFailure::Refused(status)) => {
            not_shown(&format!("it refuses to be read ({})", status.reason()))
        }
        ended => ended,
    }
}

/// The file that is written. It has its name once it is whole.
struct SavedFile {
    path: PathBuf,
    beside: PathBuf,
    file: BufWriter<File>,
    hash: Sha256Hasher,
    bytes: u64,
    is_whole: bool,
}

impl Drop for SavedFile {
    fn drop(&mut self) {
        if !self.is_whole {
            // A part of what the reader holds brings nothing back. One that cannot be removed is overwritten by the
            // next run.
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}

impl SavedFile {
    /// `None` when nothing is to be saved, or an earlier run of this load has saved it.
    async fn begin(load: &Load<'_>, ending: &str) -> Result<Option<Self>, Ended> {
        if !load.options.saves {
            return Ok(None);
        }
        let Some(stem) = &load.context.save_as else {
            return Err(not_shown("there is no folder for it"));
        };
        let path = stem.with_extension(ending);
        if load.resumes {
            let text = if path.exists() {
                format!(
                    "An earlier run saved what the reader held: {}",
                    path.display()
                )
            } else {
                "An earlier run began to write: what the reader held before is not there to be saved".to_owned()
            };
            load.note(NoteKind::Step, text);
            return Ok(None);
        }
        load.begin(phase::SAVE)?;
        let beside = path.with_extension("part");
        let file = File::create(&beside).await.map_err(Ended::File)?;
        Ok(Some(Self {
            path,
            beside,
            file: BufWriter::new(file),
            hash: Sha256Hasher::default(),
            bytes: 0,
            is_whole: false,
        }))
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        self.hash.update(bytes);
        self.file.write_all(bytes).await.map_err(Ended::File)
    }

    /// Counts bytes of the device; a device that never ends is given up.
    fn count(&mut self, load: &Load<'_>, bytes: usize, total: u64) -> Result<(), Ended> {
        self.bytes += bytes as u64;
        if self.bytes > MOST_BYTES {
            return Err(not_shown("it shows more than 64 MiB"));
        }
        load.progress(self.bytes, 0, total.max(self.bytes));
        Ok(())
    }

    async fn end(mut self, load: &Load<'_>) -> Result<(), Ended> {
        let hash = std::mem::take(&mut self.hash).finish();
        let stored = async {
            self.file.flush().await?;
            self.file.get_ref().sync_all().await?;
            // Without its digest nobody can say later that the file is still what was read.
            write_digest(&self.path, &hash.to_string()).await?;
            fs::rename(&self.beside, &self.path).await?;
            self.is_whole = true;
            sync_folder(&self.path).await
        };
        stored.await.map_err(Ended::File)?;
        load.note(
            NoteKind::Step,
            format!(
                "Saved what the reader held, {} bytes: {} (SHA-256 {hash})",
                grouped(self.bytes),
                self.path.display()
            ),
        );
        Ok(())
    }
}

/// Writes the digest of a saved file beside it, as `sha256sum` does.
async fn write_digest(saved: &Path, digest: &str) -> std::io::Result<()> {
    let name = saved.file_name().unwrap_or_default().to_string_lossy();
    let file = saved.with_added_extension("sha256");
    fs::write(file, format!("{digest}  {name}\n")).await
}

/// Makes a new name survive the loss of power.
async fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent().filter(|_| cfg!(unix)) {
        Some(folder) => File::open(folder).await?.sync_all().await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_their_sums_and_none_crosses_64_kib() {
        let mut upper = None;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let lines = hex_lines(&mut upper, 0x0800_FFFE, &[1, 2, 3]);
        assert_eq!(
            text(lines),
            ":020000040800F2\n:02FFFE000102FE\n:020000040801F1\n:0100000003FC\n"
        );
        assert_eq!(
            text(hex_lines(&mut upper, 0x0801_0001, &[4])),
            ":0100010004FA\n"
        );
    }

    #[test]
    fn sectors_that_follow_each_other_are_read_as_one() {
        let range = |begin, end| Range { begin, end };
        let all = merged(&[range(0, 4), range(4, 8), range(16, 20)]);
        assert_eq!(all, [range(0, 8), range(16, 20)]);
    }
}
