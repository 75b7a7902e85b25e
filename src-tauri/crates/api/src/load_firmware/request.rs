//! What is requested, and under which rules.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use firmdrop_core::{Code, Diagnosis, MIB, Remedy};
use firmdrop_engine::ConfirmationAbout;
use serde::{Deserialize, Serialize};

use super::file_url::{self, FileUrlFault};

/// Largest firmware that is read or downloaded, bytes: whole systems of large readers have some hundred
/// MiB.
pub const LARGEST_FIRMWARE_BYTES: u64 = 512 * MIB;

/// Largest firmware in base64, bytes once decoded. A request is held in memory, with the text beside the
/// bytes; flash of microcontrollers ends at some MiB.
pub const LARGEST_BLOB_BYTES: usize = 64 * 1024 * 1024;

/// Time for everything before the answer, unless the caller sets another. .NET's `HttpClient.Timeout` is
/// 100 s: whoever uses it hears our answer before it gives up.
const USUAL_DEADLINE: Duration = Duration::from_secs(90);

/// The body of a request: exactly one of the two. One that is empty counts as absent, as forms send fields
/// that nobody filled in.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LoadFirmware {
    /// `file://`, `http://` or `https://`, and where the firmware lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The firmware itself, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blob: Option<String>,
}

impl LoadFirmware {
    /// Firmware that lies somewhere.
    pub fn file(address: impl Into<String>) -> Self {
        Self {
            file: Some(address.into()),
            blob: None,
        }
    }

    /// Firmware in base64.
    pub fn blob(base64: impl Into<String>) -> Self {
        Self {
            file: None,
            blob: Some(base64.into()),
        }
    }
}

impl std::fmt::Debug for LoadFirmware {
    /// Neither a blob of many MiB nor an address, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadFirmware")
            .field("file", &self.file.is_some())
            .field("blob", &self.blob.as_ref().map(String::len))
            .finish()
    }
}

/// What a caller may do, and how long it waits. A face sets them by who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRules {
    /// Time for reading or downloading, for the question what the reader is, and for its acceptance, all
    /// together.
    pub deadline: Duration,
    /// Whether files of this computer may be named. A face that takes requests from elsewhere, or from web
    /// pages, says no: else whoever reaches it learns which files are there.
    pub local_files: bool,
    /// Hosts that may lead to private addresses, because a user named them.
    pub allowed_hosts: BTreeSet<String>,
    /// What was confirmed. A load that needs more than that is refused before the reader is touched.
    pub confirmed: Vec<ConfirmationAbout>,
}

impl LoadRules {
    /// For a user of this computer: local files, public hosts, 90 s, nothing confirmed.
    pub fn of_this_user() -> Self {
        Self {
            deadline: USUAL_DEADLINE,
            local_files: true,
            allowed_hosts: BTreeSet::new(),
            confirmed: Vec::new(),
        }
    }

    /// For requests from elsewhere: the same without local files.
    pub fn of_a_remote_caller() -> Self {
        Self {
            local_files: false,
            ..Self::of_this_user()
        }
    }
}

/// Where the firmware comes from.
#[derive(PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Source {
    /// A file of this computer.
    Local(PathBuf),
    /// An http or https address.
    Remote(String),
    /// Base64.
    Blob(String),
}

impl Source {
    /// The one source of a request. Opens nothing.
    pub(crate) fn of(request: LoadFirmware, rules: &LoadRules) -> Result<Self, Diagnosis> {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        match (filled(request.file), filled(request.blob)) {
            (Some(file), None) => Self::of_file(&file, rules),
            (None, Some(blob)) => Ok(Self::Blob(blob)),
            (Some(_), Some(_)) => Err(unclear("Both a file and a blob were given.")),
            (None, None) => Err(unclear("Neither a file nor a blob was given.")),
        }
    }

    fn of_file(file: &str, rules: &LoadRules) -> Result<Self, Diagnosis> {
        match after_scheme(file) {
            Some(("http" | "https", _)) => Ok(Self::Remote(file.to_owned())),
            Some(("file", _)) if !rules.local_files => Err(not_from_here()),
            Some(("file", rest)) => file_url::path(rest).map(Self::Local).map_err(no_file),
            _ => Err(no_scheme(file)),
        }
    }
}

/// The scheme in small letters and what follows `://`, of a scheme that is supported.
fn after_scheme(text: &str) -> Option<(&'static str, &str)> {
    ["file", "http", "https"].into_iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        let rest = rest.strip_prefix("://")?;
        head.eq_ignore_ascii_case(scheme).then_some((scheme, rest))
    })
}

fn unclear(what: &str) -> Diagnosis {
    refused(
        Code::SourceUnclear,
        what,
        "Exactly one of them says which firmware is meant.",
        "Give either a file or a blob.",
    )
}

