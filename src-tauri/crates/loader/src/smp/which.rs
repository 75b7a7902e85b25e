//! Which of a reader's images is replaced, and by which number an upload is sent there.
//!
//! An application numbers its images. `MCUboot`'s serial recovery numbers them too, unless it is built with
//! `MCUBOOT_SERIAL_DIRECT_IMAGE_UPLOAD`: then it numbers slots, and 1 is the first image's first.

use std::collections::BTreeMap;

use firmdrop_core::{ImageHash, grouped};
use firmdrop_link::LinkError;

use super::{
    buffers::Buffers,
    failure::Failure,
    load::Load,
    mode::Mode,
    options::SmpOptions,
    packet::{Command, Fields},
    refusal::Refusal,
    session::Session,
    state::{ImageState, Images, in_words, is_newer},
    timing::Timing,
};

/// The number of the image that is replaced, or why it is not clear which.
pub(super) fn image(images: &Images, hash: &ImageHash, options: SmpOptions) -> Result<u32, String> {
    if let Some(chosen) = options.image {
        return Ok(chosen);
    }
    let mut listed = BTreeMap::new();
    for slot in &images.slots {
        listed.entry(slot.image).or_insert_with(|| in_words(slot));
    }
    let numbers: Vec<u32> = listed.keys().copied().collect();
    match numbers[..] {
        [] => Ok(0),
        [only] => Ok(only),
        _ => {
            let held = |number: &&u32| images.state_of(**number, hash) != ImageState::Absent;
            let mut holding = numbers.iter().filter(held);
            if let (Some(one), None) = (holding.next(), holding.next()) {
                return Ok(*one);
            }
            let rows: Vec<_> = listed
                .iter()
                .map(|(number, words)| format!("{number} holds {words}"))
                .collect();
            let at_least = if images.may_be_cut() { "at least " } else { "" };
            Err(format!(
                "The reader has {at_least}{} images ({}). Say which one this file is, with the option image={}.",
                numbers.len(),
                rows.join("; "),
                numbers
                    .iter()
                    .map(u32::to_string)
                    .collect::<Vec<_>>()
                    .join(" or image=")
            ))
        }
    }
}

/// The number that an upload of this image is sent with, or why there is none that is safe.
pub(super) async fn upload_number(
    session: &mut Session,
    mode: Mode,
    image: u32,
    options: SmpOptions,
    timing: &Timing,
) -> Result<Result<u32, String>, Failure> {
    if let Some(number) = options.upload_number {
        return Ok(Ok(number));
    }
    // 0 is the first image's for both ways of numbering.
    if mode == Mode::Application || image == 0 {
        return Ok(Ok(image));
    }
    let nothing = Fields::default();
    let asked = session.query(Command::SlotInfo, &nothing, timing.answer, 1);
    let said = match asked.await {
        Ok(fields) => number_of_first_slot(&fields, image),
        Err(Failure::Refused(_) | Failure::Link(LinkError::Timeout { .. })) => None,
        Err(failure) => return Err(failure),
    };
    Ok(said.ok_or_else(|| {
        format!(
            "The reader waits in its bootloader and does not say how it numbers its slots: an upload with the number {image} may replace another image. Say the number with the option upload_number: {image} when it numbers images, {} when it numbers slots.",
            image * 2 + 1
        )
    }))
}

/// Why a reader's bootloader would not start the new image although it is whole: it starts the newer of two
/// images where they lie, and ours is not newer. Only asked where it is not.
pub(super) async fn would_start(
    session: &mut Session,
    load: &Load<'_>,
    images: &Images,
) -> Result<Result<(), String>, Failure> {
    let ours = load.context.inspection.identity.version.as_deref();
    let theirs = images.active(load.image);
    let theirs = theirs.and_then(|slot| slot.version.as_deref());
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return Ok(Ok(()));
    };
    if is_newer(ours, theirs) != Some(false) {
        return Ok(Ok(()));
    }
    let in_place = starts_in_place(session, &load.timing).await?;
    Ok(if in_place == Some(true) {
        Err(format!(
            "The reader's bootloader starts the newer of two images where they lie. {theirs} runs, and this image, {ours}, is not newer: it would be stored and never started."
        ))
    } else {
        Ok(())
    })
}

