//! The ten messages of the contract, and which failure is called what.

use firmdrop_core::{Code, Diagnosis};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// What an answer of status 422 says. The texts are the contract's own, word for word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoadMessage {
    /// Both a file and a blob, or neither.
    InvalidArguments,
    /// The file begins with neither `file://`, `http://` nor `https://`.
    SchemeNotSupported,
    /// No local file of this name, or the host answered 404.
    FileNotFound,
    /// The local file may not be read, or the host answered 401 or 403.
    AccessDenied,
    /// The file could not be downloaded for any other reason.
    DownloadFailed,
    /// A local file is there and cannot be read.
    ReadFailed,
    /// The blob is not base64.
    InvalidBase64,
    /// It is no firmware image that this reader can take.
    UnsupportedContent,
    /// The reader cannot be loaded, at least as it is now.
    NotAvailable,
    /// The reader did not accept the upgrade, or broke it off later.
    Failed,
}

impl LoadMessage {
    /// All of them, in the order of the contract.
    pub const ALL: [Self; 10] = [
        Self::InvalidArguments,
        Self::SchemeNotSupported,
        Self::FileNotFound,
        Self::AccessDenied,
        Self::DownloadFailed,
        Self::ReadFailed,
        Self::InvalidBase64,
        Self::UnsupportedContent,
        Self::NotAvailable,
        Self::Failed,
    ];

    /// Its text.
    pub const fn text(self) -> &'static str {
        match self {
            Self::InvalidArguments => "Invalid arguments",
            Self::SchemeNotSupported => "Scheme not supported",
            Self::FileNotFound => "File not found",
            Self::AccessDenied => "Access denied",
            Self::DownloadFailed => "Download failed",
            Self::ReadFailed => "Read failed",
            Self::InvalidBase64 => "Invalid base64 string",
            Self::UnsupportedContent => "Unsupported content",
            Self::NotAvailable => "Not available",
            Self::Failed => "Failed",
        }
    }

    /// What the failure of a file, of an image or of a transfer is called; `None` when none of the
    /// messages says it: a full disk, a journal that cannot be written, a user who stopped it.
    pub fn of(failure: &Diagnosis) -> Option<Self> {
        Some(match failure.code {
            Code::SourceUnclear => Self::InvalidArguments,
            Code::SchemeNotSupported => Self::SchemeNotSupported,
            Code::FileNotFound => Self::FileNotFound,
            Code::FileNotReadable => Self::AccessDenied,
            Code::DownloadFailed => Self::DownloadFailed,
            Code::FileChanged | Code::NotAFile | Code::ReadFailed => Self::ReadFailed,
            Code::Base64Invalid => Self::InvalidBase64,
            Code::EmptyFile
            | Code::DamagedContainer
            | Code::Truncated
            | Code::TooLarge
            | Code::HostileArchive
            | Code::DoesNotFit
            | Code::AddressNeeded => Self::UnsupportedContent,
            Code::LinkNotFound
            | Code::LinkDenied
            | Code::LinkBusy
            | Code::LinkLost
            | Code::LinkTimeout
            | Code::RadioOff
            | Code::ProtocolFault
            | Code::ReaderRefused
            | Code::NotReturned
            | Code::AnotherAnswers
            | Code::NotActivated
            | Code::NotConfirmed
            | Code::SlotDiffers
            | Code::StepOverdue => Self::Failed,
            _ => return None,
        })
    }
}

impl std::fmt::Display for LoadMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

impl Serialize for LoadMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl<'de> Deserialize<'de> for LoadMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = Self::ALL.into_iter().find(|message| message.text() == text);
        known.ok_or_else(|| D::Error::custom("no such message"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_those_of_the_contract_and_read_back() {
        let texts = [
            "Invalid arguments",
            "Scheme not supported",
            "File not found",
            "Access denied",
            "Download failed",
            "Read failed",
            "Invalid base64 string",
            "Unsupported content",
            "Not available",
            "Failed",
        ];
        assert_eq!(LoadMessage::ALL.map(LoadMessage::text), texts);
        for message in LoadMessage::ALL {
            let json = serde_json::to_string(&message).unwrap();
            assert_eq!(json, format!("\"{message}\""));
            assert_eq!(serde_json::from_str::<LoadMessage>(&json).unwrap(), message);
        }
        assert!(serde_json::from_str::<LoadMessage>("\"failed\"").is_err());
    }

    #[test]
    fn every_failure_of_a_reader_has_a_message_and_none_of_this_computer_has_one() {
        for code in Code::ALL {
            let message = LoadMessage::of(&Diagnosis::new(*code, "", ""));
            match *code as u16 {
                301..=311 => assert_eq!(message, Some(LoadMessage::Failed), "{code}"),
                400..=600 | 811..=820 | 822.. => assert_eq!(message, None, "{code}"),
                _ => {}
            }
        }
    }
}
