//! An image inside of a file, as the load of a file of its own.

use std::sync::Arc;

use firmdrop_core::{ExpectedFile, Sha256};
use firmdrop_image::{MemorySource, part_bytes};

use super::{contents::ImageToSend, earlier::EarlierRun, one_of_several::OneOfSeveral};
use crate::{LeftState, LoadContext, LoadError};

/// The load of an image inside. Its bytes are taken out of the file into memory, 64 MiB at most.
pub(super) async fn context(
    context: &LoadContext,
    wanted: &ImageToSend<'_>,
) -> Result<LoadContext, LoadError> {
    let Some(number) = wanted.part else {
        return Ok(context.clone());
    };
    let (source, file) = (Arc::clone(&context.source), context.inspection.clone());
    let earlier = EarlierRun::of(context.began.iter().map(String::as_str));
    let unreadable = |source| LoadError::Read {
        source,
        state: LeftState(earlier.as_found().into()),
    };
    let reading = tokio::task::spawn_blocking(move || part_bytes(&source, &file, number));
    let read = reading
        .await
        .map_err(|error| unreadable(std::io::Error::other(error)))?;
    let bytes = read.map_err(|error| unreadable(std::io::Error::other(error)))?;
    Ok(LoadContext {
        expected: ExpectedFile {
            size_bytes: bytes.len() as u64,
            sha256: Sha256::of(&bytes),
        },
        source: Arc::new(MemorySource::new(bytes)),
        inspection: wanted.image.clone(),
        ..context.clone()
    })
}

/// The loads of several images, whose bytes are counted together.
pub(super) async fn contexts(
    whole: &LoadContext,
    images: &[ImageToSend<'_>],
) -> Result<Vec<LoadContext>, LoadError> {
    let sizes = images.iter().map(|wanted| wanted.image.size_bytes);
    let (total_bytes, mut before_bytes) = (sizes.sum(), 0);
    let mut contexts = Vec::with_capacity(images.len());
    for wanted in images {
        let inner = context(whole, wanted).await?;
        let size_bytes = inner.expected.size_bytes;
        contexts.push(LoadContext {
            events: Arc::new(OneOfSeveral {
                events: Arc::clone(&whole.events),
                before_bytes,
                total_bytes,
            }),
            ..inner
        });
        before_bytes += size_bytes;
    }
    Ok(contexts)
}