fn no_scheme(file: &str) -> Diagnosis {
    let plain = file.trim_start_matches(|c: char| !c.is_ascii_graphic());
    if plain.len() < file.len() && after_scheme(plain).is_some() {
        return refused(
            Code::SchemeNotSupported,
            "The file was given with something in front of its scheme.",
            "It begins with a space, or with a character that is not shown.",
            "Remove what stands in front of file://, https:// or http://.",
        )
        .titled("The scheme is not supported");
    }
    let shown: String = file
        .split([':', '/', '\\'])
        .next()
        .map_or_else(String::new, |scheme| {
            scheme
                .chars()
                .take(16)
                .filter(char::is_ascii_alphanumeric)
                .collect()
        });
    let what = match (file.contains(':'), shown.as_str()) {
        (true, scheme) if !scheme.is_empty() => format!("\"{scheme}:\" is not supported."),
        _ => "The file was given without a scheme.".to_owned(),
    };
    refused(
        Code::SchemeNotSupported,
        &what,
        "Firmware is taken from file://, http:// and https:// only.",
        "Begin a file of this computer with file://, an address with https:// or http://.",
    )
    .titled("The scheme is not supported")
}

fn not_from_here() -> Diagnosis {
    refused(
        Code::FileNotReadable,
        "A file of this computer was named.",
        "Whoever asked may not read files of this computer.",
        "Send the firmware as a blob, or by its https address.",
    )
}

fn no_file(fault: FileUrlFault) -> Diagnosis {
    refused(
        Code::FileNotFound,
        "There is no such file on this computer.",
        &format!("{fault}."),
        "Write file:// and the whole path: file:///srv/firmware.bin, file:///C:/firmware.bin.",
    )
}

fn refused(code: Code, what: &str, why: &str, advice: &str) -> Diagnosis {
    Diagnosis::new(code, what, why)
        .state("Nothing was sent.")
        .remedy(Remedy::advice(advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(request: LoadFirmware) -> Option<Code> {
        let source = Source::of(request, &LoadRules::of_this_user());
        source.err().map(|refused| refused.code)
    }

    #[test]
    fn exactly_one_of_file_and_blob_is_taken() {
        let both = LoadFirmware {
            blob: Some("AAAA".into()),
            ..LoadFirmware::file("file:///fw.bin")
        };
        assert_eq!(code(both), Some(Code::SourceUnclear));
        assert_eq!(code(LoadFirmware::default()), Some(Code::SourceUnclear));
        assert_eq!(code(LoadFirmware::file("")), Some(Code::SourceUnclear));
        assert_eq!(code(LoadFirmware::file("file:///fw.bin")), None);
        assert_eq!(code(LoadFirmware::blob("AAAA")), None);
        // Forms send empty fields.
        let form: LoadFirmware = serde_json::from_str(r#"{"File":"","Blob":"AAAA"}"#).unwrap();
        assert_eq!(code(form), None);
        let null: LoadFirmware = serde_json::from_str(r#"{"File":null}"#).unwrap();
        assert_eq!(code(null), Some(Code::SourceUnclear));
    }

    #[test]
    fn only_three_schemes_are_taken_and_a_plain_path_has_none() {
        for file in [
            "ftp://host/fw.bin",
            "sftp://host/fw.bin",
            "data:application/octet-stream;base64,AAAA",
            "fw.bin",
            "/srv/fw.bin",
            r"C:\fw.bin",
            r"\\server\share\fw.bin",
            "//server/fw.bin",
            "file:/fw.bin",
            "http:/host/fw.bin",
            "https//host/fw.bin",
            "filé://x",
            "é",
            "httpss://host/",
            "://",
        ] {
            let refused = code(LoadFirmware::file(file));
            assert_eq!(refused, Some(Code::SchemeNotSupported), "{file}");
        }
        for file in ["FILE:///fw.bin", "HTTPS://host/fw.bin"] {
            assert_eq!(code(LoadFirmware::file(file)), None, "{file}");
        }
    }

    // The contract: the string starts with the scheme.
    #[test]
    fn what_stands_in_front_of_a_scheme_is_not_left_out_and_said_to_be_there() {
        for file in [
            " file:///fw.bin",
            "  https://host/fw.bin",
            "\thttp://host/fw.bin",
            "\nfile:///fw.bin",
            "\u{feff}file:///fw.bin",
            "\u{a0}file:///fw.bin",
        ] {
            let of = Source::of(LoadFirmware::file(file), &LoadRules::of_this_user());
            let refused = of.unwrap_err();
            assert_eq!(refused.code, Code::SchemeNotSupported, "{file:?}");
            assert!(refused.what_happened.contains("in front of"), "{refused:?}");
        }
    }

    #[test]
    fn a_caller_from_elsewhere_names_no_file_of_this_computer_but_addresses_and_blobs() {
        let rules = LoadRules::of_a_remote_caller();
        let of = |request| Source::of(request, &rules).map_err(|refused| refused.code);
        let local = of(LoadFirmware::file("file:///etc/passwd"));
        assert_eq!(local, Err(Code::FileNotReadable));
        // It does not even learn whether its way of writing was right.
        assert_eq!(
            of(LoadFirmware::file("file://")),
            Err(Code::FileNotReadable)
        );
        assert!(of(LoadFirmware::file("https://host/fw.bin")).is_ok());
        assert!(of(LoadFirmware::blob("AAAA")).is_ok());
    }

    #[test]
    fn neither_a_blob_nor_an_address_is_printed() {
        let blob = format!("{:?}", LoadFirmware::blob("U0VDUkVU"));
        assert!(!blob.contains("U0VDUkVU") && blob.contains('8'), "{blob}");
        let file = format!("{:?}", LoadFirmware::file("https://me:pass@host/"));
        assert!(!file.contains("pass"), "{file}");
    }
}
