//! A load by DFU 1.0 or 1.1: one run of bytes, in blocks that are counted, and what the device makes of it.

use std::sync::Arc;

use firmdrop_core::{NoteKind, grouped};
use firmdrop_image::Payload;
use firmdrop_link::LinkError;

use super::blocks::{Blocks, Kind, pair};
use super::layout::{Range, Run};
use super::left::LoadStage;
use super::load::{Ended, Load};
use super::session::{RequestFailure, Session, WhenBusy};
use super::window::Window;
use super::wire::{State, Status};
use super::words::phase;

/// Whether a device holds the image.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// Every byte.
    Same,
    /// From this byte on, others.
    Differs(u64),
    /// It does not say, for this reason.
    NotShown(String),
}

/// How the device ended the download.
#[derive(Debug)]
pub(super) enum Manifested {
    /// It is back in `dfuIDLE`.
    Idle,
    /// It stored the image and waits for a reset.
    WaitsForReset,
    /// It is in a state that says nothing of what became of the image.
    Says(State),
    /// It refused to say its state.
    Refuses,
    /// It left the bus by itself.
    Left,
    /// The way to it failed, for this reason.
    Broken(LinkError),
    /// It answers nothing.
    Silent,
    /// It says that it stores the image, for longer than is waited.
    StillBusy,
}

/// Compares the image with what the device holds, until the first difference.
pub(super) async fn compare(
    load: &Load<'_>,
    session: &Session,
    payload: &Arc<Payload>,
    run: Run,
) -> Result<Compared, Ended> {
    if !session.functional.can_upload {
        return Ok(Compared::NotShown(
            "the reader does not let its image be read".into(),
        ));
    }
    let runs = [run];
    let mut window = Window::new(payload, &runs);
    let most = session.block_bytes();
    let (mut at, mut block) = (0, 0_u16);
    let mut is_over = false;
    let compared = loop {
        if at >= run.end {
            break Compared::Same;
        }
        if is_over {
            break Compared::NotShown(format!(
                "the reader shows {at} bytes of {}",
                grouped(run.end),
                at = grouped(at)
            ));
        }
        let shown = match load.unless_stopped(session.upload(block, most)).await {
            Ok(shown) => shown,
            Err(Ended::RequestFailure(RequestFailure::Refused(status))) => {
                break Compared::NotShown(format!(
                    "the reader refuses to be read: {}",
                    status.reason()
                ));
            }
            Err(ended) => return Err(ended),
        };
        is_over = shown.len() < usize::from(most);
        let range = Range {
            begin: at,
            end: (at + shown.len() as u64).min(run.end),
        };
        let ours = window.bytes(range).await?;
        if let Some(offset) = ours
            .iter()
            .zip(&shown)
            .position(|(our, their)| our != their)
        {
            break Compared::Differs(at + offset as u64);
        }
        at = range.end;
        block = block.wrapping_add(1);
    };
    // A short block ended it by itself: DFU 1.1, 6.2.
    session.abort().await?;
    Ok(compared)
}

/// Sends every block. `reached` follows what the device took.
pub(super) async fn write(
    load: &Load<'_>,
    session: &Session,
    payload: &Arc<Payload>,
    run: Run,
    reached: &mut LoadStage,
) -> Result<u16, Ended> {
    let total = run.end;
    let runs = [run];
    let mut window = Window::new(payload, &runs);
    let most = session.block_bytes();
    let (mut at, mut block) = (0, 0_u16);
    let mut is_repeated = false;
    let mut blocks = Blocks::new(session, Kind::Plain);
    load.progress(0, 0, total);
    while at < total {
        if load.is_stopped() {
            return Err(Ended::Stopped);
        }
        let end = (at + u64::from(most)).min(total);
        let two = Range {
            begin: at,
            end: (end + u64::from(most)).min(total),
        };
        let bytes = window.bytes(two).await?;
        let (this, next) = pair(block, bytes, most);
        load.progress(at, two.end - at, total);
        *reached = LoadStage::Writing { written: at, total };
        match load.unless_stopped(blocks.send(this, next)).await {
            // It still counts the blocks of an image before, and begins anew once its status is cleared: embassy-usb
            // 0.6.0 after an image that it stored without a restart.
            Err(Ended::RequestFailure(RequestFailure::Refused(status)))
                if at == 0 && status.is_error_of_order() && !is_repeated =>
            {
                is_repeated = true;
                load.note(
                    NoteKind::Retry,
                    format!(
                        "The reader refused the first block: {}. Its status is cleared and the block is sent once more",
                        status.reason()
                    ),
                );
                load.unless_stopped(session.rest()).await?;
                continue;
            }
            ended => ended?,
        }
        at = end;
        *reached = LoadStage::Writing { written: at, total };
        load.progress(at, 0, total);
        block = block.wrapping_add(1);
    }
    Ok(block)
}

/// What the device says once it stored the image, which it does by itself whether it is waited for or not.
async fn storing(
    load: &Load<'_>,
    session: &Session,
) -> Result<Result<Status, RequestFailure>, Ended> {
    let asking = async { Ok::<_, Ended>(session.settle(WhenBusy::Waits).await) };
    load.unless_stopped(asking).await
}

/// Ends the download with a block without bytes, and waits until the device stored the image.
pub(super) async fn manifest(
    load: &Load<'_>,
    session: &Session,
    block: u16,
) -> Result<Manifested, Ended> {
    load.begin(phase::MANIFEST)?;
    let ended = match session.finish(block).await {
        Ok(()) => storing(load, session).await?,
        Err(failure) => Err(failure),
    };
    // Silence may be a status that was lost with a reset of the device's own (tinyusb PR 754).
    let ended = match ended {
        Err(RequestFailure::Link(LinkError::Timeout { .. })) => {
            load.note(
                NoteKind::Retry,
                "The reader did not answer after the last block; it is asked once more",
            );
            storing(load, session).await?
        }
        ended => ended,
    };
    Ok(match ended {
        Ok(status) if status.is_error() => return Err(RequestFailure::Refused(status).into()),
        Ok(status) => match status.state {
            State::Idle => Manifested::Idle,
            State::DownloadIdle => {
                return Err(RequestFailure::Nonsense(
                    "that it waits for more of an image that has ended".into(),
                )
                .into());
            }
            State::WaitReset => Manifested::WaitsForReset,
            other => Manifested::Says(other),
        },
        Err(RequestFailure::StillBusy(_)) => Manifested::StillBusy,
        Err(RequestFailure::Link(LinkError::Lost { .. } | LinkError::NotFound { .. })) => {
            Manifested::Left
        }
        // Some systems say only this of a device that restarts.
        Err(RequestFailure::Link(error @ LinkError::Io { .. })) => Manifested::Broken(error),
        Err(RequestFailure::Link(LinkError::Timeout { .. })) => Manifested::Silent,
        // It took the block, and may have no status any more.
        Err(RequestFailure::Link(LinkError::Stalled { .. })) => Manifested::Refuses,
        Err(failure) => return Err(failure.into()),
    })
}
