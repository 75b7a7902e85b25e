//! The options of SMP: which of a reader's images is meant.

use crate::{LoadError, OptionInfo, Options, options};

/// The options there are.
pub(super) const INFOS: &[OptionInfo] = &[
    OptionInfo {
        name: IMAGE,
        explanation: "Which image of a reader with several it is: 0 is the first, often the application core's.",
    },
    OptionInfo {
        name: UPLOAD_NUMBER,
        explanation: "The number an upload is sent with, for a serial recovery that does not say how it numbers its slots.",
    },
];

const IMAGE: &str = "image";
const UPLOAD_NUMBER: &str = "upload_number";
/// Most images `MCUboot` is built for is far less; a larger number is a slip.
const MOST_IMAGES: u32 = 16;

/// What the user chose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SmpOptions {
    /// Which image it is; `None` is the only one.
    pub(super) image: Option<u32>,
    /// The number of its upload; `None` is what the reader says.
    pub(super) upload_number: Option<u32>,
}

impl SmpOptions {
    /// Reads the options, or says which one is wrong.
    pub(super) fn read(written: &Options) -> Result<Self, LoadError> {
        options::known(written, "SMP", INFOS)?;
        let number = |name: &str| {
            let number = options::number(written, name)?;
            match number {
                Some(number) if number >= MOST_IMAGES => Err(LoadError::BadOption {
                    name: name.to_owned(),
                    why: format!("The option {name} takes a number below {MOST_IMAGES}."),
                }),
                number => Ok(number),
            }
        };
        Ok(Self {
            image: number(IMAGE)?,
            upload_number: number(UPLOAD_NUMBER)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_number_is_read_and_a_wrong_one_is_refused() {
        let read = |name: &str, value: serde_json::Value| {
            SmpOptions::read(&Options::from_iter([(name.to_owned(), value)]))
        };
        assert_eq!(read("image", "1".into()).unwrap().image, Some(1));
        assert_eq!(
            SmpOptions::read(&Options::new()).unwrap(),
            SmpOptions::default()
        );
        for (name, value) in [("image", "x"), ("image", "99"), ("core", "1")] {
            let error = read(name, value.into()).unwrap_err();
            assert!(matches!(error, LoadError::BadOption { .. }), "{error:?}");
        }
    }
}
