//! What a file of an update is, as far as a handler is chosen by it.

use serde::Deserialize;

/// Magic numbers of the archives in which images of `SWUpdate` come. Source: its documentation,
/// "software image format"; cpio(5), new ASCII format and its CRC variant.
const CPIO: [&[u8]; 2] = [b"070701", b"070702"];
/// Where the name of the first entry begins in such an archive. Source: cpio(5).
const CPIO_NAME: usize = 110;
/// The first entry of an image of `SWUpdate`.
const SWU_FIRST: &[u8] = b"sw-description\0";

/// Beginning of a file that shows its kind, bytes. An APT manifest has to fit.
pub const HEAD_BYTES: usize = 64 * 1024;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKind {
    /// An image of `SWUpdate`.
    Swu,
    /// An APT manifest: which Debian packages.
    Apt {
        /// Its name.
        name: String,
        /// Its version.
        version: String,
    },
    /// A script.
    Script,
    /// Anything else.
    Other,
}

/// An APT manifest. Source: article "APT manifest" of Device Update.
#[derive(Deserialize)]
struct AptManifest {
    name: String,
    version: String,
    packages: Vec<serde::de::IgnoredAny>,
}

impl FileKind {
    /// What a file is, by its first bytes ([`HEAD_BYTES`], or all of them when it is shorter) and,
    /// where they say nothing, by its name.
    pub fn of(name: &str, head: &[u8]) -> Self {
        let end = |suffix: &str| name.to_ascii_lowercase().ends_with(suffix);
        let is_cpio = CPIO.iter().any(|magic| head.starts_with(magic));
        let first = head.get(CPIO_NAME..).unwrap_or_default();
        if is_cpio && first.starts_with(SWU_FIRST) || end(".swu") {
            return Self::Swu;
        }
        if let Ok(apt) = serde_json::from_slice::<AptManifest>(head)
            && !apt.packages.is_empty()
        {
            return Self::Apt {
                name: apt.name,
                version: apt.version,
            };
        }
        if head.starts_with(b"#!") || end(".sh") || end(".ps1") {
            return Self::Script;
        }
        Self::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_and_then_the_name() {
        let mut swu = b"070702".to_vec();
        swu.resize(CPIO_NAME, b'0');
        swu.extend_from_slice(b"sw-description\0");
        assert_eq!(FileKind::of("image", &swu), FileKind::Swu);
        assert_eq!(FileKind::of("image.SWU", b""), FileKind::Swu);
        assert_eq!(FileKind::of("cpio", b"070701"), FileKind::Other);
        let apt =
            br#"{"name":"n","version":"1","packages":[{"name":"p"}],"agentRestartRequired":false}"#;
        let expected = FileKind::Apt {
            name: "n".into(),
            version: "1".into(),
        };
        assert_eq!(FileKind::of("x.json", apt), expected);
        assert_eq!(
            FileKind::of("x.json", br#"{"name":"n","packages":[]}"#),
            FileKind::Other
        );
        assert_eq!(FileKind::of("x", b"#!/bin/sh\n"), FileKind::Script);
        assert_eq!(FileKind::of("x.deb", b"!<arch>\n"), FileKind::Other);
    }
}
