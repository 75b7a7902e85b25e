//! What goes wrong with a pretend drive.

/// The default is nothing.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "faults do not exclude each other"
)]
pub struct DriveFaults {
    /// It goes away when it has so many bytes of a file, and comes back. Taken back as soon as it happened.
    pub cut_at: Option<u64>,
    /// It does not answer any more from so many bytes of a file on.
    pub silent_from: Option<u64>,
    /// It takes the last block and fails in the same moment, since it restarts.
    pub leaves_in_last_block: bool,
    /// After the file it stays away, as a bootloader does that starts the application.
    pub stays_away: bool,
    /// It takes every byte and does nothing with them.
    pub ignores_blocks: bool,
    /// One byte of what is written to flash is wrong.
    pub damages_flash: bool,
    /// So many bytes have room.
    pub room: Option<u64>,
    /// Nothing can be written.
    pub read_only: bool,
    /// Files cannot be removed.
    pub removes_nothing: bool,
    /// It lists a file as this long.
    pub lists_size: Option<u64>,
    /// What its `FAIL.TXT` says after a file.
    pub fails_with: Option<String>,
    /// What its `ASSERT.TXT` says after a file.
    pub asserts_with: Option<String>,
    /// It comes back at this folder.
    pub returns_at: Option<String>,
    /// Another one is there when it comes back: the id it says.
    pub returns_as: Option<String>,
    /// It is at this USB port when it comes back.
    pub returns_on: Option<String>,
}
