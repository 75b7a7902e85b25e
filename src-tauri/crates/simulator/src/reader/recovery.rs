//! `MCUboot`'s serial recovery, by the options it is built with.
//!
//! Written from the names and effects of `boot/zephyr/Kconfig.serial_recovery`; how it answers is said in
//! `in_recovery`.

/// What a bootloader's serial recovery was built with. The default is `MCUboot`'s own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "build options do not exclude each other"
)]
pub struct Recovery {
    /// `BOOT_SERIAL_IMG_GRP_HASH`: its list has hashes.
    pub hashes: bool,
    /// `BOOT_SERIAL_IMG_GRP_IMAGE_STATE`: its list has flags, and it takes *test* and *confirm*.
    pub states: bool,
    /// `BOOT_MGMT_MCUMGR_PARAMS`: it returns its buffer size.
    pub parameters: bool,
    /// `BOOT_MGMT_ECHO`.
    pub echo: bool,
    /// `BOOT_SERIAL_IMG_GRP_SLOT_INFO`: it returns the upload numbers of its slots.
    pub slot_info: bool,
    /// `MCUBOOT_SERIAL_DIRECT_IMAGE_UPLOAD`: the number of an upload is a slot's, not an image's.
    pub direct: bool,
    /// It is older than `MCUboot` 2.0 and drops whatever is not of version 1 of the protocol.
    pub only_version_1: bool,
    /// It answers nothing to a request that it does not know, as its first versions.
    pub ignores_unknown: bool,
    /// `BOOT_ERASE_PROGRESSIVELY`: it erases each sector before it writes it, and not the slot at first.
    pub progressive: bool,
    /// What starts after a reset, when there is a valid image.
    pub starts: Starts,
}

/// What a reader in recovery starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Starts {
    /// An application that speaks the protocol.
    #[default]
    Application,
    /// An application that answers nothing.
    SilentApplication,
    /// Recovery again: its button is still held.
    Recovery,
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            hashes: true,
            states: false,
            parameters: false,
            echo: false,
            slot_info: false,
            direct: false,
            only_version_1: false,
            ignores_unknown: false,
            progressive: false,
            starts: Starts::Application,
        }
    }
}

impl Recovery {
    /// One without any option, as before version 2.0 of `MCUboot`.
    pub const BARE: Self = Self {
        hashes: false,
        states: false,
        parameters: false,
        echo: false,
        slot_info: false,
        direct: false,
        only_version_1: true,
        ignores_unknown: true,
        progressive: false,
        starts: Starts::Application,
    };

    /// Every combination of the options that change what it answers.
    pub fn matrix() -> impl Iterator<Item = Self> {
        (0..128_u8).map(Self::of_bits)
    }

    /// Some of them: every three options meet in every combination.
    pub fn sample() -> impl Iterator<Item = Self> {
        // An orthogonal array: the last two bits are sums of others.
        (0..32_u8).map(|bits| {
            let sum =
                |places: [u8; 3]| places.iter().map(|place| bits >> place & 1).sum::<u8>() & 1;
            Self::of_bits(bits | sum([0, 1, 2]) << 5 | sum([2, 3, 4]) << 6)
        })
    }

    fn of_bits(bits: u8) -> Self {
        Self {
            hashes: bits & 1 != 0,
            states: bits & 2 != 0,
            parameters: bits & 4 != 0,
            echo: bits & 8 != 0,
            direct: bits & 16 != 0,
            slot_info: bits & 16 != 0,
            only_version_1: bits & 32 != 0,
            ignores_unknown: bits & 0b10_0001 == 0b10_0000,
            progressive: bits & 64 != 0,
            starts: Starts::Application,
        }
    }

    /// Image and slot that an upload with this number is written to.
    pub(super) fn place_of(self, number: usize) -> (usize, u32) {
        match (self.direct, number.checked_sub(1)) {
            (true, Some(index)) => (index / 2, u32::from(index % 2 == 1)),
            (true, None) => (0, 0),
            (false, _) => (number, 0),
        }
    }
}
