//! Event codes of updates, and the four summaries they fall under.
//!
//! The codes and what they stand for are the vendor's (API reference and the header
//! `update-client-hub` of its device client); the descriptions are ours.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How the service sums events up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Summary {
    Fail,
    Info,
    Skipped,
    Success,
}

impl Summary {
    /// All of them, in the order the service lists them.
    pub(crate) const ALL: [Self; 4] = [Self::Fail, Self::Info, Self::Skipped, Self::Success];

    /// Its id in paths.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Info => "info",
            Self::Skipped => "skipped",
            Self::Success => "success",
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Fail => "FAIL",
            Self::Info => "INFO",
            Self::Skipped => "SKIPPED",
            Self::Success => "SUCCESS",
        }
    }
}

/// An event code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    /// `SYS_100`: the device waits for its manifest.
    Waits,
    /// `SYS_105`: it has its manifest.
    Delivered,
    /// `SYS_110`: it runs this firmware already.
    HasIt,
    /// `UPD4_OK_100`: it runs the new firmware.
    Updated,
    /// `UPD4_FAIL_n`: it gave up.
    Failed(u16),
}

impl Code {
    pub(crate) const fn summary(self) -> Summary {
        match self {
            Self::Waits | Self::Delivered => Summary::Info,
            Self::HasIt => Summary::Skipped,
            Self::Updated => Summary::Success,
            Self::Failed(_) => Summary::Fail,
        }
    }

    /// Its id in paths.
    pub(crate) fn id(self) -> String {
        self.to_string().to_lowercase()
    }

    /// Groups failures by where they happen.
    pub(crate) const fn category(self) -> &'static str {
        match self {
            Self::Waits | Self::Delivered => "INFO",
            Self::HasIt => "SKIPPED",
            Self::Updated => "SUCCESS",
            Self::Failed(200..=299) => "FAIL_MANIFEST_REJECTED",
            Self::Failed(300..=399) => "FAIL_DOWNLOAD",
            Self::Failed(400..=499) => "FAIL_PROCESSING",
            Self::Failed(500..=599) => "FAIL_INSTALLATION",
            Self::Failed(_) => "FAIL",
        }
    }

    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::Waits => "The device has not been sent the manifest yet",
            Self::Delivered => "The device was sent the manifest and has not reported",
            Self::HasIt => "The device runs this firmware already",
            Self::Updated => "The device runs the new firmware",
            Self::Failed(number) => failure(number),
        }
    }
}

const fn failure(number: u16) -> &'static str {
    match number {
        215 => "The manifest is for another vendor",
        216 => "The manifest is for another class of devices",
        221 => "The manifest's version is not newer than what the device runs",
        225 => "The device has no room for the payload",
        200..=299 => "The device refused the manifest",
        303 => "The download took too long",
        306 => "The connection was lost during the download",
        307 => "There is no payload at this address",
        309 => "The payload is not the one the manifest names",
        300..=399 => "The device could not download the payload",
        408 => "The device could not store the payload",
        400..=499 => "The device could not process the payload",
        501 => "The device could not store the new firmware",
        504 => "The installed firmware has another hash than the manifest says",
        500..=599 => "The device could not install the firmware",
        _ => "The update failed",
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waits => f.write_str("SYS_100"),
            Self::Delivered => f.write_str("SYS_105"),
            Self::HasIt => f.write_str("SYS_110"),
            Self::Updated => f.write_str("UPD4_OK_100"),
            Self::Failed(number) => write!(f, "UPD4_FAIL_{number}"),
        }
    }
}