/// Whether the reader's bootloader starts images where they lie; `None` when it does not say.
pub(super) async fn starts_in_place(
    session: &mut Session,
    timing: &Timing,
) -> Result<Option<bool>, Failure> {
    let query = Fields::default().with("query", "mode");
    let asked = session.query(Command::BootloaderInfo, &query, timing.answer, 1);
    match asked.await {
        Ok(fields) => Ok(fields.number("mode").map(starts_the_newer)),
        Err(Failure::Refused(_) | Failure::Link(LinkError::Timeout { .. })) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Whether a bootloader starts the newer of its images where it lies: Zephyr, OS management group, direct XIP
/// without (4) and with (5) a way back.
pub(super) fn starts_the_newer(mode: u64) -> bool {
    matches!(mode, 4 | 5)
}

/// Why an upload of so many bytes was refused as wrong: it may be too large for its slot, whose size newer
/// readers tell.
pub(super) async fn size_refused(
    session: &mut Session,
    load: &Load<'_>,
    size_bytes: u64,
    refusal: Refusal,
) -> String {
    let nothing = Fields::default();
    let asked = session.query(Command::SlotInfo, &nothing, load.timing.answer, 0);
    let largest = match asked.await {
        Ok(fields) => largest_slot(&fields, load.image),
        Err(_) => None,
    };
    match largest {
        Some(slot) if slot < size_bytes => format!(
            "the image has {} bytes, and its slot {} ({refusal})",
            grouped(size_bytes),
            grouped(slot)
        ),
        Some(_) => refusal.to_string(),
        None => format!("{refusal}; an image that is too large for its slot gets this answer too"),
    }
}

/// Whether the image has room where it goes, or why not. Some readers fall silent where their slot ends; newer ones
/// tell its size. Not asked where silence is the answer to what is not known.
pub(super) async fn fits(
    session: &mut Session,
    load: &Load<'_>,
    buffers: Buffers,
) -> Result<Result<(), String>, Failure> {
    if !buffers.answers {
        return Ok(Ok(()));
    }
    let nothing = Fields::default();
    let asked = session.query(Command::SlotInfo, &nothing, load.timing.answer, 0);
    let largest = match asked.await {
        Ok(fields) => largest_slot(&fields, load.image),
        Err(Failure::Refused(_) | Failure::Link(LinkError::Timeout { .. })) => None,
        Err(failure) => return Err(failure),
    };
    let size_bytes = load.context.expected.size_bytes;
    Ok(match largest {
        Some(slot) if slot < size_bytes => Err(format!(
            "The image has {} bytes, and its slot {}.",
            grouped(size_bytes),
            grouped(slot)
        )),
        _ => Ok(()),
    })
}

/// Size of the largest slot of an image, in an answer about slots, or the largest image that it says to take
/// (`max_image_size`). One of no bytes says nothing.
fn largest_slot(fields: &Fields, image: u32) -> Option<u64> {
    let images = fields.maps("images")?;
    let of = |row: &&Fields| row.number("image").unwrap_or(0) == u64::from(image);
    let row = images.iter().find(of)?;
    let slots = row.maps("slots").unwrap_or_default();
    let sizes = slots.iter().filter_map(|slot| slot.number("size"));
    let said = row.number("max_image_size").filter(|size| *size > 0);
    let largest = sizes.max().filter(|size| *size > 0);
    said.into_iter().chain(largest).min()
}

/// The upload number of an image's first slot, in an answer about slots. Where only second slots have a number,
/// it is the image's.
fn number_of_first_slot(fields: &Fields, image: u32) -> Option<u32> {
    let images = fields.maps("images")?;
    let of = |row: &&Fields| row.number("image").unwrap_or(0) == u64::from(image);
    let slots = images.iter().find(of)?.maps("slots")?;
    let number = |slot: u64| {
        let row = slots.iter().find(|row| row.number("slot") == Some(slot))?;
        u32::try_from(row.number("upload_image_id")?).ok()
    };
    number(0).or_else(|| number(1).filter(|number| *number == image))
}

#[cfg(test)]
mod tests {
    use ciborium::Value;
    use firmdrop_core::Sha256;

    use super::*;
    use crate::Slot;

    fn slot(image: u32, hash: &[u8]) -> Slot {
        Slot {
            image,
            slot: 0,
            version: Some("1.0.0".into()),
            hash: Some(Sha256::of(hash).into()),
            active: true,
            confirmed: true,
            pending: false,
            bootable: true,
            permanent: false,
        }
    }

    #[test]
    fn of_several_images_none_is_replaced_that_was_not_named() {
        let two = Images::of_slots(vec![slot(0, b"a"), slot(1, b"b")]);
        let none = SmpOptions::default();
        let new = ImageHash::from(Sha256::of(b"new"));
        let why = image(&two, &new, none).unwrap_err();
        assert!(
            why.contains("2 images") && why.contains("image=0 or image=1"),
            "{why}"
        );
        assert_eq!(
            image(&two, &Sha256::of(b"b").into(), none),
            Ok(1),
            "it holds it already"
        );
        let one = SmpOptions {
            image: Some(1),
            ..none
        };
        assert_eq!(image(&two, &new, one), Ok(1));
        let single = Images::of_slots(vec![slot(0, b"a")]);
        assert_eq!(image(&single, &new, none), Ok(0));
    }

    #[test]
    fn of_a_list_that_may_be_cut_the_number_is_the_least() {
        let new = ImageHash::from(Sha256::of(b"new"));
        for (listed, said) in [(31_u8, " 31 images"), (200, " at least 32 images")] {
            let row = |number: u8| Value::Map(vec![("image".into(), number.into())]);
            let rows = Value::Array((0..listed).map(row).collect());
            let images = Images::read(&Fields::default().with("images", rows)).unwrap();
            let why = image(&images, &new, SmpOptions::default()).unwrap_err();
            assert!(why.contains(said), "{why}");
        }
    }
}
