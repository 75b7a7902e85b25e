//! Where drives are mounted, as the system lists it. Reads one file of the kernel; touches no drive.

use std::path::PathBuf;

/// Bytes of the list that are read. A computer with hundreds of containers has a few hundred KiB.
const LARGEST_LIST_BYTES: u64 = 1024 * 1024;

/// File systems that a bootloader can show: FAT, by every driver that Linux has for it. `fuseblk` is what
/// drivers outside the kernel are listed as.
const FAT: [&str; 4] = ["vfat", "msdos", "exfat", "fuseblk"];

/// One mounted drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    /// The folder it is seen at.
    pub(super) path: PathBuf,
    /// `8:16`: the numbers of its device.
    pub(super) device: String,
}

/// The mounted FAT drives. None on a system without such a list.
pub(super) fn all() -> Vec<Mount> {
    let Ok(file) = std::fs::File::open("/proc/self/mountinfo") else {
        return Vec::new();
    };
    let mut list = Vec::new();
    let mut bounded = std::io::Read::take(file, LARGEST_LIST_BYTES);
    match std::io::Read::read_to_end(&mut bounded, &mut list) {
        Ok(_) => read(&list),
        Err(_) => Vec::new(),
    }
}

/// proc(5), `/proc/pid/mountinfo`: ID PARENT MAJOR:MINOR ROOT PATH OPTIONS [TAGS] - TYPE SOURCE OPTIONS.
fn read(list: &[u8]) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = Vec::new();
    for line in list.split(|byte| *byte == b'\n') {
        let Some(mount) = mount(line) else { continue };
        // Of two at one folder only the later can be seen.
        mounts.retain(|earlier| earlier.path != mount.path);
        mounts.push(mount);
    }
    mounts
}

fn mount(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let device = String::from_utf8(fields.nth(2)?.to_vec()).ok()?;
    // A folder of a drive mounted elsewhere is not the root of that drive.
    let root = fields.next()?;
    let path = unescaped(fields.next()?);
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
    let is_fat = FAT.iter().any(|fat| fat.as_bytes() == kind);
    (is_fat && root == b"/" && path.first() == Some(&b'/')).then_some(())?;
    // An address is text, and so has to be the folder.
    let path = PathBuf::from(String::from_utf8(path).ok()?);
    Some(Mount { path, device })
}

/// `\040` is a blank: three octal digits behind a backslash, one byte.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|_| *first == b'\\');
        let octal = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(byte) = octal {
            bytes.push(byte);
            rest = after.get(3..).unwrap_or(&[]);
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] = b"36 35 98:0 / /boot rw,noatime master:1 - ext3 /dev/root rw
40 35 8:16 / /media/user/RPI\\040RP2 rw,nosuid shared:3 - vfat /dev/sdb rw,utf8
41 35 8:17 /part /srv/part rw - vfat /dev/sdb1 rw
42 35 8:32 / /media/user/DAPLINK rw - vfat /dev/sdc rw
43 35 8:48 / /media/user/DAPLINK rw - vfat /dev/sdd rw
broken
";

    #[test]
    fn only_whole_fat_drives_are_listed_and_of_two_at_one_folder_the_visible_one() {
        let mounts = read(LIST);
        let found: Vec<_> = mounts
            .iter()
            .map(|mount| (mount.path.to_str().unwrap(), mount.device.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("/media/user/RPI RP2", "8:16"),
                ("/media/user/DAPLINK", "8:48")
            ]
        );
    }

    #[test]
    fn no_damaged_list_makes_it_panic() {
        for at in 0..LIST.len() {
            let _ = read(&LIST[..at]);
            for byte in [0, b' ', b'\\', b'\n', 0xFF] {
                let mut damaged = LIST.to_vec();
                damaged[at] = byte;
                let _ = read(&damaged);
            }
        }
    }
}
