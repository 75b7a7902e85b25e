//! Firmware to try with: valid images that nobody would want on a real reader.

use std::io;
use std::path::{Path, PathBuf};

use firmdrop_simulator::reader::demo_image;

/// Name of the file; the version is the one inside.
const NAME: &str = "demo-reader-1.1.0.bin";
/// Version written inside, newer than the one the readers run.
const VERSION: (u8, u8, u16) = (1, 1, 0);
/// Size of the image, bytes: some seconds on the readers' pretended line.
const SIZE_BYTES: u32 = 384 * 1024;

/// The image the demo delivers.
pub fn sample_image() -> Vec<u8> {
    demo_image(VERSION, SIZE_BYTES)
}

/// Writes a file that only its owner can read, like every file of a home.
fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(path)?, content)
}

/// Writes the sample into the folder, unless it is there.
pub(crate) fn write_sample(folder: &Path) -> io::Result<PathBuf> {
    let path = folder.join(NAME);
    let image = sample_image();
    if std::fs::read(&path).is_ok_and(|there| there == image) {
        return Ok(path);
    }
    let beside = folder.join(format!("{NAME}.new"));
    write_private(&beside, &image)?;
    std::fs::rename(&beside, &path)?;
    Ok(path)
}
