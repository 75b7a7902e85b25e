//! A load by ST's extensions: addresses, sectors, and blocks that follow a pointer.

use std::sync::Arc;

use firmdrop_image::Payload;

use super::blocks::{Blocks, Kind, pair};
use super::layout::{Part, Range, Run};
use super::left::LoadStage;
use super::load::{Ended, Load};
use super::options::Erase;
use super::plain::Compared;
use super::session::{RequestFailure, Session};
use super::window::Window;
use super::wire::{ERASE_ALL, erase_sector, set_address};

/// Number of the block at the pointer: AN3156, 4.1.
const FIRST_BLOCK: u16 = 2;

/// Where in the parts of an image something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) part: usize,
    pub(super) address: u64,
}

/// The first spot at which the device holds other bytes; `None` when it holds the image.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) compared: Compared,
    pub(super) position: Option<Position>,
}

async fn point(session: &Session, address: u64) -> Result<(), RequestFailure> {
    let address = u32::try_from(address).unwrap_or(u32::MAX);
    session.command(0, &set_address(address)).await
}

/// Blocks behind one pointer. A block's place is its number times the size that the device says: one that says
/// another size than is transferred gets its pointer for each block.
fn blocks_behind_a_pointer(session: &Session) -> u16 {
    if session.functional.transfer_bytes == session.block_bytes() {
        u16::MAX - FIRST_BLOCK
    } else {
        1
    }
}

/// Reads a range, block after block.
pub(super) struct Read<'a> {
    session: &'a Session,
    at: u64,
    end: u64,
    /// Blocks until the pointer has to be set again.
    blocks: u16,
}

impl<'a> Read<'a> {
    pub(super) fn new(session: &'a Session, range: Range) -> Self {
        Self {
            session,
            at: range.begin,
            end: range.end,
            blocks: 0,
        }
    }

    /// The next bytes and their address; `None` behind the last.
    pub(super) async fn next(&mut self) -> Result<Option<(u64, Vec<u8>)>, RequestFailure> {
        let session = self.session;
        if self.at >= self.end {
            session.abort().await?;
            return Ok(None);
        }
        if self.blocks == 0 {
            point(session, self.at).await?;
            session.abort().await?;
            self.blocks = blocks_behind_a_pointer(session);
        }
        let block = FIRST_BLOCK + (blocks_behind_a_pointer(session) - self.blocks);
        let most = session.block_bytes();
        let want = u16::try_from((self.end - self.at).min(most.into())).unwrap_or(most);
        let mut bytes = session.upload(block, want).await?;
        bytes.truncate(want.into());
        if bytes.is_empty() {
            return Err(RequestFailure::Nonsense(format!(
                "nothing of address {:#010x}",
                self.at
            )));
        }
        let address = self.at;
        self.at += bytes.len() as u64;
        // A block that came short moves the next one.
        self.blocks = if bytes.len() < usize::from(want) {
            0
        } else {
            self.blocks - 1
        };
        if self.blocks == 0 {
            session.abort().await?;
        }
        Ok(Some((address, bytes)))
    }
}

/// A load by addresses.
pub(super) struct ByAddress<'a> {
    pub(super) load: &'a Load<'a>,
    pub(super) session: &'a Session,
    pub(super) payload: &'a Arc<Payload>,
    pub(super) parts: &'a [Part],
}

