//! Stable codes of failures. A code never changes its meaning; a retired one is never used
//! again: 104, 114, 115, 205, 206, 414 and 457 are.
//!
//! 1xx file and inspection · 2xx fit and policy · 3xx reader and its link · 4xx a cloud: upload,
//! account, 42x and 43x what the service holds, 45x campaigns · 5xx manifests and their keys · 8xx
//! this computer · 9xx the app itself.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $title:literal;)*) => {
        /// A failure's stable code, written `FD-412`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title] $name = $number,)*
        }

        impl Code {
            /// Every code there is, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The heading: a fact about the person's work, without a full stop.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    EmptyFile = 101, "The file is empty";
    FileChanged = 102, "The file changed while it was being read";
    FileNotFound = 103, "The file is not there";
    FileNotReadable = 105, "The file may not be read";
    NotAFile = 106, "This is not a file";
    DamagedContainer = 107, "The file is damaged";
    Truncated = 108, "The file ends too early";
    TooLarge = 109, "The file is too large";
    HostileArchive = 110, "The archive asks for more than it should";
    ReadFailed = 111, "The file could not be read to its end";
    DownloadFailed = 112, "The file could not be downloaded";
    SchemeNotSupported = 113, "Only https and http addresses can be fetched";
    SourceUnclear = 116, "One source of the firmware is needed";
    Base64Invalid = 117, "The text is not base64";

    DoesNotFit = 201, "The image does not fit this destination";
    AddressNeeded = 202, "A raw image needs its address";
    ConfirmationMissing = 203, "The delivery needs a confirmation";
    NameTooLong = 207, "The name is too long";
    UnknownDestination = 208, "There is no such destination";
    OptionUnknown = 209, "An option does not exist for this destination";
    BenchNotReady = 210, "The bench is not ready";
    NoRecovery = 211, "There is no image to recover the reader with";
    ArgumentInvalid = 212, "What was given cannot be used";

    LinkNotFound = 301, "The reader is not there";
    LinkDenied = 302, "The port may not be opened";
    LinkBusy = 303, "Another program holds the port";
    LinkLost = 304, "The reader went away";
    LinkTimeout = 305, "The reader does not answer";
    ProtocolFault = 306, "The reader's response violates its protocol";
    ReaderRefused = 307, "The reader refused";
    NotReturned = 308, "The reader did not come back after its restart";
    NotActivated = 309, "The reader came back with its old image";
    NotConfirmed = 310, "The reader did not confirm the new image";
    SlotDiffers = 311, "What the reader stored is not what was sent";
    WriteStopped = 312, "The write was stopped";
    RadioOff = 313, "Bluetooth cannot be used";
    AnotherAnswers = 314, "Another reader or program answers";
    NotRestartable = 315, "The reader cannot be restarted from here";

    KeyRefused = 401, "The access key is not accepted";
    HostNotFound = 402, "The host name was not found";
    KeyForbidden = 403, "The access key may not do this";
    HostUnreachable = 404, "The host cannot be reached";
    TlsFailed = 405, "The host's certificate is not accepted";
    NotThisService = 406, "The host answered, but it is not this service";
    ServiceFailed = 407, "The service failed";
    ServiceRefused = 408, "The service refused the request";
    UploadJobGone = 409, "The upload job no longer exists";
    ProxyFailed = 410, "The proxy refused the connection";
    NameTaken = 412, "The name is already taken";
    ServiceTimeout = 413, "The service does not answer";
    ChunkDamaged = 417, "A chunk arrived damaged";
    UploadJobPoisoned = 418, "The upload job does not hold the beginning of the file";
    RemoteDiffers = 421, "The remote copy is not the file that was sent";
    AnswerUnreadable = 422, "The service's answer cannot be read";
    FirmwareImageGone = 423, "The firmware image does not exist";
    BodyTooLarge = 424, "The service refused a body of this size";
    ManifestGone = 425, "The firmware manifest does not exist";
    DeviceGone = 426, "The device does not exist";
    SavedQueryGone = 427, "The saved query does not exist";
    DeviceGroupGone = 428, "The device group does not exist";
    RateLimited = 431, "The service asks to wait";
    FilterUnreadable = 432, "The filter cannot be used";
    NotYetCounted = 433, "The service has no numbers yet";
    ObjectGone = 434, "The service does not hold this";
    ObjectExists = 435, "The service already holds this";
    QuotaReached = 436, "A limit of the account is reached";
    ImportFailed = 437, "The service did not accept the import";
    AccountNotFound = 441, "There is no account of this name";
    AccountExists = 442, "An account of this name exists";
    AccountInvalid = 443, "The account cannot be used as it is";
    KeyMissing = 444, "The account has no access key";
    SignInFailed = 445, "The sign-in failed";
    SignInNeeded = 446, "A sign-in is needed";
    CampaignGone = 450, "The campaign does not exist";
    CampaignWrongPhase = 451, "The campaign's phase does not allow this";
    CampaignLocked = 452, "Only a draft can be changed";
    CampaignIncomplete = 453, "The campaign is not ready to start";
    DeviceConflict = 454, "A device is already in a campaign";
    CampaignNotStarted = 455, "The campaign did not start";
    CountChanged = 456, "The number of devices changed";
    CampaignNoDevices = 458, "No device matches";

    ManifestDiffers = 501, "The manifest belongs to another image";
    ManifestSignatureInvalid = 502, "The signature does not belong to this manifest and key";
    DevelopmentKey = 503, "This is a development key";
    ManifestUnreadable = 504, "The manifest cannot be read";
    ManifestImpossible = 505, "No manifest can be made from this";
    ManifestKeyUnreadable = 506, "The key cannot be read";
    VersionNotGreater = 507, "The version is not greater";
    ManifestTooLarge = 508, "The manifest is too large";
    ManifestKeyExists = 509, "A key of this name exists";
    ManifestKeyNotFound = 510, "There is no key of this name";
    CertificateUnusable = 511, "The certificate cannot be used";

    DiskFull = 811, "The disk is full";
    HomeNotWritable = 812, "Firmdrop's own folder cannot be written";
    JournalDamaged = 813, "The journal cannot be read";
    KeyStoreFailed = 814, "The system's key store refused";
    JobNotFound = 815, "There is no such job";
    JobElsewhere = 816, "Another Firmdrop carries this job out";
    JobNotResumable = 817, "This job cannot be resumed";
    JobCannotDo = 818, "The job is not in a state for this";
    LedgerBroken = 819, "The ledger's chain is broken";
    FileNotWritten = 820, "The file could not be written";
    StepOverdue = 821, "A step took too long";
    KeyStoreAbsent = 822, "This system has no key store";
    LedgerUnusable = 823, "The ledger was not verified";
    FixUnknown = 824, "There is no such fix";
    SystemNotChanged = 825, "The system was not changed";
    DemoNotOpened = 826, "The demo world was not opened";

    Internal = 901, "Firmdrop found a contradiction and stopped";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FD-{}", *self as u16)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = Self::ALL.iter().find(|code| code.to_string() == text);
        known
            .copied()
            .ok_or_else(|| D::Error::custom(format!("no such code: {text}")))
    }
}

#[cfg(feature = "specta")]
impl specta::Type for Code {
    /// One of the texts that the codes print as.
    fn definition(_: &mut specta::Types) -> specta::datatype::DataType {
        let mut texts = specta::datatype::Enum::default();
        let each = Self::ALL.iter();
        texts.variants = each
            .map(|code| (code.to_string().into(), specta::datatype::Variant::unit()))
            .collect();
        texts.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_has_a_heading_without_a_full_stop() {
        for code in Code::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), *code);
            assert!(
                !code.title().is_empty() && !code.title().ends_with('.'),
                "{code}"
            );
        }
    }

    #[test]
    fn no_number_is_used_twice_and_they_stand_in_order() {
        assert!(Code::ALL.is_sorted_by(|a, b| (*a as u16) < (*b as u16)));
    }
}
