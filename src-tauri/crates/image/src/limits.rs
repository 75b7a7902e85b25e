//! How much of a foreign file is believed, and why so much.
//!
//! Every limit stands far above what real firmware needs and far below what harms this computer.

use firmdrop_core::MIB;

/// Bytes read at once while a file is streamed. Larger buffers were not faster.
pub(crate) const STREAM_BUFFER_BYTES: usize = 256 * 1024;

/// Size of a text format (Intel HEX, S-record). 256 MiB of text hold about 100 MiB of flash, more
/// than any microcontroller addresses.
pub(crate) const TEXT_FILE_BYTES: u64 = 256 * MIB;

/// Length of a line of text. The longest record, 255 data bytes, is 523 characters; a row of 512 bytes of
/// flash in a `.cyacd2` file is 1033.
pub(crate) const TEXT_LINE_BYTES: usize = 2048;

/// Size of a UF2 file, which spends 512 bytes on 256. No drive that takes one is larger.
pub(crate) const UF2_FILE_BYTES: u64 = 256 * MIB;

/// Parts with an address of their own in one file. Real images have a few dozen, files that change
/// single calibration values some thousands.
pub(crate) const SEGMENTS: usize = 65_536;

/// Bytes that a file writes more than once and that are compared. An image that is in its file twice
/// has some megabytes of them.
pub(crate) const COMPARED_BYTES: usize = 16 * 1024 * 1024;

/// Elements of a `DfuSe` file. Real ones have a few dozen.
pub(crate) const DFUSE_ELEMENTS: usize = 4096;

/// Runs of records whose first bytes are looked at. Real images have a few dozen.
pub(crate) const HEADS: usize = 64;

/// Size of an image inside another file that is held in memory to be inspected.
pub(crate) const INNER_BYTES: u64 = 64 * MIB;

/// How deep files inside of files are opened: an image in a tar archive in a gzip stream is three.
pub(crate) const DEPTH: usize = 3;

/// Files of one archive that are opened. The rest are counted.
pub(crate) const PARTS: usize = 64;

/// Bytes unpacked of all that lies inside one file.
pub(crate) const UNPACKED_BYTES: u64 = 256 * MIB;

/// Size of a JSON page that is parsed. Firmware in JSON has a few megabytes of text.
pub(crate) const JSON_BYTES: u64 = 16 * MIB;

/// Entries of a tar archive that are counted.
pub(crate) const TAR_ENTRIES: usize = 4096;

/// UF2 families told apart in one file. Files for two chips exist; for nine, none.
pub(crate) const UF2_FAMILIES: usize = 8;

/// UF2 files of one family, one behind the other. `esptool` writes one for each of the files it merges.
pub(crate) const UF2_FILES: usize = 64;

/// Program headers of an ELF file. Linkers write fewer than twenty.
pub(crate) const ELF_PROGRAM_HEADERS: u16 = 1024;

/// Tags of a GBL image. Real ones have one per flash area and a dozen others.
pub(crate) const GBL_TAGS: usize = 4096;

/// Size of an inspection's JSON form. That of a package of ten images has about 30 KiB; it is stored
/// with every job.
pub(crate) const INSPECTION_BYTES: usize = 128 * 1024;

/// Facts, checks and segments that are listed; the rest are counted. A package of ten images has
/// about a hundred of the first two, a scattered HEX file dozens of segments.
pub(crate) const LISTED_FACTS: usize = 384;
/// See [`LISTED_FACTS`].
pub(crate) const LISTED_CHECKS: usize = 256;
/// See [`LISTED_FACTS`].
pub(crate) const LISTED_SEGMENTS: usize = 512;

/// Size of one text of an inspection. Longer ones are cut.
pub(crate) const TEXT_BYTES: usize = 1024;

/// Bytes of one run of records that are parsed again at once when a payload is read. Its index has one
/// entry of about a hundred bytes for so many.
pub(crate) const PAYLOAD_RUN_BYTES: usize = 64 * 1024;

/// Runs of records in one file, about 6 MiB of index. A file that writes forward has 1600 at the
/// largest size that is read.
pub(crate) const PAYLOAD_RUNS: usize = 65_536;

/// Bytes read at once from the middle of a file of records, and packed bytes of an archive.
pub(crate) const PAYLOAD_PIECE_BYTES: usize = 16 * 1024;

/// Entries of one `MCUboot` image that become facts. Real images have fewer than twenty.
pub(crate) const MCUBOOT_FACTS: usize = 64;

/// Places named in one failed check; the rest are counted.
pub(crate) const PLACES_NAMED: usize = 5;

/// Files that the manifest of a firmware package lists. Real ones list up to ten.
pub(crate) const ARCHIVE_ENTRIES: usize = 64;

/// Size of a zip directory that is looked into. A larger one has tens of thousands of entries and
/// belongs to no firmware package.
pub(crate) const ARCHIVE_DIRECTORY_BYTES: u64 = 4 * MIB;

/// Size of all that the manifest of a firmware package lists, unpacked.
pub(crate) const ARCHIVE_TOTAL_BYTES: u64 = 512 * MIB;

/// Size of `manifest.json` and of an init packet. Real ones have about a kilobyte.
pub(crate) const ARCHIVE_SMALL_ENTRY_BYTES: u64 = 64 * 1024;

/// Size of an image inside a package that is held in memory to be inspected.
pub(crate) const ARCHIVE_IMAGE_BYTES: u64 = 64 * MIB;

/// Characters of one text out of a file that are shown.
pub(crate) const SHOWN_CHARACTERS: usize = 120;
