//! How much a reader takes at a time.

use std::time::Duration;

use firmdrop_link::LinkError;

use super::{
    failure::Failure,
    packet::{Command, Fields},
    session::Session,
};

/// Buffer of a reader that does not return its own, bytes. Zephyr,
/// `CONFIG_MCUMGR_TRANSPORT_NETBUF_SIZE`; `MCUboot`'s serial recovery takes 512.
const USUAL_BUFFER_BYTES: usize = 384;
/// Largest buffer that is used, whatever a reader returns: a lost frame has to go again.
const LARGEST_BUFFER_BYTES: u64 = 8192;
/// Smallest buffer in which some bytes of an image have room beside the fields of a first piece without a digest.
const SMALLEST_BUFFER_BYTES: u64 = 64;

/// What a reader says about its buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Buffers {
    pub(super) size_bytes: usize,
    /// How many; 1 when it does not say.
    pub(super) count: usize,
    /// Whether it said so itself.
    is_stated: bool,
    /// Whether it answers what it does not know.
    pub(super) answers: bool,
}

impl Buffers {
    const USUAL: Self = Self {
        size_bytes: USUAL_BUFFER_BYTES,
        count: 1,
        is_stated: false,
        answers: true,
    };

    /// Size and number, where the reader says them.
    pub(super) fn stated(&self) -> Option<(u32, u32)> {
        let size = u32::try_from(self.size_bytes).unwrap_or(u32::MAX);
        let count = u32::try_from(self.count).unwrap_or(u32::MAX);
        self.is_stated.then_some((size, count))
    }

    /// Asks a reader for its buffers; the usual ones when it does not know the question.
    pub(super) async fn of(session: &mut Session, timeouts: &[Duration]) -> Result<Self, Failure> {
        let fields = Fields::default();
        let asked = session.query_within(Command::Parameters, &fields, timeouts);
        let stated = match asked.await {
            Ok(fields) => fields.number("buf_size").zip(fields.number("buf_count")),
            // Old bootloaders answer nothing to what they do not know.
            Err(Failure::Link(LinkError::Timeout { .. })) => {
                return Ok(Self {
                    answers: false,
                    ..Self::USUAL
                });
            }
            Err(Failure::Refused(_)) => None,
            Err(failure) => return Err(failure),
        };
        let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        // In less there is no room for an image: what says that was never set, and the length is found by trying.
        let stated = stated.filter(|(size, _)| *size >= SMALLEST_BUFFER_BYTES);
        Ok(stated.map_or(Self::USUAL, |(size, count)| Self {
            size_bytes: number(size.min(LARGEST_BUFFER_BYTES)),
            count: number(count),
            is_stated: true,
            answers: true,
        }))
    }
}