impl ByAddress<'_> {
    /// Compares the image with what the device holds, until the first difference.
    pub(super) async fn compare(&self) -> Result<Difference, Ended> {
        let (session, parts) = (self.session, self.parts);
        let different = |compared, position| Ok(Difference { compared, position });
        if !session.functional.can_upload {
            let why = "the reader does not let its memory be read".to_owned();
            return different(Compared::NotShown(why), None);
        }
        for (index, part) in parts.iter().enumerate() {
            session.choose(part.alternate).await?;
            for run in &part.runs {
                let compared = self.compare_run(*run).await?;
                let address = match compared {
                    Compared::Same => continue,
                    Compared::Differs(address) => Some(address),
                    Compared::NotShown(_) => None,
                };
                let position = address.map(|address| Position {
                    part: index,
                    address,
                });
                return different(compared, position);
            }
        }
        different(Compared::Same, None)
    }

    async fn compare_run(&self, run: Run) -> Result<Compared, Ended> {
        let (load, session, payload) = (self.load, self.session, self.payload);
        let runs = [run];
        let mut window = Window::new(payload, &runs);
        let most = session.block_bytes();
        let mut at = run.begin;
        let mut blocks = 0;
        let compared = loop {
            if at >= run.end {
                break Compared::Same;
            }
            if blocks == 0 {
                load.unless_stopped(point(session, at)).await?;
                session.abort().await?;
                blocks = blocks_behind_a_pointer(session);
            }
            let block = FIRST_BLOCK + (blocks_behind_a_pointer(session) - blocks);
            let want = (run.end - at).min(most.into());
            let want = u16::try_from(want).unwrap_or(most);
            let shown = match load.unless_stopped(session.upload(block, want)).await {
                Ok(shown) => shown,
                Err(Ended::RequestFailure(RequestFailure::Refused(status))) => {
                    break Compared::NotShown(format!(
                        "the reader refuses to be read: {}",
                        status.reason()
                    ));
                }
                Err(ended) => return Err(ended),
            };
            let range = Range {
                begin: at,
                end: (at + shown.len() as u64).min(run.end),
            };
            if range.end == at {
                break Compared::NotShown(format!(
                    "the reader shows nothing of address {at:#010x}"
                ));
            }
            let ours = window.bytes(range).await?;
            if let Some(offset) = ours
                .iter()
                .zip(&shown)
                .position(|(our, their)| our != their)
            {
                break Compared::Differs(at + offset as u64);
            }
            // A block that came short moves the next one.
            blocks = if shown.len() < usize::from(want) {
                0
            } else {
                blocks - 1
            };
            at = range.end;
            if blocks == 0 {
                session.abort().await?;
            }
        };
        session.abort().await?;
        Ok(compared)
    }

    /// Erases what is written from `from` on.
    pub(super) async fn erase(
        &self,
        from: Option<Position>,
        reached: &mut LoadStage,
    ) -> Result<(), Ended> {
        let (load, session, parts) = (self.load, self.session, self.parts);
        let mut confirmed = 0;
        for (index, part) in parts.iter().enumerate() {
            let sectors = part
                .sectors
                .iter()
                .filter(|sector| is_from(from, index, sector.end));
            let sectors: Vec<_> = sectors.collect();
            if sectors.is_empty() {
                continue;
            }
            session.choose(part.alternate).await?;
            if load.options.erase == Erase::All && from.is_none() {
                *reached = LoadStage::Erasing { confirmed };
                load.unless_stopped(session.erase(&ERASE_ALL)).await?;
                confirmed += 1;
                *reached = LoadStage::Erasing { confirmed };
                continue;
            }
            for sector in sectors {
                if load.is_stopped() {
                    return Err(Ended::Stopped);
                }
                *reached = LoadStage::Erasing { confirmed };
                let address = u32::try_from(sector.begin).unwrap_or(u32::MAX);
                load.unless_stopped(session.erase(&erase_sector(address)))
                    .await?;
                confirmed += 1;
                *reached = LoadStage::Erasing { confirmed };
            }
        }
        Ok(())
    }

    /// Writes everything from `from` on. `reached` follows what the device took.
    pub(super) async fn write(
        &self,
        from: Option<Position>,
        reached: &mut LoadStage,
    ) -> Result<(), Ended> {
        let (load, session, parts) = (self.load, self.session, self.parts);
        let total = self.payload.total_bytes();
        let most = session.block_bytes();
        load.progress(bytes_in_front(parts, from), 0, total);
        for (index, part) in parts.iter().enumerate() {
            let stretches = part
                .stretches
                .iter()
                .filter(|stretch| is_from(from, index, stretch.end));
            let stretches: Vec<_> = stretches.copied().collect();
            if stretches.is_empty() {
                continue;
            }
            session.choose(part.alternate).await?;
            let mut window = Window::new(self.payload, &part.runs);
            let mut sending = Blocks::new(session, Kind::ByAddress);
            for stretch in stretches {
                let mut at = match from {
                    Some(position) if position.part == index => stretch.begin.max(position.address),
                    _ => stretch.begin,
                };
                let mut blocks = 0;
                while at < stretch.end {
                    if load.is_stopped() {
                        return Err(Ended::Stopped);
                    }
                    if blocks == 0 {
                        load.unless_stopped(point(session, at)).await?;
                        blocks = blocks_behind_a_pointer(session);
                    }
                    let block = FIRST_BLOCK + (blocks_behind_a_pointer(session) - blocks);
                    let end = (at + u64::from(most)).min(stretch.end);
                    // The one behind it, where no pointer comes between.
                    let two = Range {
                        begin: at,
                        end: if blocks > 1 {
                            (end + u64::from(most)).min(stretch.end)
                        } else {
                            end
                        },
                    };
                    let done = |address| {
                        bytes_in_front(
                            parts,
                            Some(Position {
                                part: index,
                                address,
                            }),
                        )
                    };
                    let before = done(at);
                    let bytes = window.bytes(two).await?;
                    let (this, next) = pair(block, bytes, most);
                    load.progress(before, done(two.end) - before, total);
                    *reached = LoadStage::Writing {
                        written: before,
                        total,
                    };
                    load.unless_stopped(sending.send(this, next)).await?;
                    at = end;
                    blocks -= 1;
                    *reached = LoadStage::Writing {
                        written: done(at),
                        total,
                    };
                    load.progress(done(at), 0, total);
                }
            }
        }
        session.abort().await?;
        Ok(())
    }
}

/// Whether something that ends here lies behind the spot.
fn is_from(from: Option<Position>, part: usize, end: u64) -> bool {
    from.is_none_or(|position| {
        part > position.part || (part == position.part && end > position.address)
    })
}

/// Bytes of the image in front of a spot.
pub(super) fn bytes_in_front(parts: &[Part], from: Option<Position>) -> u64 {
    let Some(position) = from else { return 0 };
    let whole = parts
        .iter()
        .take(position.part)
        .map(|part| part.bytes_below(u64::MAX));
    let part = parts
        .get(position.part)
        .map_or(0, |part| part.bytes_below(position.address));
    whole.sum::<u64>() + part
}

/// Asks the device to start what lies at an address. It leaves the bus in mid-answer.
pub(super) async fn leave(session: &Session, address: u64) -> Result<(), RequestFailure> {
    // Without the pointer, ROMs of STM32C0 refuse (LibUsbDfu #13).
    point(session, address).await?;
    session.finish(FIRST_BLOCK).await?;
    // The request is carried out with the next question.
    match session.status().await {
        Ok(_) | Err(RequestFailure::Link(_)) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// What the image is started from: the beginning of what goes to the first memory that programs lie in, and its
/// alternate setting.
pub(super) fn start(parts: &[Part]) -> Option<(u8, u64)> {
    let part = parts.iter().find(|part| !part.is_option_bytes)?;
    part.runs.first().map(|run| (part.alternate, run.begin))
}
