//! The blocks of an image, one behind the other. The next one is handed over before the device has answered to the one
//! before, and is sent without delay if that answer lets it: the device's thread waits for nobody between two blocks.

use firmdrop_link::{HandedOver, Series};

use super::session::{RequestFailure, Session};
use super::wire::{State, Status};

/// What the answer to a block means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Blocks are counted.
    Plain,
    /// Each block says by itself where its bytes go, so that `dfuIDLE` behind it loses none.
    ByAddress,
}

impl Kind {
    /// What a device that is no longer busy says of a block.
    fn judge(self, status: Status) -> Result<(), RequestFailure> {
        match (self, status.state) {
            (_, State::DownloadIdle) | (Self::ByAddress, State::Idle) if !status.is_error() => {
                Ok(())
            }
            // It gave the download up: the next block would begin another image (DFU 1.1, appendix A.1).
            (Self::Plain, State::Idle) if !status.is_error() => Err(RequestFailure::Nonsense(
                "dfuIDLE in the middle of the image, which it takes no further".into(),
            )),
            _ => Err(RequestFailure::Refused(status)),
        }
    }

    /// Whether the next block may follow this answer.
    fn lets_next(self) -> fn(&[u8]) -> bool {
        fn good(kind: Kind, answer: &[u8]) -> bool {
            Status::read(answer).is_some_and(|status| kind.judge(status).is_ok())
        }
        match self {
            Self::Plain => |answer| good(Self::Plain, answer),
            Self::ByAddress => |answer| good(Self::ByAddress, answer),
        }
    }
}

/// A block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'b> {
    pub(super) number: u16,
    pub(super) bytes: &'b [u8],
}

/// The first block of these bytes, and the one behind it.
pub(super) fn pair(number: u16, bytes: &[u8], most: u16) -> (Block<'_>, Option<Block<'_>>) {
    let (this, next) = bytes.split_at_checked(most.into()).unwrap_or((bytes, &[]));
    let next = Block {
        number: number.wrapping_add(1),
        bytes: next,
    };
    let next = (!next.bytes.is_empty()).then_some(next);
    let this = Block {
        number,
        bytes: this,
    };
    (this, next)
}

/// Blocks on their way to a device. Dropping it leaves those that were not begun unsent.
pub(super) struct Blocks<'a> {
    session: &'a Session,
    kind: Kind,
    series: Series,
    /// The one that was handed over early.
    early: Option<HandedOver<'a>>,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(session: &'a Session, kind: Kind) -> Self {
        Self {
            session,
            kind,
            series: Series::default(),
            early: None,
        }
    }

    /// Sends a block, and waits until the device is ready for the next, which is handed over meanwhile: it has to be the
    /// block of the next call. After an error, and once this is dropped, nothing is begun any more.
    pub(super) async fn send(
        &mut self,
        block: Block<'_>,
        next: Option<Block<'_>>,
    ) -> Result<(), RequestFailure> {
        let mut early = self.early.take();
        loop {
            let sent = if let Some(sent) = early.take() {
                sent
            } else {
                self.series = Series::default();
                self.hand_over(block)
            };
            let end = End(Some(self.series.clone()));
            let following = next.map(|next| self.hand_over(next));
            // `None`: the block before it took longer than its answers said, and that was waited for.
            let Some(status) = self.session.taken(sent).await? else {
                continue;
            };
            self.kind.judge(status)?;
            self.early = following;
            end.cancel();
            return Ok(());
        }
    }

    fn hand_over(&self, block: Block<'_>) -> HandedOver<'a> {
        let bytes = block.bytes.to_vec();
        let lets_next = self.kind.lets_next();
        self.session
            .hand_over(&self.series, block.number, bytes, lets_next)
    }
}

/// Ends a series when it is dropped.
struct End(Option<Series>);

impl End {
    fn cancel(mut self) {
        self.0 = None;
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if let Some(series) = &self.0 {
            series.end();
        }
    }
}
