//! Which images of a file go to the reader: the file itself, or `MCUboot` images that lie inside of it. Pure.

use firmdrop_core::ImageHash;
use firmdrop_image::{Format, Inspection, Integrity};

use super::mode::Mode;
use super::options::SmpOptions;
use super::state::{ImageState, Images};

/// One image that is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct ImageToSend<'a> {
    /// Number of the part of the file that it is; `None` is the file itself.
    pub(super) part: Option<usize>,
    /// What it is called; empty for the file itself.
    pub(super) name: &'a str,
    /// What it is.
    pub(super) image: &'a Inspection,
    /// The hash the reader will know it by.
    pub(super) hash: ImageHash,
    /// Which of the reader's images it replaces, where the user or a package says that.
    pub(super) number: Option<u32>,
    /// For which of that image's slots it is built, where a package says that: a bootloader may start images where they
    /// lie.
    pub(super) slot: Option<u32>,
}

impl ImageToSend<'_> {
    /// Its name and its version, for people.
    pub(super) fn title(&self) -> String {
        let version = self.image.identity.version.as_deref();
        match (version, self.number) {
            (Some(version), Some(number)) => format!("{} (image {number}, {version})", self.name),
            (Some(version), None) => format!("{} ({version})", self.name),
            (None, Some(number)) => format!("{} (image {number})", self.name),
            (None, None) => self.name.to_owned(),
        }
    }
}

/// What is sent of an inspected file, in the order of the reader's images, or why nothing can be. There is at least one.
///
/// An mcumgr package has an image for each core, and says which is whose: all are sent, or the one with the number that
/// the user chose. Of any other file that holds images there has to be one.
pub(super) fn wanted(
    file: &Inspection,
    options: SmpOptions,
) -> Result<Vec<ImageToSend<'_>>, String> {
    if file.integrity() == Integrity::Damaged {
        return Err("The image is damaged: one of its own checks fails.".into());
    }
    if file.format == Format::Mcuboot {
        let hash = hash_of(file)?;
        return Ok(vec![ImageToSend {
            part: None,
            name: "",
            image: file,
            hash,
            number: options.image,
            slot: None,
        }]);
    }
    let mut inside = Vec::new();
    for (number, part) in file.parts.iter().enumerate() {
        if part.inspection.format != Format::Mcuboot {
            continue;
        }
        if [part.integrity, part.inspection.integrity()].contains(&Integrity::Damaged) {
            return Err(format!(
                "{} inside this {} is damaged: one of its own checks fails.",
                part.name,
                file.format.title()
            ));
        }
        inside.push(ImageToSend {
            part: Some(number),
            name: &part.name,
            image: &part.inspection,
            hash: hash_of(&part.inspection)?,
            number: part.image_number(),
            slot: part.slot_number(),
        });
    }
    match inside.len() {
        0 => Err("Over SMP only MCUboot images are sent: readers list what they hold by the hash in the image's trailer, and this file has none.".into()),
        1 => Ok(inside
            .into_iter()
            .map(|only| ImageToSend {
                number: options.image.or(only.number),
                ..only
            })
            .collect()),
        _ if file.format == Format::McumgrPackage => of_package(inside, options),
        _ => Err(format!(
            "{} MCUboot images lie inside this {}: {}. Which one is meant is not known: write one to a file of its own with `inspect --extract`.",
            inside.len(),
            file.format.title(),
            names(&inside)
        )),
    }
}

/// Names of images, for people.
pub(super) fn names(images: &[ImageToSend<'_>]) -> String {
    let names: Vec<String> = images.iter().map(ImageToSend::title).collect();
    names.join(", ")
}

fn of_package(
    mut images: Vec<ImageToSend<'_>>,
    options: SmpOptions,
) -> Result<Vec<ImageToSend<'_>>, String> {
    if let Some(nameless) = images.iter().find(|image| image.number.is_none()) {
        return Err(format!(
            "The package does not say which of the reader's images {} is.",
            nameless.name
        ));
    }
    images.sort_by_key(|image| (image.number, image.slot));
    if let Some(chosen) = options.image {
        images.retain(|image| image.number == Some(chosen));
        if images.is_empty() {
            return Err(format!("The package holds no image {chosen}."));
        }
    }
    if let Some([one, other]) = images
        .array_windows()
        .find(|[one, other]| one.number == other.number && !are_for_two_slots(one, other))
    {
        return Err(format!(
            "The package holds two images with one number, {} and {}, and does not say that they are for different slots. Write the right one to a file of its own with `inspect --extract`.",
            one.title(),
            other.title()
        ));
    }
    let numbers = images.chunk_by(|one, other| one.number == other.number);
    if numbers.count() > 1 && options.upload_number.is_some() {
        return Err("The option upload_number is for one image, and the package holds several. Choose one with the option image.".into());
    }
    Ok(images)
}

fn are_for_two_slots(one: &ImageToSend<'_>, other: &ImageToSend<'_>) -> bool {
    let slots = one.slot.zip(other.slot);
    one.number == other.number && slots.is_some_and(|(one, other)| one != other)
}

/// Why images for two slots do not go to a reader whose bootloader moves them.
pub(super) const NOT_IN_PLACE: &str = "The package holds an image for each of two slots, for a bootloader that starts images where they lie, and the reader's bootloader does not.";

/// Whether one image is there for each of its two slots, of which one is sent.
pub(super) fn is_for_slots(images: &[ImageToSend<'_>]) -> bool {
    let mut pairs = images.array_windows();
    pairs.any(|[one, other]| are_for_two_slots(one, other))
}

/// The images that go to a reader which lists these: of two for one slot each the one that it runs already, or that is for
/// the slot that it does not run. Recovery writes the first one, and a reader that does not say what it runs usually runs
/// that.
pub(super) fn for_reader<'a>(
    images: &[ImageToSend<'a>],
    listed: &Images,
    mode: Mode,
) -> Vec<ImageToSend<'a>> {
    let groups = images.chunk_by(are_for_two_slots);
    let chosen = groups.filter_map(|group| {
        let state = |one: &ImageToSend<'_>| listed.state_of(one.number.unwrap_or(0), &one.hash);
        let runs = |one: &&ImageToSend<'_>| {
            matches!(state(one), ImageState::Confirmed | ImageState::Testing)
        };
        let number = group.first()?.number.unwrap_or(0);
        let running = listed.active(number).map_or(0, |slot| slot.slot);
        let free = match mode {
            Mode::Recovery => 0,
            Mode::Application | Mode::Unclear => u32::from(running == 0),
        };
        let fits = |one: &&ImageToSend<'_>| one.slot == Some(free);
        let running = group.iter().find(runs).filter(|_| mode != Mode::Recovery);
        let chosen = running.or_else(|| group.iter().find(fits));
        chosen.or_else(|| group.first()).copied()
    });
    chosen.collect()
}

fn hash_of(image: &Inspection) -> Result<ImageHash, String> {
    image.image_hash.ok_or_else(|| {
        "The image has no hash in its trailer, by which the reader would know it.".into()
    })
}

#[cfg(test)]
#[path = "contents_tests.rs"]
pub(super) mod tests;
