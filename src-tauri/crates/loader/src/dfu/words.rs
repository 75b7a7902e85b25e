//! Words by which plans, journals and targets of this protocol are known. They never change.

/// What users call it.
pub(super) const NAME: &str = "USB DFU";

/// Keys of the phases.
pub(super) mod phase {
    pub(crate) const CHECK: &str = "check_device";
    pub(crate) const DETACH: &str = "enter_bootloader";
    pub(crate) const SAVE: &str = "save";
    pub(crate) const ERASE: &str = "erase";
    pub(crate) const WRITE: &str = "write";
    pub(crate) const MANIFEST: &str = "manifest";
    pub(crate) const READ_BACK: &str = "read_back";
    pub(crate) const LEAVE: &str = "leave";
}

/// Modes of a [`Target`].
pub(super) const APPLICATION: &str = "application";
pub(super) const BOOTLOADER: &str = "bootloader";
