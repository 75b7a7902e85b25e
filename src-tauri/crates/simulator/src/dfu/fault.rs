//! What goes wrong with a pretend device.

/// The default is nothing.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "faults do not exclude each other"
)]
pub struct DfuFaults {
    /// It loses its power at this control transfer. Taken back as soon as it happened.
    pub cut: Option<Cut>,
    /// It loses its power when so many bytes were stored. Taken back as soon as it happened.
    pub cut_at_byte: Option<u64>,
    /// What it does after the block without bytes that ends an image.
    pub last_block: LastBlock,
    /// One byte of what is written to flash is wrong.
    pub damages_flash: bool,
    /// It takes every block and stores none, as a read-protected processor may.
    pub stores_nothing: bool,
    /// Its memory can be neither read nor written: each such block ends in this status.
    pub protected: Option<u8>,
    /// The block of this number ends in this status. Taken back as soon as it happened.
    pub fails_block: Option<(u64, u8)>,
    /// The poll time it says, whatever it needs, milliseconds.
    pub says_poll_milliseconds: Option<u32>,
    /// It answers a status with so few bytes.
    pub short_status: Option<usize>,
    /// Its bootloader begins in `dfuERROR`, with this status.
    pub begins_in_error: Option<u8>,
    /// It is in this state when it is opened: left there by another program.
    pub found_in: Option<u8>,
    /// It is in `dfuIDLE` after the block of this number of bytes, without an error: it gave the transfer up.
    /// Taken back as soon as it happened.
    pub gives_up_at_byte: Option<u64>,
    /// It stays busy for ever after an erase, until its status was cleared twice.
    pub wedged_by_erase: bool,
    /// It refuses to abort.
    pub stalls_abort: bool,
    /// It refuses to detach.
    pub stalls_detach: bool,
    /// It takes the request to detach and does nothing.
    pub ignores_detach: bool,
    /// It does not come back after it left.
    pub stays_away: bool,
    /// A transfer by which it leaves the bus fails in a way that does not say that it left.
    pub breaks_off_when_leaving: bool,
    /// A reset of the bus by which it leaves ends never.
    pub reset_hangs: bool,
    /// No rule lets this account open it after it left.
    pub denied_after_leaving: bool,
    /// It is nowhere to be opened for so many tries after it left.
    pub tries_away: u32,
    /// A block without bytes starts the application only after an address was set.
    pub leaves_after_address_only: bool,
    /// It answers a status right after a read with nothing.
    pub silent_after_upload: bool,
    /// It gives so many bytes of its image and then says that this was all.
    pub shows_bytes: Option<usize>,
    /// So many requests for its texts are answered by nothing.
    pub silent_texts: u32,
    /// It refuses the descriptors of its texts.
    pub stalls_strings: bool,
    /// It answers requests of the class only once this alternate setting was chosen, in its bootloader.
    pub only_behind_alternate: Option<u8>,
    /// Its application refuses to say its status.
    pub stalls_status_in_application: bool,
    /// It takes any number of bytes and stores so many.
    pub drops_beyond: Option<usize>,
    /// It takes any number of bytes, and those beyond so many go over the first ones.
    pub wraps_at: Option<usize>,
    /// It refuses to choose an alternate setting where there is only one.
    pub stalls_single_alternate: bool,
}

/// A loss of power at a control transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Number of the transfer since the device was made, from 0.
    pub at: u64,
    /// Whether the device carried the request out before it lost its power.
    pub acts: bool,
}

/// What a device does after the block without bytes that ends an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LastBlock {
    /// What DFU 1.1 says.
    #[default]
    AsSpecified,
    /// It restarts at once, before it is asked for its status.
    Restarts,
    /// It answers nothing any more, and stays on the bus.
    Silent,
    /// It says that it manifests, and says so for ever.
    ManifestsForEver,
    /// It refuses to say its status.
    Refuses,
    /// It says this state.
    Says(u8),
}
