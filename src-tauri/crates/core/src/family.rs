//! What failures have in common, for a list that a person reads.

use serde::{Deserialize, Serialize};

use crate::Code;

/// What a code is about. The hundreds of its number say it; campaigns have a range of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Family {
    /// 1xx: the file itself.
    File,
    /// 2xx: whether it may go there.
    Fit,
    /// 3xx: a reader and the line to it.
    Reader,
    /// 4xx: a cloud account and what the service holds.
    Cloud,
    /// 45x to 49x: campaigns and their devices.
    Campaign,
    /// 5xx: manifests and their keys.
    Manifest,
    /// 8xx: this computer.
    Computer,
    /// 9xx: Firmdrop itself.
    Firmdrop,
}

impl Family {
    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::File => "File and inspection",
            Self::Fit => "Fit and destination",
            Self::Reader => "Reader and its line",
            Self::Cloud => "Cloud account and upload",
            Self::Campaign => "Campaigns and devices",
            Self::Manifest => "Manifests and keys",
            Self::Computer => "This computer",
            Self::Firmdrop => "Firmdrop itself",
        }
    }

    /// What a failure of this kind means for the person whose work it stopped.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::File => "The file cannot be used as it is. Nothing was sent.",
            Self::Fit => {
                "The image and the destination do not go together as asked. Nothing was sent."
            }
            Self::Reader => {
                "The reader or the connection to it failed. The job says what the reader runs now."
            }
            Self::Cloud => {
                "The service, or the way there, refused. The job says what the service stores."
            }
            Self::Campaign => {
                "The service refuses this for the campaign or its devices as they are now."
            }
            Self::Manifest => "The manifest or its key cannot be used. Devices would refuse it.",
            Self::Computer => {
                "A disk, a key store or another program on this computer is in the way."
            }
            Self::Firmdrop => {
                "A fault of ours. It stopped before harm; send the details to support."
            }
        }
    }
}

impl Code {
    /// What it is about.
    pub const fn family(self) -> Family {
        match self as u16 {
            100..=199 => Family::File,
            200..=299 => Family::Fit,
            300..=399 => Family::Reader,
            400..=449 => Family::Cloud,
            450..=499 => Family::Campaign,
            500..=599 => Family::Manifest,
            800..=899 => Family::Computer,
            _ => Family::Firmdrop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_of_the_nine_hundreds_are_our_own_fault() {
        for code in Code::ALL {
            let own = *code as u16 >= 900;
            assert_eq!(code.family() == Family::Firmdrop, own, "{code}");
        }
        assert_eq!(Code::NameTaken.family(), Family::Cloud);
    }
}
