//! Text of a reader on a line that its protocol shares.

/// Takes what a reader sends apart: a protocol's own frames are left out, the rest is text for a person.
///
/// Bytes come in pieces of any length; memory is bounded whatever comes.
pub trait TextFilter: Send + Sync + std::fmt::Debug {
    /// Appends what is text to `text`, in its order.
    fn take(&mut self, bytes: &[u8], text: &mut Vec<u8>);
}

/// Of a protocol without frames among text: everything is text.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllText;

impl TextFilter for AllText {
    fn take(&mut self, bytes: &[u8], text: &mut Vec<u8>) {
        text.extend_from_slice(bytes);
    }
}
