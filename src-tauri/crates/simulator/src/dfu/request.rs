//! One control transfer: what is asked, and how it ended.

/// A request, as its setup packet says it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setup {
    pub(super) request: u8,
    pub(super) value: u16,
    pub(super) length: u16,
}

/// How a control transfer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Well; with the bytes of a read.
    Data(Vec<u8>),
    /// The device refused.
    Stall,
    /// The device left the bus.
    Gone,
    /// The transfer failed, and the system does not say why.
    Broken,
    /// Nothing came.
    Silent,
}

impl Reply {
    pub(super) fn done(is_done: bool) -> Self {
        if is_done {
            Self::Data(Vec::new())
        } else {
            Self::Stall
        }
    }
}
