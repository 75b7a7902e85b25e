//! A cpio archive in the form that the kernel unpacks as its first file system.
//!
//! Linux, `Documentation/driver-api/early-userspace/buffer-format.rst`: "newc".

/// `S_IFDIR | 0755` and `S_IFREG | 0755`.
const FOLDER: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;

/// An archive that is being written.
#[derive(Debug, Default)]
pub(super) struct Archive {
    bytes: Vec<u8>,
    count: u32,
}

impl Archive {
    pub(super) fn folder(&mut self, path: &str) {
        self.entry(path, FOLDER, &[]);
    }

    /// A file that everybody may read and start.
    pub(super) fn program(&mut self, path: &str, content: &[u8]) {
        self.entry(path, PROGRAM, content);
    }

    /// The whole archive.
    pub(super) fn end(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[]);
        self.bytes
    }

    fn entry(&mut self, path: &str, mode: u32, content: &[u8]) {
        self.count += 1;
        let size = content.len();
        let name_size = path.len() + 1;
        // Inode, mode, owner, group, links, time, size, four device numbers, size of the name, checksum.
        let header = format!(
            "070701{:08X}{mode:08X}{:08X}{:08X}{:08X}{:08X}{size:08X}{:08X}{:08X}{:08X}{:08X}{name_size:08X}{:08X}",
            self.count, 0, 0, 1, 0, 0, 0, 0, 0, 0
        );
        self.bytes.extend(header.as_bytes());
        self.bytes.extend(path.as_bytes());
        self.bytes.push(0);
        self.fill();
        self.bytes.extend(content);
        self.fill();
    }

    /// Header with name, and content, end at a multiple of four bytes.
    fn fill(&mut self) {
        let whole = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(whole, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_what_gnu_cpio_writes_of_the_same_file() {
        let mut archive = Archive::default();
        archive.program("a", b"hello");
        let written = String::from_utf8(archive.end()).unwrap();
        // printf hello > a; chmod 755 a; echo a | cpio -o -H newc, with its numbers of device, inode, owner and time.
        let expected = concat!(
            "07070100000001000081ED000000000000000000000001000000000000000500000000000000000000000000000000",
            "0000000200000000a\0hello\0\0\0",
            "0707010000000200000000000000000000000000000001000000000000000000000000000000000000000000000000",
            "0000000B00000000TRAILER!!!\0\0\0\0"
        );
        assert_eq!(written, expected);
    }
}
