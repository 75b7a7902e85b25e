//! Compares what a drive shows of its memory with the image, address by address.

use std::collections::BTreeSet;
use std::sync::Arc;

use firmdrop_image::{Format, ImageError, Payload, PayloadSegment, payload};
use firmdrop_link::{Drive, LinkError};

use super::{
    blocks::{self, BLOCK_BYTES},
    family,
    found::FoundDrive,
    load::Load,
    timing::COMPARED_BLOCKS,
};

/// What a comparison said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// Every byte of the image is there.
    Same,
    /// A byte is another one, the first at this address.
    Differs(u64),
    /// It cannot be made, and why.
    NotOffered(String),
}

/// The file of the *UF2 File Format* specification in which a drive shows its memory.
const FILE: &str = "CURRENT.UF2";

/// Compares the image with the drive's memory.
///
/// Of a file with several families, what is for the drive's board.
pub(super) async fn compare(load: &Load<'_>, seen: &FoundDrive) -> Result<Compared, LinkError> {
    let drive = &*seen.drive;
    let not_offered = |why: String| Ok(Compared::NotOffered(why));
    if load.context.inspection.format != Format::Uf2 {
        return not_offered("only UF2 drives show their memory".into());
    }
    let payload = match image(load).await {
        Ok(payload) => Arc::new(payload),
        Err(error) => return not_offered(error.to_string()),
    };
    let is_own = |one: &PayloadSegment| family::takes(seen.info.board.as_deref(), one.family);
    let own = payload.segments().iter().filter(|one| is_own(one));
    let families: BTreeSet<_> = own.map(|one| one.family).collect();
    if families.len() != 1 {
        return not_offered("the file has blocks for several families".into());
    }
    let Some(memory) = Memory::open(drive).await? else {
        return not_offered("it has no readable CURRENT.UF2".into());
    };
    let segments = payload.segments().iter().enumerate();
    for (index, segment) in segments.filter(|(_, one)| is_own(one)) {
        let Some(start) = segment.address else {
            return not_offered("the file does not say where its bytes belong".into());
        };
        let mut offset = 0;
        while offset < segment.length_bytes {
            let shown = memory.read(drive, start.saturating_add(offset)).await?;
            if shown.is_empty() {
                return not_offered(format!(
                    "its CURRENT.UF2 does not show address {:#x}",
                    start.saturating_add(offset)
                ));
            }
            let ours = match part(&payload, index, offset, shown.len()).await {
                Ok(ours) if !ours.is_empty() => ours,
                Ok(_) => return not_offered("the file is shorter than it was".into()),
                Err(error) => return not_offered(error.to_string()),
            };
            let differs = ours
                .iter()
                .zip(&shown)
                .position(|(our, their)| our != their);
            if let Some(at) = differs {
                return Ok(Compared::Differs(start + offset + at as u64));
            }
            offset += ours.len() as u64;
        }
    }
    Ok(Compared::Same)
}

async fn image(load: &Load<'_>) -> Result<Payload, ImageError> {
    let source = Arc::clone(&load.context.source);
    let inspection = load.context.inspection.clone();
    on_a_thread(move || payload(source, &inspection, None)).await
}

async fn part(
    payload: &Arc<Payload>,
    segment: usize,
    offset: u64,
    length: usize,
) -> Result<Vec<u8>, ImageError> {
    let payload = Arc::clone(payload);
    on_a_thread(move || {
        let mut bytes = vec![0; length];
        let count = payload.read_at(segment, offset, &mut bytes)?;
        bytes.truncate(count);
        Ok(bytes)
    })
    .await
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ImageError> + Send + 'static,
) -> Result<T, ImageError> {
    let working = tokio::task::spawn_blocking(work).await;
    working.map_err(|stopped| ImageError::Damaged {
        what: "file",
        why: stopped.to_string(),
    })?
}

/// The memory as `CURRENT.UF2` shows it: blocks of one size, with no address left out, from the lowest.
/// A block that says otherwise is not read as one.
struct Memory {
    first_address: u64,
    block_data: usize,
}

impl Memory {
    async fn open(drive: &dyn Drive) -> Result<Option<Self>, LinkError> {
        let mut buffer = [0; 512];
        if drive.read(FILE, 0, &mut buffer).await? != Some(buffer.len()) {
            return Ok(None);
        }
        Ok(blocks::read(&buffer).map(|block| Self {
            first_address: block.address,
            block_data: block.data.len(),
        }))
    }

    /// Bytes from an address on; none where the file shows none.
    async fn read(&self, drive: &dyn Drive, address: u64) -> Result<Vec<u8>, LinkError> {
        let Some(into) = address.checked_sub(self.first_address) else {
            return Ok(Vec::new());
        };
        let step = self.block_data as u64;
        let (number, skip) = (into / step, into % step);
        let mut buffer = vec![0; COMPARED_BLOCKS * 512];
        let read = drive.read(FILE, number.saturating_mul(BLOCK_BYTES), &mut buffer);
        let count = read.await?.unwrap_or(0);
        let mut bytes = Vec::new();
        let mut expected = self.first_address + number * step;
        for block in buffer.get(..count).unwrap_or_default().as_chunks::<512>().0 {
            match blocks::read(block) {
                Some(block) if block.address == expected && block.data.len() == self.block_data => {
                    bytes.extend_from_slice(block.data);
                }
                _ => break,
            }
            expected += step;
        }
        let skip = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes.split_off(skip))
    }
}
