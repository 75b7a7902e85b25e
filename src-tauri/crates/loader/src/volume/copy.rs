//! Copies the file onto the drive, piece by piece, in order.

use firmdrop_core::{NoteKind, grouped};
use firmdrop_link::{Drive, LinkError};

use super::{
    left,
    load::{Load, failed, stopped},
    plan::file_name,
    timing::{LAST_BYTES, PIECE_BYTES},
};
use crate::{LeftState, LoadError};

/// How the copy ended.
#[derive(Debug)]
pub(super) enum Copied {
    /// The drive confirmed every byte.
    Whole,
    /// The drive left, when it had that, and what the system said then.
    Left(Received, LinkError),
}

/// What a drive had when it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Received {
    /// It confirmed every block that is for it; what is missing is for other families.
    Own,
    /// All but the last bytes that are for it, which it left with, as one does that restarts at once.
    AllButTheLast,
    /// Less.
    Part,
}

/// Copies the whole file. What is for the drive ends `own_end` bytes behind its beginning.
pub(super) async fn copy(
    load: &Load<'_>,
    drive: &dyn Drive,
    own_end: u64,
) -> Result<Copied, LoadError> {
    let name = file_name(load.context.inspection.format);
    let creating = drive.create(name).await;
    let mut file = creating.map_err(|source| failed(source, load.as_found))?;
    let total = load.context.source.len();
    let mut written = 0;
    load.progress(0, 0);
    while written < total {
        if load.is_stopped() {
            drop(file);
            return Err(stopped(&give_up(drive, name, written).await));
        }
        let to = if written < own_end { own_end } else { total };
        let length = piece_bytes(to - written);
        let bytes = match load.image(written, length).await {
            Ok(bytes) => bytes,
            Err(source) => {
                drop(file);
                return Err(LoadError::Read {
                    source,
                    state: LeftState(give_up(drive, name, written).await),
                });
            }
        };
        load.progress(written, length);
        match file.append(&bytes).await {
            Ok(()) => written += length,
            Err(error) if may_have_left(&error) => {
                let had = if written >= own_end {
                    Received::Own
                } else if written + length == own_end {
                    Received::AllButTheLast
                } else {
                    Received::Part
                };
                return Ok(Copied::Left(had, error));
            }
            // A drive that does not answer would hold up its removal as long.
            Err(error @ LinkError::Timeout { .. }) => {
                return Err(failed(error, &left::partial(written, false)));
            }
            Err(error) => {
                drop(file);
                return Err(failed(error, &give_up(drive, name, written).await));
            }
        }
        load.progress(written, 0);
    }
    drop(file);
    match drive.flush().await {
        // Each piece was confirmed; what is left to write is the list of files.
        Err(error) if !may_have_left(&error) => Err(failed(error, left::WRITTEN)),
        _ => {
            load.note(
                NoteKind::Step,
                format!("The drive took all {total} bytes", total = grouped(total)),
            );
            Ok(Copied::Whole)
        }
    }
}

/// The last piece is small, so that a drive that leaves with it had all the others.
fn piece_bytes(rest: u64) -> u64 {
    match rest.saturating_sub(LAST_BYTES) {
        0 => rest,
        before_last => before_last.min(PIECE_BYTES),
    }
}

/// Failures with which a drive is pulled out or restarts: Linux gives EIO, ENODEV, ENOENT or ENXIO.
fn may_have_left(error: &LinkError) -> bool {
    matches!(error, LinkError::Lost { .. } | LinkError::NotFound { .. })
}

/// Removes the partial file, and says what that left.
async fn give_up(drive: &dyn Drive, name: &str, written: u64) -> String {
    let removed = drive.remove(name).await.is_ok() && drive.flush().await.is_ok();
    left::partial(written, removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_piece_is_one_block_whatever_the_size() {
        for total in [1, 511, 512, 513, 16_384, 16_385, 16_896, 40_960, 100_001] {
            let mut pieces = Vec::new();
            let mut rest = total;
            while rest > 0 {
                pieces.push(piece_bytes(rest));
                rest -= piece_bytes(rest);
            }
            let last = pieces.last().copied().unwrap_or_default();
            assert!((1..=LAST_BYTES).contains(&last), "{total}: {pieces:?}");
            assert!(pieces.iter().all(|piece| *piece <= PIECE_BYTES));
        }
    }
}
