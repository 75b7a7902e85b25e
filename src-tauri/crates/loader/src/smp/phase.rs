//! Keys of the phases of a load.

pub(super) const CONNECT: &str = "connect";
pub(super) const UPLOAD: &str = "upload";
pub(super) const CHECK_HASH: &str = "check_hash";
pub(super) const MARK_FOR_TEST: &str = "mark_for_test";
pub(super) const RESTART: &str = "restart";
pub(super) const FIND_AGAIN: &str = "find_again";
pub(super) const CONFIRM: &str = "confirm";
