//! The file that holds the state of the account between runs: a log of the rows that changed.
//!
//! A line is a change that came whole, or did not come: a process may be killed at any moment, and
//! a line without its end is as if it had never been written. Written lines belong to the operating
//! system, so they outlive the process, though not a loss of power. A log that grew is written anew
//! beside the old one and takes its place.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::{inventory::Inventory, row::Row};

/// The form of the file.
const FORMAT: u32 = 1;
/// Longest line that is read, bytes; ours: ten thousand devices that change at once need 10 MB.
const LONGEST_LINE_BYTES: u64 = 256 * 1024 * 1024;
/// From this length on a log is written anew, bytes, and when it has grown to four times what it was.
const LONG_LOG_BYTES: u64 = 8 * 1024 * 1024;
const GROWTH: u64 = 4;

/// The first line: what the account began with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Beginning {
    format: u32,
    /// Where the service was to be found.
    pub(crate) port: u16,
    pub(crate) inventory: Inventory,
    /// When the inventory was put in place.
    pub(crate) at: Moment,
}

impl Beginning {
    pub(crate) const fn new(port: u16, inventory: Inventory, at: Moment) -> Self {
        Self {
            format: FORMAT,
            port,
            inventory,
            at,
        }
    }
}

/// Every other line: rows that changed together.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Batch {
    pub(crate) last_id: u64,
    pub(crate) rows: Vec<Row>,
}

/// A state that was saved.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) beginning: Beginning,
    pub(crate) batches: Vec<Batch>,
}

/// The open log.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    file: File,
    beginning: Beginning,
    length: u64,
    length_anew: u64,
    is_torn: bool,
}

fn path_in(folder: &Path) -> PathBuf {
    folder.join("state.jsonl")
}

/// Reads the state saved in the folder; nothing when there is none that can be read. One that is
/// damaged, or of another form, is moved aside.
pub(crate) fn read(folder: &Path) -> io::Result<Option<Saved>> {
    fs::create_dir_all(folder)?;
    let file = match File::open(path_in(folder)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    match read_lines(BufReader::new(file)) {
        Err(error) if is_damage(&error) => {
            set_aside(folder)?;
            Ok(None)
        }
        read => read,
    }
}

/// Whether the file was read and is not what was written.
fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
    )
}

/// Moves a state aside that cannot be used.
pub(crate) fn set_aside(folder: &Path) -> io::Result<()> {
    fs::rename(path_in(folder), folder.join("state.damaged"))
}

fn read_lines(mut file: BufReader<File>) -> io::Result<Option<Saved>> {
    let Some(first) = line(&mut file)? else {
        return Ok(None);
    };
    let beginning: Beginning = serde_json::from_slice(&first)?;
    if beginning.format != FORMAT {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut batches = Vec::new();
    while let Some(line) = line(&mut file)? {
        batches.push(serde_json::from_slice(&line)?);
    }
    Ok(Some(Saved { beginning, batches }))
}

/// The next whole line.
fn line(file: &mut BufReader<File>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut bounded = file.take(LONGEST_LINE_BYTES);
    bounded.read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        return Ok(Some(line));
    }
    if line.len() as u64 == LONGEST_LINE_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(None)
}

impl Store {
    /// Writes the state anew: its beginning and everything that changed since.
    pub(crate) fn create(folder: &Path, beginning: Beginning, all: &Batch) -> io::Result<Self> {
        let path = path_in(folder);
        let (file, length) = write_anew(&path, &beginning, all)?;
        Ok(Self {
            path,
            file,
            beginning,
            length,
            length_anew: length,
            is_torn: false,
        })
    }

    /// Adds a change. After an error the state is as it was.
    pub(crate) fn append(&mut self, batch: &Batch) -> io::Result<()> {
        let line = line_of(batch)?;
        if self.is_torn {
            self.file.set_len(self.length)?;
        }
        self.is_torn = true;
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(&line)?;
        self.is_torn = false;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Whether the log is worth being written anew.
    pub(crate) const fn is_long(&self) -> bool {
        self.length > LONG_LOG_BYTES && self.length > self.length_anew * GROWTH
    }

    /// Replaces the log by one that holds only this.
    pub(crate) fn replace(&mut self, all: &Batch) -> io::Result<()> {
        let (file, length) = write_anew(&self.path, &self.beginning, all)?;
        self.file = file;
        self.length = length;
        self.length_anew = length;
        self.is_torn = false;
        Ok(())
    }
}

fn line_of(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

fn write_anew(path: &Path, beginning: &Beginning, all: &Batch) -> io::Result<(File, u64)> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    let mut content = line_of(beginning)?;
    content.extend(line_of(all)?);
    file.write_all(&content)?;
    fs::rename(&beside, path)?;
    Ok((file, content.len() as u64))
}

#[cfg(test)]
impl Store {
    /// Takes the right to write away, or gives it back.
    pub(super) fn set_writable(&mut self, writable: bool) {
        let file = File::options().read(true).write(writable).open(&self.path);
        self.file = file.unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(last_id: u64) -> Batch {
        Batch {
            last_id,
            rows: Vec::new(),
        }
    }

    fn a_store(folder: &Path) -> Store {
        let at = Moment::from_millisecond(0);
        let beginning = Beginning::new(7, Inventory::default(), at);
        Store::create(folder, beginning, &batch(1)).unwrap()
    }

    fn last_ids(folder: &Path) -> Vec<u64> {
        let saved = read(folder).unwrap().unwrap();
        saved.batches.iter().map(|batch| batch.last_id).collect()
    }

    #[test]
    fn a_log_cut_at_any_byte_holds_every_whole_line_before_the_cut() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = a_store(folder.path());
        let mut ends = vec![store.length];
        for number in 2..=4 {
            store.append(&batch(number)).unwrap();
            ends.push(store.length);
        }
        let whole = fs::read(path_in(folder.path())).unwrap();
        for cut in usize::try_from(ends[0]).unwrap()..=whole.len() {
            fs::write(path_in(folder.path()), &whole[..cut]).unwrap();
            let expected = ends.iter().filter(|end| **end <= cut as u64).count();
            assert_eq!(last_ids(folder.path()).len(), expected, "cut at {cut}");
        }
    }

    #[test]
    fn a_line_written_after_a_torn_one_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = a_store(folder.path());
        store.file.seek(SeekFrom::Start(store.length)).unwrap();
        store.file.write_all(&[b'x'; 1000]).unwrap();
        store.is_torn = true;
        store.append(&batch(2)).unwrap();
        assert_eq!(last_ids(folder.path()), [1, 2]);
    }

    #[test]
    fn a_log_written_anew_holds_what_it_was_given_and_what_came_later() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = a_store(folder.path());
        store.append(&batch(2)).unwrap();
        store.replace(&batch(3)).unwrap();
        store.append(&batch(4)).unwrap();
        assert_eq!(last_ids(folder.path()), [3, 4]);
    }

    #[test]
    fn a_damaged_log_is_moved_aside_and_the_next_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        for damaged in ["[1]\n", "{\"format\":99}\n", "\u{0}\n", "nothing\n{}\n"] {
            fs::write(path_in(folder.path()), damaged).unwrap();
            assert!(read(folder.path()).unwrap().is_none(), "{damaged}");
            let aside = fs::read_to_string(folder.path().join("state.damaged"));
            assert_eq!(aside.unwrap(), damaged);
            assert!(!path_in(folder.path()).exists());
        }
        fs::write(path_in(folder.path()), "no line").unwrap();
        assert!(read(folder.path()).unwrap().is_none());
    }
}
