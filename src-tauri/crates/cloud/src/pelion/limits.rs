//! Limits of the service, each with its source. No code.

use firmdrop_core::MIB;

/// Smallest chunk but the last, bytes. Large-image guide: "at least 5MB except for the last"; the
/// later edition writes MiB, and the object store behind it counts 5 MiB. A shorter one in the
/// middle is refused only at the very end.
pub const SMALLEST_CHUNK_BYTES: u64 = 5 * MIB;

/// Largest request body, bytes. Large-image guide: "each request is less than or equal to 100MiB".
pub const LARGEST_CHUNK_BYTES: u64 = 100 * MIB;

/// Below this size one POST is enough, bytes. The guides disagree about exactly 100 MiB, so a file
/// of that size goes in chunks.
pub const SINGLE_POST_BELOW_BYTES: u64 = 100 * MIB;

/// Most chunks of an upload job. Public contract of January 2021.
pub const MOST_CHUNKS: u64 = 10_000;

/// Longest name, characters. Public contract: `maxLength: 128`.
pub const NAME_CHARACTERS: usize = 128;

/// Longest description, characters. Public contract: `maxLength: 2000`.
pub const DESCRIPTION_CHARACTERS: usize = 2000;

/// Longest file name of a single POST, characters. Public contract: 166.
pub const FILE_NAME_CHARACTERS: usize = 166;

/// Largest firmware manifest, bytes. Public contract: larger than 2 KB is refused with 400.
pub const MANIFEST_BYTES: usize = 2048;

/// Longest file name of a manifest, characters. Public contract: 100.
pub const MANIFEST_FILE_NAME_CHARACTERS: usize = 100;

/// Longest name of a saved query, characters. Public contract: `maxLength: 200`.
pub const QUERY_NAME_CHARACTERS: usize = 200;

/// Longest text of a saved query, characters. Public contract: `maxLength: 1000`.
pub const QUERY_CHARACTERS: usize = 1000;

/// Addresses of this length or longer are refused by the device list with 400. Public contract.
pub const URL_CHARACTERS: usize = 4096;

/// Most bytes read of a manifest's datafile. The service stores 2 KB; devices of other makes more.
pub(crate) const MANIFEST_DOWNLOAD_BYTES: u64 = 64 * 1024;

/// Most bytes read of one page of a list. A page of 1,000 devices with all of their fields and
/// attributes has about 3 MiB.
pub(crate) const LIST_ANSWER_BYTES: u64 = 8 * MIB;

/// Largest page the service gives. Public contract: `limit` 2 to 1000, clamped.
pub(crate) const LARGEST_PAGE: u32 = 1000;

/// Fewest entries of a page; the service clamps. The same contract.
pub(crate) const SMALLEST_PAGE: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_guides() {
        assert_eq!(SMALLEST_CHUNK_BYTES, 5_242_880);
        assert_eq!(LARGEST_CHUNK_BYTES, 104_857_600);
        assert_eq!(SINGLE_POST_BELOW_BYTES, 104_857_600);
        assert_eq!((MANIFEST_BYTES, URL_CHARACTERS), (2048, 4096));
        assert_eq!((MOST_CHUNKS, LARGEST_PAGE), (10_000, 1000));
        assert_eq!(
            (
                NAME_CHARACTERS,
                DESCRIPTION_CHARACTERS,
                FILE_NAME_CHARACTERS
            ),
            (128, 2000, 166)
        );
    }
}
