//! How the peripheral is found, and the two ports that lead to it.

/// The peripheral's address.
pub const ADDRESS: &str = "F0:F1:F2:F3:F4:F5";
/// The name that it advertises.
pub const NAME: &str = "Reader 5";

/// The port with the packets of its controller.
pub(super) const CONTROLLER_PORT: &str = "controller";
/// The port with the values of its reader.
pub(super) const READER_PORT: &str = "reader";
