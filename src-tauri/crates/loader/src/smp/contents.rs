//! Which images of a file go to the reader: the file itself, or `MCUboot` images that lie inside of it. Pure.

use firmdrop_core::ImageHash;
use firmdrop_image::{Format, Inspection, Integrity};

use super::options::SmpOptions;

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
    images.sort_by_key(|image| image.number);
    if let Some(chosen) = options.image {
        images.retain(|image| image.number == Some(chosen));
        if images.is_empty() {
            return Err(format!("The package holds no image {chosen}."));
        }
    }
    if let Some([one, other]) = images
        .array_windows()
        .find(|[one, other]| one.number == other.number)
    {
        return Err(format!(
            "The package holds two images with one number, {} and {}: they may be for different slots. Write the right one to a file of its own with `inspect --extract`.",
            one.title(),
            other.title()
        ));
    }
    if images.len() > 1 && options.upload_number.is_some() {
        return Err("The option upload_number is for one image, and the package holds several. Choose one with the option image.".into());
    }
    Ok(images)
}

fn hash_of(image: &Inspection) -> Result<ImageHash, String> {
    image.image_hash.ok_or_else(|| {
        "The image has no hash in its trailer, by which the reader would know it.".into()
    })
}

#[cfg(test)]
#[path = "contents_tests.rs"]
pub(super) mod tests;
