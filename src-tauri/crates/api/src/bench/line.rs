//! A line at the end of a file: whole and on the disk, or not there.
//!
//! What the lines say is the business of their file.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};

/// Appends a line. When that fails the file ends as before: half a line would swallow the next one.
pub(super) fn append(file: &mut File, line: &str) -> io::Result<()> {
    or_as_before(file, |file| {
        file.write_all(line.as_bytes())?;
        file.sync_data()
    })
}

fn or_as_before(
    file: &mut File,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let end = file.seek(SeekFrom::End(0))?;
    let written = write(file);
    if written.is_err() {
        // What cannot be removed now is dropped when the file is opened again.
        let _ = file.set_len(end);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_line_that_a_full_disk_left_does_not_swallow_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lot.csv");
        let mut file = File::create(&path).unwrap();
        append(&mut file, "one\n").unwrap();
        let full = or_as_before(&mut file, |file| {
            file.write_all(b"tw")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(full.unwrap_err().kind(), io::ErrorKind::StorageFull);
        append(&mut file, "three\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\nthree\n");
    }
}
